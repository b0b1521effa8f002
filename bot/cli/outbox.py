"""`dlvm outbox`: list undelivered messages, and retry or drop them."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime

from bot.bootstrap import core
from bot.settings import Settings
from storage import outbox
from storage.database import Database
from storage.facts import OutboxEntry, OutboxState, PossibleDuplicate, Reminder

SHOWN_STATES = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.HELD, OutboxState.DEAD)
MAX_ENTRIES = 200

_STATE_DESCRIPTIONS = {
    OutboxState.PENDING: "sent at the next attempt",
    OutboxState.SENDING: "being sent",
    OutboxState.AMBIGUOUS: "Slack might have it; dlvm checks before it sends it again",
    OutboxState.HELD: "waiting until the channel or workspace can be reached",
    OutboxState.DEAD: "given up",
}
_COLUMNS = ("id", "channel", "message", "next try (UTC)", "tries", "last error")


def show(settings: Settings, *, as_json: bool) -> int:
    """Print the undelivered entries and the possible duplicates."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        entries = outbox.list_by_state(session, SHOWN_STATES, MAX_ENTRIES)
        duplicates = outbox.list_possible_duplicates(session)
    database.close()
    sys.stdout.write(_render_json(entries, duplicates) if as_json else _render_tables(entries, duplicates))
    return 0


def retry(settings: Settings, entry_id: int) -> int:
    """Schedule an entry for the next tick. Return exit code 1 if its state doesn't allow that."""
    database = core.prepare_database(settings)
    done = database.run(lambda session: outbox.retry(session, entry_id, core.now()))
    return _report(database, entry_id, "will be sent at the next tick", done=done)


def drop(settings: Settings, entry_id: int) -> int:
    """Give up an entry. Return exit code 1 if its state doesn't allow that."""
    database = core.prepare_database(settings)
    done = database.run(lambda session: outbox.drop(session, entry_id))
    return _report(database, entry_id, "was dropped", done=done)


def _report(database: Database, entry_id: int, message: str, *, done: bool) -> int:
    with database.read_only() as session:
        entry = outbox.find(session, entry_id)
    database.close()
    if done:
        sys.stdout.write(f"Entry {entry_id} {message}.\n")
        return 0
    reason = f"is {entry.state.value}; nothing was changed" if entry else "doesn't exist; dlvm outbox lists the entries"
    sys.stderr.write(f"Entry {entry_id} {reason}.\n")
    return 1


def _render_json(
    entries_with_times: Sequence[tuple[OutboxEntry, datetime]], duplicates: Sequence[PossibleDuplicate]
) -> str:
    from bot.cli.rendering import to_json_value

    entries = [
        {**to_json_value(entry), "next_try_at": to_json_value(next_try_at)} for entry, next_try_at in entries_with_times
    ]
    return json.dumps({"entries": entries, "possible_duplicates": to_json_value(duplicates)}, indent=2) + "\n"


def _render_tables(entries: Sequence[tuple[OutboxEntry, datetime]], duplicates: Sequence[PossibleDuplicate]) -> str:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    with console.capture() as output:
        if not entries:
            console.print("Nothing is on its way, and nothing is stuck.")
        for state in dict.fromkeys(entry.state for entry, _ in entries):
            title = f"{state.value}: {_STATE_DESCRIPTIONS[state]}"
            table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
            for name in _COLUMNS:
                table.add_column(name, style="dim" if name == "id" else "")
            for entry, next_try_at in entries:
                if entry.state is state:
                    table.add_row(*_build_row(entry, next_try_at))
            console.print(table)
        if duplicates:
            console.print(
                "1 possible duplicate:" if len(duplicates) == 1 else f"{len(duplicates)} possible duplicates:"
            )
        for duplicate in duplicates[:MAX_ENTRIES]:
            channel = f"{duplicate.workspace_id} {duplicate.channel_id}"
            console.print(f"  {duplicate.recorded_at:%Y-%m-%d %H:%M} {channel}: {duplicate.reason}")
        if any(entry.state in {OutboxState.DEAD, OutboxState.HELD} for entry, _ in entries):
            console.print("To send a message again: dlvm outbox retry ID. To give it up: dlvm outbox drop ID.")
    return output.get()


def _format_kind(reminder: Reminder) -> str:
    detail = reminder.health.value if reminder.health else ""
    if reminder.milestone is not None and not reminder.subject:
        detail = str(reminder.rung)
    return f"{reminder.kind.value} {detail}".rstrip()


def _build_row(entry: OutboxEntry, next_try_at: datetime) -> tuple[str, ...]:
    reminder = entry.reminder
    is_scheduled = entry.state not in {OutboxState.HELD, OutboxState.DEAD}
    return (
        str(entry.entry_id),
        f"{reminder.workspace_id} {reminder.channel_id}",
        f"{reminder.version or reminder.subject} {reminder.milestone_date}, {_format_kind(reminder)}".lstrip(),
        f"{next_try_at:%Y-%m-%d %H:%M}" if is_scheduled else "",
        str(entry.attempt),
        entry.error,
    )
