"""`dlvm outbox`, as the operator types it."""

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
def _on_its_database(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main.app, ["outbox", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def read_entries() -> Any:
    return json.loads(run("--json"))


def create_entries(database: Database, *states: OutboxState) -> tuple[OutboxEntry, ...]:
    """So many entries, each in the state given."""
    with database.transaction() as session:
        plan_channels(session, len(states))
        entries = claim(session)
        for entry, state in zip(entries, states, strict=True):
            if state is not OutboxState.SENDING:
                outbox.settle(session, entry, state=state, now=NOW, error="channel_not_found")
    return entries


def test_nothing_on_its_way_is_said_so() -> None:
    assert "Nothing is on its way, and nothing is stuck." in run()
    assert read_entries() == {"entries": [], "possible_repeats": []}


def test_each_state_has_a_table_of_its_own(sqlite_database: Database) -> None:
    states = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.HELD, OutboxState.DEAD)
    create_entries(sqlite_database, *states)
    drawn = run()
    for state in states:
        assert f"{state.value}: " in drawn
    assert "channel_not_found" in drawn
    assert "dlvm outbox retry ID" in drawn
    assert {entry["state"] for entry in read_entries()["entries"]} == {state.value for state in states}


def test_a_sent_one_is_not_shown_and_neither_retried_nor_dropped(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.SENT)
    assert "Nothing is on its way" in run()
    for verb in ("retry", "drop"):
        assert f"Entry {entry.entry_id} is sent, so nothing was changed." in run(verb, str(entry.entry_id), code=1)


def test_one_that_does_not_exist_is_said_so() -> None:
    assert "Entry 7 does not exist: dlvm outbox lists them." in run("retry", "7", code=1)


def test_a_dead_one_is_retried(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.DEAD)
    assert run("retry", str(entry.entry_id)) == f"Entry {entry.entry_id} will be sent at the next tick.\n"
    (now_pending,) = read_entries()["entries"]
    assert (now_pending["state"], now_pending["attempt"]) == ("pending", 0)


def test_a_held_one_is_dropped_and_never_sent(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.HELD)
    assert run("drop", str(entry.entry_id)) == f"Entry {entry.entry_id} is dropped.\n"
    with sqlite_database.transaction() as session:
        assert claim(session, NOW + timedelta(days=1)) == ()


def test_messages_that_may_stand_twice_are_named(sqlite_database: Database) -> None:
    (entry,) = create_entries(sqlite_database, OutboxState.SENT)
    with sqlite_database.transaction() as session:
        outbox.add_possible_duplicate(session, entry, "its answer was lost", NOW)
    assert "1 message may stand in the channel twice:" in run()
    assert "its answer was lost" in run()
    assert read_entries()["possible_repeats"][0]["channel_id"] == entry.reminder.channel_id
