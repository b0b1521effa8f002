"""`dlvm outbox` as typed by an operator."""

import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import main
from storage import outbox
from storage.database import Database
from storage.facts import OutboxEntry, OutboxState
from tests.storage.factories import NOW, claim, plan_channels


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main.app, ["outbox", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def read_entries() -> Any:
    return json.loads(run("--json"))


def create_entries(database: Database, *states: OutboxState) -> tuple[OutboxEntry, ...]:
    """Create one entry for each state."""
    with database.transaction() as session:
        plan_channels(session, len(states))
        entries = claim(session)
        for entry, state in zip(entries, states, strict=True):
            if state is not OutboxState.SENDING:
                outbox.settle(session, entry, state=state, now=NOW, error="channel_not_found")
    return entries


def test_an_empty_outbox_is_reported() -> None:
    assert "Nothing is on its way, and nothing is stuck." in run()
    assert read_entries() == {"entries": [], "possible_duplicates": []}


def test_each_state_has_its_own_table(sqlite_database: Database) -> None:
    states = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.HELD, OutboxState.DEAD)
    create_entries(sqlite_database, *states)
    output = run()
    for state in states:
        assert f"{state.value}: " in output
    assert "channel_not_found" in output
    assert "dlvm outbox retry ID" in output
    assert {entry["state"] for entry in read_entries()["entries"]} == {state.value for state in states}


def test_a_sent_entry_is_neither_listed_nor_changed(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.SENT)
    assert "Nothing is on its way" in run()
    for verb in ("retry", "drop"):
        assert f"Entry {entry.entry_id} is sent; nothing was changed." in run(verb, str(entry.entry_id), code=1)


def test_an_unknown_entry_is_reported() -> None:
    assert "Entry 7 doesn't exist; dlvm outbox lists the entries." in run("retry", "7", code=1)


def test_a_dead_entry_is_retried(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.DEAD)
    assert run("retry", str(entry.entry_id)) == f"Entry {entry.entry_id} will be sent at the next tick.\n"
    (retried,) = read_entries()["entries"]
    assert (retried["state"], retried["attempt"]) == ("pending", 0)


def test_a_held_entry_is_dropped_and_never_sent(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.HELD)
    assert run("drop", str(entry.entry_id)) == f"Entry {entry.entry_id} was dropped.\n"
    with sqlite_database.transaction() as session:
        assert claim(session, NOW + timedelta(days=1)) == ()


def test_possible_duplicates_are_listed(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.SENT)
    with sqlite_database.transaction() as session:
        outbox.add_possible_duplicate(session, entry, "its answer was lost", NOW)
    assert "1 possible duplicate:" in run()
    assert "its answer was lost" in run()
    assert read_entries()["possible_duplicates"][0]["channel_id"] == entry.reminder.channel_id
