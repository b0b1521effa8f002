"""`dlvm outbox`: what has not reached its channel, and what the operator does about it."""

import json
import sys
from datetime import datetime
from typing import Any

from bot.bootstrap import core
from bot.settings import Settings
from storage import outbox
from storage.database import Database
from storage.facts import OutboxEntry, OutboxState, PossibleDuplicate

SHOWN_STATES = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.HELD, OutboxState.DEAD)
MAX_ENTRIES = 200

_STATE_DESCRIPTIONS = {
    OutboxState.PENDING: "will be sent at its next try",
    OutboxState.SENDING: "being sent",
    OutboxState.AMBIGUOUS: "Slack may hold it; looked for before it is sent again",
    OutboxState.HELD: "waits until its channel or workspace can be reached",
    OutboxState.DEAD: "given up",
}


def show(settings: Settings, *, as_json: bool) -> int:
    """Prints every entry that is on its way or stuck, and each message that may stand twice."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        found = outbox.list_by_state(session, SHOWN_STATES, MAX_ENTRIES)
        repeats = outbox.list_possible_duplicates(session)
    database.close()
    sys.stdout.write(_render_json(found, repeats) if as_json else _render_tables(found, repeats))
    return 0


def retry(settings: Settings, entry_id: int) -> int:
    """Has an entry sent at the next tick; 1 where it is not one that can be."""
    database = core.prepare_database(settings)
    done = database.run(lambda session: outbox.retry(session, entry_id, core.now()))
    return _report(database, entry_id, "will be sent at the next tick", done=done)


def drop(settings: Settings, entry_id: int) -> int:
    """Gives an entry up; 1 where it is not one that can be."""
    database = core.prepare_database(settings)
    done = database.run(lambda session: outbox.drop(session, entry_id))
    return _report(database, entry_id, "is dropped", done=done)


def _report(database: Database, entry_id: int, message: str, *, done: bool) -> int:
    with database.read_only() as session:
        entry = outbox.find(session, entry_id)
    database.close()
    if done:
        sys.stdout.write(f"Entry {entry_id} {message}.\n")
        return 0
    why = f"is {entry.state.value}, so nothing was changed" if entry else "does not exist: dlvm outbox lists them"
    sys.stderr.write(f"Entry {entry_id} {why}.\n")
    return 1


def _render_json(
    entries_with_times: tuple[tuple[OutboxEntry, datetime], ...], repeats: tuple[PossibleDuplicate, ...]
) -> str:
    from bot.cli.rendering import to_json_value  # noqa: PLC0415 - beside its only use

    entries = [
        {**to_json_value(entry), "next_try_at": to_json_value(next_try_at)} for entry, next_try_at in entries_with_times
    ]
    return json.dumps({"entries": entries, "possible_repeats": to_json_value(repeats)}, indent=2) + "\n"


def _render_tables(entries: tuple[tuple[OutboxEntry, datetime], ...], repeats: tuple[PossibleDuplicate, ...]) -> str:
    from rich.console import Console  # noqa: PLC0415 - JSON needs none of it
    from rich.table import Table  # noqa: PLC0415 - the same

    console = Console(highlight=False)
    with console.capture() as held:
        if not entries:
            console.print("Nothing is on its way, and nothing is stuck.")
        for state in dict.fromkeys(entry.state for entry, _ in entries):
            table = Table(
                title=f"{state.value}: {_STATE_DESCRIPTIONS[state]}",
                title_justify="left",
                box=None,
                padding=(0, 2, 0, 0),
            )
            for name in ("id", "channel", "what", "next try (UTC)", "tries", "last error"):
                table.add_column(name, style="dim" if name == "id" else "")
            for entry, next_try_at in entries:
                if entry.state is state:
                    table.add_row(*_build_row(entry, next_try_at))
            console.print(table)
        if repeats:
            many = "1 message" if len(repeats) == 1 else f"{len(repeats)} messages"
            console.print(f"{many} may stand in the channel twice:")
            for repeat in repeats[:MAX_ENTRIES]:
                console.print(
                    f"  {repeat.recorded_at:%Y-%m-%d %H:%M} {repeat.workspace_id} {repeat.channel_id}: {repeat.reason}"
                )
        if any(entry.state in {OutboxState.DEAD, OutboxState.HELD} for entry, _ in entries):
            console.print("dlvm outbox retry ID sends one again, dlvm outbox drop ID gives it up.")
    return held.get()


def _build_row(entry: OutboxEntry, next_try_at: datetime) -> tuple[Any, ...]:
    reminder = entry.reminder
    what = f"{reminder.version} {reminder.milestone_date}, {reminder.kind.value} {reminder.rung}"
    when = f"{next_try_at:%Y-%m-%d %H:%M}" if entry.state not in {OutboxState.HELD, OutboxState.DEAD} else ""
    return (
        str(entry.entry_id),
        f"{reminder.workspace_id} {reminder.channel_id}",
        what,
        when,
        str(entry.attempt),
        entry.error,
    )
