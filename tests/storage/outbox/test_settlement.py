from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from storage import outbox
from storage.database import Database
from storage.facts import OutboxEntry, OutboxState
from tests.storage.factories import LEASE, NOW, claim, make_rung, plan_channels, subscribe

LATER = NOW + timedelta(minutes=5)


def _find_entry(database: Database) -> OutboxEntry:
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C0000")
    return entry


def _claim(database: Database, at: datetime = NOW, owner: str = "worker-1") -> OutboxEntry:
    with database.transaction() as session:
        if at == NOW:
            plan_channels(session)
        (entry,) = claim(session, at, owner)
    return entry


def _settle(database: Database, entry: OutboxEntry, state: OutboxState, **changes: object) -> bool:
    with database.transaction() as session:
        return outbox.settle(session, entry, state=state, now=NOW, **changes)  # type: ignore[arg-type] # the arguments have several types


def test_a_sent_entry_stores_its_time_and_timestamp(database: Database) -> None:
    assert _settle(database, _claim(database), OutboxState.SENT, message_ts="1700000000.000100")
    entry = _find_entry(database)
    assert (entry.state, entry.sent_at, entry.message_ts) == (OutboxState.SENT, NOW, "1700000000.000100")
    assert (entry.owner, entry.ambiguous_since, entry.error) == ("", None, "")


def test_a_refused_entry_waits_for_its_next_attempt(database: Database) -> None:
    assert _settle(database, _claim(database), OutboxState.PENDING, error="ratelimited", next_try_at=LATER)
    assert (_find_entry(database).state, _find_entry(database).error) == (OutboxState.PENDING, "ratelimited")
    with database.transaction() as session:
        assert claim(session, LATER - timedelta(seconds=1)) == ()
        (entry,) = claim(session, LATER)
    assert (entry.attempt, entry.ambiguous_since) == (2, None)


def test_an_ambiguous_entry_keeps_the_first_time(database: Database) -> None:
    assert _settle(database, _claim(database), OutboxState.AMBIGUOUS, next_try_at=LATER)
    assert _find_entry(database).ambiguous_since == NOW
    again = _claim(database, LATER, "worker-2")
    assert again.ambiguous_since == NOW
    assert _settle(database, again, OutboxState.AMBIGUOUS, next_try_at=LATER)
    assert _find_entry(database).ambiguous_since == NOW


@pytest.mark.parametrize("state", [OutboxState.DEAD, OutboxState.HELD, OutboxState.SUPERSEDED, OutboxState.SENT])
def test_a_settled_entry_is_not_claimed_again(database: Database, state: OutboxState) -> None:
    assert _settle(database, _claim(database), state, error="invalid_blocks")
    with database.transaction() as session:
        assert claim(session, NOW + timedelta(days=400)) == ()
    assert (_find_entry(database).state, _find_entry(database).error) == (state, "invalid_blocks")


def test_a_lost_lease_cannot_settle_an_entry(database: Database) -> None:
    zombie = _claim(database)
    successor = _claim(database, NOW + LEASE * 2, "worker-2")
    assert not _settle(database, zombie, OutboxState.SENT, message_ts="1.1")
    assert _find_entry(database).state is OutboxState.SENDING
    assert _settle(database, successor, OutboxState.SENT, message_ts="2.2")
    assert _find_entry(database).message_ts == "2.2"


@pytest.mark.parametrize("stale", [{"owner": "worker-2"}, {"attempt": 2}, {"entry_id": 404}])
def test_only_the_current_claim_settles_an_entry(database: Database, stale: dict[str, object]) -> None:
    entry = _claim(database)
    assert not _settle(database, replace(entry, **stale), OutboxState.SENT)
    assert _settle(database, entry, OutboxState.SENT)


def test_settling_twice_changes_nothing(database: Database) -> None:
    entry = _claim(database)
    assert _settle(database, entry, OutboxState.SENT, message_ts="1.1")
    assert not _settle(database, entry, OutboxState.PENDING)
    assert _find_entry(database).state is OutboxState.SENT


def test_a_settlement_can_be_rolled_back(database: Database) -> None:
    entry = _claim(database)
    with database.transaction() as session:
        assert outbox.settle(session, entry, state=OutboxState.SENT, now=NOW)
        session.rollback()
    assert _find_entry(database).state is OutboxState.SENDING


@pytest.mark.parametrize("error", ["", "x" * 5_000, "line\nline", "a\x00b"])
def test_any_error_is_stored_shortened(database: Database, error: str) -> None:
    assert _settle(database, _claim(database), OutboxState.DEAD, error=error)
    stored = _find_entry(database).error
    assert len(stored) <= 200
    assert "\x00" not in stored


def test_last_sent_is_listed_by_version(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = subscribe(session, target="all")
        for version, days in (("pytorch-2.7", 90), ("pytorch-2.7", 60), ("pytorch-2.6", 60), ("pytorch-2.5", 60)):
            outbox.plan(session, schedule_id, make_rung(days, version=version))
            for entry in claim(session):
                state = OutboxState.DEAD if version == "pytorch-2.5" else OutboxState.SENT
                outbox.settle(session, entry, state=state, now=NOW + timedelta(days=90 - days))
        sent = outbox.get_last_sent(session, "T1", "C1")
        assert sent == {"pytorch-2.7": NOW + timedelta(days=30), "pytorch-2.6": NOW + timedelta(days=30)}
        assert all(moment.utcoffset() == timedelta(0) for moment in sent.values())
        assert outbox.get_last_sent(session, "T2", "C1") == {}


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 1, 1), (-1, 0, 0), (1, 2, 0)])
def test_sent_between_includes_the_start_only(database: Database, start: int, end: int, expected: int) -> None:
    _settle(database, _claim(database), OutboxState.SENT)
    hour = timedelta(hours=1)
    with database.read_only() as session:
        for workspace, count in (("T1", expected), ("T2", 0)):
            entries = outbox.list_sent_between(session, workspace, "C0000", NOW + start * hour, NOW + end * hour)
            assert len(entries) == count


def test_entries_of_two_workspaces_do_not_mix(database: Database) -> None:
    with database.transaction() as session:
        for workspace in ("T1", "T2"):
            schedule_id = subscribe(session, workspace=workspace)
        outbox.plan(session, schedule_id, make_rung())
        for workspace in ("T1", "T2"):
            assert [entry.reminder.workspace_id for entry in outbox.list_for_channel(session, workspace, "C1")] == [
                workspace
            ]
