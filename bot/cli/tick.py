"""`dlvm tick`: plan and deliver once, as of a moment, or show what that would post."""

import json
import sys
from datetime import datetime

from msgspec.structs import asdict

from bot.bootstrap import core
from bot.bootstrap import delivery as acting
from bot.service.delivery.dry_run import DryRun, UnsentReminder, simulate_tick
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings, SettingsError


def tick(settings: Settings, *, at: datetime | None, dry_run: bool, as_json: bool) -> int:
    """Prints what was done, or would be; against Slack itself a moment ahead is only ever a rehearsal."""
    moment = at or core.now()
    ahead = moment > core.now()
    if ahead and settings.is_slack_api_real and not dry_run:
        sys.stderr.write("That moment lies ahead, and reminders would reach people too early: showing them only.\n")
        dry_run = True
    if not dry_run and not settings.has_slack:
        raise SettingsError(("There is no SLACK_BOT_TOKEN to post with: set it, or add --dry-run to see what is due.",))
    return _simulate(settings, moment, as_json=as_json) if dry_run else _deliver(settings, moment, as_json=as_json)


def _simulate(settings: Settings, moment: datetime, *, as_json: bool) -> int:
    database = core.prepare_database(settings)
    found = simulate_tick(database, SnapshotCache(), core.build_default_schedule(settings), moment)
    database.close()
    sys.stdout.write(_render_json(found) if as_json else _render_dry_run(found, moment))
    return 0


def _deliver(settings: Settings, moment: datetime, *, as_json: bool) -> int:
    from bot.bootstrap import application  # noqa: PLC0415 - brings Bolt, which a rehearsal does not need

    database = core.prepare_database(settings)
    acting.build_overrides(database, settings).expire(moment)
    database.close()
    with application.open_delivery_loop(settings) as delivery:
        done = delivery.deliver(lambda: moment)
    if as_json:
        sys.stdout.write(json.dumps(asdict(done)) + "\n")
    else:
        sys.stdout.write(
            f"{moment:%Y-%m-%d %H:%M} UTC: {done.messages} messages posted with {done.sent} reminders;"
            f" {done.waiting} to be tried again, {done.held} held, {done.dead} given up.\n"
        )
    return 0


def _render_json(dry_run: DryRun) -> str:
    from bot.cli.rendering import to_json_value  # noqa: PLC0415 - beside its only use

    return json.dumps(to_json_value(dry_run), indent=1) + "\n"


def _render_dry_run(dry_run: DryRun, moment: datetime) -> str:
    from bot.cli.rendering import render_message  # noqa: PLC0415 - the same
    from bot.slack.blocks.reminders.message import render_reminder  # noqa: PLC0415 - beside its only use

    drawn = [
        render_message(render_reminder(message), title=f"{message.workspace_id} {message.channel_id}")
        for message in dry_run.messages
    ]
    drawn += [_format_unsent(each) for each in dry_run.unsent]
    return "\n".join(drawn) if drawn else f"Nothing is due at {moment:%Y-%m-%d %H:%M} {moment.tzname()}.\n"


def _format_unsent(unsent: UnsentReminder) -> str:
    what = unsent.reminder
    return (
        f"Not sent: {what.workspace_id} {what.channel_id} {what.version} {what.milestone or what.kind}"
        f" {what.milestone_date}, rung {what.rung}: {unsent.reason}.\n"
    )
