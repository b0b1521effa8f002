"""`dlvm outbox`: what has not reached its channel, and what the operator does about it."""

import json
import sys
from datetime import datetime
from typing import Any

from bot.bootstrap import core
from bot.settings import Settings
from storage import outbox
from storage.database import Database
from storage.facts import OutboxEntry, OutboxState, PossibleRepeat

SHOWN = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.HELD, OutboxState.DEAD)
MOST = 200

_MEANING = {
    OutboxState.PENDING: "will be sent at its next try",
    OutboxState.SENDING: "being sent",
    OutboxState.AMBIGUOUS: "Slack may hold it; looked for before it is sent again",
    OutboxState.HELD: "waits until its channel or workspace can be reached",
    OutboxState.DEAD: "given up",
}


def show(settings: Settings, *, as_json: bool) -> int:
    """Prints every entry that is on its way or stuck, and each message that may stand twice."""
    database = core.ready(settings)
    with database.reading() as session:
        found = outbox.listed(session, SHOWN, MOST)
        repeats = outbox.possible_repeats(session)
    database.close()
    sys.stdout.write(_json(found, repeats) if as_json else _drawn(found, repeats))
    return 0


def retry(settings: Settings, entry_id: int) -> int:
    """Has an entry sent at the next tick; 1 where it is not one that can be."""
    database = core.ready(settings)
    done = database.run(lambda session: outbox.retry(session, entry_id, core.now()))
    return _told(database, entry_id, "will be sent at the next tick", done=done)


def drop(settings: Settings, entry_id: int) -> int:
    """Gives an entry up; 1 where it is not one that can be."""
    database = core.ready(settings)
    done = database.run(lambda session: outbox.drop(session, entry_id))
    return _told(database, entry_id, "is dropped", done=done)


def _told(database: Database, entry_id: int, what: str, *, done: bool) -> int:
    with database.reading() as session:
        entry = outbox.find(session, entry_id)
    database.close()
    if done:
        sys.stdout.write(f"Entry {entry_id} {what}.\n")
        return 0
    why = f"is {entry.state.value}, so nothing was changed" if entry else "does not exist: dlvm outbox lists them"
    sys.stderr.write(f"Entry {entry_id} {why}.\n")
    return 1


def _json(found: tuple[tuple[OutboxEntry, datetime], ...], repeats: tuple[PossibleRepeat, ...]) -> str:
    from bot.cli.rendering import plain  # noqa: PLC0415 - beside its only use

    entries = [{**plain(entry), "next_try_at": plain(next_try_at)} for entry, next_try_at in found]
    return json.dumps({"entries": entries, "possible_repeats": plain(repeats)}, indent=2) + "\n"


def _drawn(found: tuple[tuple[OutboxEntry, datetime], ...], repeats: tuple[PossibleRepeat, ...]) -> str:
    from rich.console import Console  # noqa: PLC0415 - JSON needs none of it
    from rich.table import Table  # noqa: PLC0415 - the same

    console = Console(highlight=False)
    with console.capture() as held:
        if not found:
            console.print("Nothing is on its way, and nothing is stuck.")
        for state in dict.fromkeys(entry.state for entry, _ in found):
            table = Table(
                title=f"{state.value}: {_MEANING[state]}", title_justify="left", box=None, padding=(0, 2, 0, 0)
            )
            for name in ("id", "channel", "what", "next try (UTC)", "tries", "last error"):
                table.add_column(name, style="dim" if name == "id" else "")
            for entry, next_try_at in found:
                if entry.state is state:
                    table.add_row(*_row(entry, next_try_at))
            console.print(table)
        if repeats:
            many = "1 message" if len(repeats) == 1 else f"{len(repeats)} messages"
            console.print(f"{many} may stand in the channel twice:")
            for repeat in repeats[:MOST]:
                console.print(f"  {repeat.at:%Y-%m-%d %H:%M} {repeat.workspace_id} {repeat.channel_id}: {repeat.why}")
        if any(entry.state in {OutboxState.DEAD, OutboxState.HELD} for entry, _ in found):
            console.print("dlvm outbox retry ID sends one again, dlvm outbox drop ID gives it up.")
    return held.get()


def _row(entry: OutboxEntry, next_try_at: datetime) -> tuple[Any, ...]:
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
