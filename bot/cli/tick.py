"""`dlvm tick`: plan and deliver once, or show the messages in a dry run."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import AsJson, Context, exit_with_error, format_count, open_context

if TYPE_CHECKING:
    from bot.service.delivery.dry_run import DryRun, UnsentReminder


def tick(
    at: Annotated[str, typer.Option(help="Time to use, e.g. 2027-01-13T09:00:00Z (default: now).")] = "",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Plan and deliver due messages once."""
    from bot.bootstrap import core

    moment = _parse_moment(at) if at else core.now()
    with open_context() as context:
        # A time in the future is always a dry run on the real Slack: reminders would reach people too early.
        if moment > core.now() and context.settings.is_slack_api_real and not dry_run:
            sys.stderr.write("--at is in the future, and reminders would be sent too early. This is a dry run.\n")
            dry_run = True
        if dry_run:
            _simulate(context, moment, as_json=as_json)
        elif context.settings.has_slack:
            _deliver(context, moment, as_json=as_json)
        else:
            exit_with_error("No SLACK_BOT_TOKEN to post with: set it, or add --dry-run to see what is due.")


def _parse_moment(text: str) -> datetime:
    """Return the instant. Without an offset it is in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        exit_with_error(f"--at must be a time like 2027-01-13T09:00:00Z, not {text[:40]!r}.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _simulate(context: Context, moment: datetime, *, as_json: bool) -> None:
    from bot.bootstrap import core
    from bot.cli.rendering import print_json
    from bot.service.delivery.dry_run import simulate_tick
    from bot.service.versions.snapshot import SnapshotCache

    default = core.build_default_schedule(context.settings)
    result = simulate_tick(context.database, SnapshotCache(), default, moment)
    if as_json:
        print_json(result, ensure_ascii=True)
    else:
        sys.stdout.write(_render_dry_run(result, moment))


def _deliver(context: Context, moment: datetime, *, as_json: bool) -> None:
    from bot.bootstrap import application, delivery
    from bot.cli.rendering import print_json

    delivery.build_overrides(context.database, context.settings).expire(moment)
    with application.open_delivery_loop(context.settings) as loop:
        result = loop.deliver(lambda: moment)
    if as_json:
        print_json(result, indent=None)
        return
    posted = f"{format_count(result.messages, 'message')} with {format_count(result.sent, 'reminder')}"
    sys.stdout.write(
        f"{moment:%Y-%m-%d %H:%M} UTC: posted {posted};"
        f" {result.waiting} to retry, {result.held} held, {result.dead} given up.\n"
    )


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
