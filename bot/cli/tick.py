"""`dlvm tick`: plan and deliver once, or show the messages in a dry run."""

import json
import sys
from datetime import datetime

from msgspec.structs import asdict

from bot.bootstrap import core, delivery
from bot.service.delivery.dry_run import DryRun, UnsentReminder, simulate_tick
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings, SettingsError


def tick(settings: Settings, *, at: datetime | None, dry_run: bool, as_json: bool) -> int:
    """Deliver what is due at a time (default: now), and print the counts.

    A time in the future is always a dry run on the real Slack, as reminders would reach people too early.
    """
    moment = at or core.now()
    is_future = moment > core.now()
    if is_future and settings.is_slack_api_real and not dry_run:
        sys.stderr.write("--at is in the future, and reminders would be sent too early. This is a dry run.\n")
        dry_run = True
    if not dry_run and not settings.has_slack:
        raise SettingsError(("No SLACK_BOT_TOKEN to post with: set it, or add --dry-run to see what is due.",))
    return _simulate(settings, moment, as_json=as_json) if dry_run else _deliver(settings, moment, as_json=as_json)


def _simulate(settings: Settings, moment: datetime, *, as_json: bool) -> int:
    database = core.prepare_database(settings)
    dry_run = simulate_tick(database, SnapshotCache(), core.build_default_schedule(settings), moment)
    database.close()
    sys.stdout.write(_render_json(dry_run) if as_json else _render_dry_run(dry_run, moment))
    return 0


def _deliver(settings: Settings, moment: datetime, *, as_json: bool) -> int:
    from bot.bootstrap import application

    database = core.prepare_database(settings)
    delivery.build_overrides(database, settings).expire(moment)
    database.close()
    with application.open_delivery_loop(settings) as loop:
        result = loop.deliver(lambda: moment)
    if as_json:
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
    else:
        messages = "1 message" if result.messages == 1 else f"{result.messages} messages"
        reminders = "1 reminder" if result.sent == 1 else f"{result.sent} reminders"
        sys.stdout.write(
            f"{moment:%Y-%m-%d %H:%M} UTC: posted {messages} with {reminders};"
            f" {result.waiting} to retry, {result.held} held, {result.dead} given up.\n"
        )
    return 0


def _render_json(dry_run: DryRun) -> str:
    from bot.cli.rendering import to_json_value

    return json.dumps(to_json_value(dry_run), indent=1) + "\n"


def _render_dry_run(dry_run: DryRun, moment: datetime) -> str:
    from bot.cli.rendering import render_message
    from bot.slack.blocks.reminders.message import render_reminder

    parts = [
        render_message(render_reminder(message), title=f"{message.workspace_id} {message.channel_id}")
        for message in dry_run.messages
    ]
    parts += map(_format_unsent, dry_run.unsent)
    return "\n".join(parts) if parts else f"Nothing is due at {moment:%Y-%m-%d %H:%M} {moment.tzname()}.\n"


def _format_unsent(unsent: UnsentReminder) -> str:
    reminder = unsent.reminder
    place = f"{reminder.workspace_id} {reminder.channel_id}"
    about = f"{reminder.version} {reminder.milestone or reminder.kind} {reminder.milestone_date}".lstrip()
    step = f", step {reminder.rung}" if reminder.milestone is not None and not reminder.subject else ""
    return f"Not sent: {place} {about}{step}: {unsent.reason}.\n"
