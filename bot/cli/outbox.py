"""`dlvm outbox`: list undelivered messages, and retry or drop them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import AsJson, exit_with_error, format_count, open_context

if TYPE_CHECKING:
    from rich.table import Table

    from storage.database import Database
    from storage.facts import OutboxEntry, PossibleDuplicate, Reminder

MAX_ENTRIES = 200

_STATES = {
    "pending": "sent at the next attempt",
    "sending": "being sent",
    "ambiguous": "Slack might have it; dlvm checks before it sends it again",
    "held": "waiting until the channel or workspace can be reached",
    "dead": "given up",
}
"""Description of each state that is listed."""

_COLUMNS = ("id", "channel", "message", "next try (UTC)", "tries", "last error")

EntryId = Annotated[int, typer.Argument(metavar="ID", help="Number shown by `dlvm outbox`.")]


def show(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List pending, ambiguous, held and dead messages, and possible duplicates."""
    from storage import outbox
    from storage.facts import OutboxState

    if context.invoked_subcommand is not None:
        return
    with open_context() as opened, opened.database.read_only() as session:
        entries = outbox.list_by_state(session, [OutboxState(state) for state in _STATES], MAX_ENTRIES)
        duplicates = outbox.list_possible_duplicates(session)
    if as_json:
        _print_json(entries, duplicates)
    else:
        _print_tables(entries, duplicates)


def retry(entry_id: EntryId) -> None:
    """Send a dead, held or ambiguous message at the next tick."""
    from bot.bootstrap import core
    from storage import outbox

    with open_context() as context:
        is_done = context.database.run(lambda session: outbox.retry(session, entry_id, core.now()))
        _report(context.database, entry_id, "will be sent at the next tick", is_done=is_done)


def drop(entry_id: EntryId) -> None:
    """Give up a message that hasn't been sent."""
    from storage import outbox

    with open_context() as context:
        is_done = context.database.run(lambda session: outbox.drop(session, entry_id))
        _report(context.database, entry_id, "was dropped", is_done=is_done)


def _report(database: Database, entry_id: int, message: str, *, is_done: bool) -> None:
    """Print what was done, or exit with code 1 if the entry's state doesn't allow it."""
    from storage import outbox

    if is_done:
        sys.stdout.write(f"Entry {entry_id} {message}.\n")
        return
    with database.read_only() as session:
        entry = outbox.find(session, entry_id)
    reason = f"is {entry.state.value}; nothing was changed" if entry else "doesn't exist; dlvm outbox lists the entries"
    exit_with_error(f"Entry {entry_id} {reason}.", code=1)


def _print_json(entries: Sequence[tuple[OutboxEntry, datetime]], duplicates: Sequence[PossibleDuplicate]) -> None:
    from bot.cli.rendering import print_json, to_json_value

    listed = [{**to_json_value(entry), "next_try_at": to_json_value(time)} for entry, time in entries]
    content = {"entries": listed, "possible_duplicates": to_json_value(duplicates)}
    print_json(content, indent=2, ensure_ascii=True)


def _print_tables(entries: Sequence[tuple[OutboxEntry, datetime]], duplicates: Sequence[PossibleDuplicate]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    states = dict.fromkeys(entry.state for entry, _ in entries)
    if not states:
        console.print("Nothing is on its way, and nothing is stuck.")
    for state in states:
        console.print(_build_table(state, [pair for pair in entries if pair[0].state is state]))
    if duplicates:
        console.print(f"{format_count(len(duplicates), 'possible duplicate')}:")
    for duplicate in duplicates[:MAX_ENTRIES]:
        channel = f"{duplicate.workspace_id} {duplicate.channel_id}"
        console.print(f"  {duplicate.recorded_at:%Y-%m-%d %H:%M} {channel}: {duplicate.reason}")
    if not states.keys().isdisjoint({"dead", "held"}):
        console.print("To send a message again: dlvm outbox retry ID. To give it up: dlvm outbox drop ID.")


def _build_table(state: str, entries: Sequence[tuple[OutboxEntry, datetime]]) -> Table:
    from rich.table import Table

    table = Table(title=f"{state}: {_STATES[state]}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, style="dim" if name == "id" else "")
    for entry, next_try_at in entries:
        table.add_row(*_build_row(entry, next_try_at))
    return table


def _format_kind(reminder: Reminder) -> str:
    detail = reminder.health.value if reminder.health else ""
    if reminder.milestone is not None and not reminder.subject:
        detail = str(reminder.rung)
    return f"{reminder.kind.value} {detail}".rstrip()


def _build_row(entry: OutboxEntry, next_try_at: datetime) -> tuple[str, ...]:
    reminder = entry.reminder
    return (
        str(entry.entry_id),
        f"{reminder.workspace_id} {reminder.channel_id}",
        f"{reminder.version or reminder.subject} {reminder.milestone_date}, {_format_kind(reminder)}".lstrip(),
        "" if entry.state in {"held", "dead"} else f"{next_try_at:%Y-%m-%d %H:%M}",
        str(entry.attempt),
        entry.error,
    )
