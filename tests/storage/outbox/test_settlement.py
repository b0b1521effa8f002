from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from storage import outbox
from storage.database import Database
from storage.facts import OutboxEntry, OutboxState
from tests.storage.factories import LEASE, NOW, claim, make_rung, plan_channels, subscribe

LATER = NOW + timedelta(minutes=5)


def _only(database: Database) -> OutboxEntry:
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C0000")
    return entry


def _claimed(database: Database, at: datetime = NOW, owner: str = "worker-1") -> OutboxEntry:
    with database.transaction() as session:
        if at == NOW:
            plan_channels(session)
        (entry,) = claim(session, at, owner)
    return entry


def _settled(database: Database, entry: OutboxEntry, state: OutboxState, **changes: object) -> bool:
    with database.transaction() as session:
        return outbox.settle(session, entry, state=state, now=NOW, **changes)  # type: ignore[arg-type] # by name


def test_what_was_sent_keeps_when_and_as_what(database: Database) -> None:
    assert _settled(database, _claimed(database), OutboxState.SENT, message_ts="1700000000.000100")
    entry = _only(database)
    assert (entry.state, entry.sent_at, entry.message_ts) == (OutboxState.SENT, NOW, "1700000000.000100")
    assert (entry.owner, entry.ambiguous_since, entry.error) == ("", None, "")


def test_what_was_refused_waits_until_its_next_try(database: Database) -> None:
    assert _settled(database, _claimed(database), OutboxState.PENDING, error="ratelimited", next_try_at=LATER)
    assert (_only(database).state, _only(database).error) == (OutboxState.PENDING, "ratelimited")
    with database.transaction() as session:
        assert claim(session, LATER - timedelta(seconds=1)) == ()
        (entry,) = claim(session, LATER)
    assert (entry.attempt, entry.ambiguous_since) == (2, None)


def test_what_is_ambiguous_remembers_since_when(database: Database) -> None:
    assert _settled(database, _claimed(database), OutboxState.AMBIGUOUS, next_try_at=LATER)
    assert _only(database).ambiguous_since == NOW
    again = _claimed(database, LATER, "worker-2")
    assert again.ambiguous_since == NOW
    assert _settled(database, again, OutboxState.AMBIGUOUS, next_try_at=LATER)
    assert _only(database).ambiguous_since == NOW


@pytest.mark.parametrize("state", [OutboxState.DEAD, OutboxState.HELD, OutboxState.SUPERSEDED, OutboxState.SENT])
def test_what_is_over_is_not_taken_again(database: Database, state: OutboxState) -> None:
    assert _settled(database, _claimed(database), state, error="invalid_blocks")
    with database.transaction() as session:
        assert claim(session, NOW + timedelta(days=400)) == ()
    assert (_only(database).state, _only(database).error) == (state, "invalid_blocks")


def test_a_zombie_cannot_settle_what_another_took(database: Database) -> None:
    zombie = _claimed(database)
    taken_over = _claimed(database, NOW + LEASE * 2, "worker-2")
    assert not _settled(database, zombie, OutboxState.SENT, message_ts="1.1")
    assert _only(database).state is OutboxState.SENDING
    assert _settled(database, taken_over, OutboxState.SENT, message_ts="2.2")
    assert _only(database).message_ts == "2.2"


@pytest.mark.parametrize("stale", [{"owner": "worker-2"}, {"attempt": 2}, {"entry_id": 404}])
def test_only_the_claim_itself_settles(database: Database, stale: dict[str, object]) -> None:
    entry = _claimed(database)
    assert not _settled(database, replace(entry, **stale), OutboxState.SENT)
    assert _settled(database, entry, OutboxState.SENT)


def test_settling_twice_does_nothing_the_second_time(database: Database) -> None:
    entry = _claimed(database)
    assert _settled(database, entry, OutboxState.SENT, message_ts="1.1")
    assert not _settled(database, entry, OutboxState.PENDING)
    assert _only(database).state is OutboxState.SENT


def test_a_settle_that_is_not_committed_never_was(database: Database) -> None:
    entry = _claimed(database)
    with database.transaction() as session:
        assert outbox.settle(session, entry, state=OutboxState.SENT, now=NOW)
        session.rollback()
    assert _only(database).state is OutboxState.SENDING


@pytest.mark.parametrize("error", ["", "x" * 5_000, "line\nline", "a\x00b"])
def test_any_reason_is_kept_in_short_on_both_databases_alike(database: Database, error: str) -> None:
    assert _settled(database, _claimed(database), OutboxState.DEAD, error=error)
    kept = _only(database).error
    assert len(kept) <= 200
    assert "\x00" not in kept


def test_the_last_delivery_is_told_by_version(database: Database) -> None:
    with database.transaction() as session:
        found = subscribe(session, target="all")
        for version, days in (("pytorch-2.7", 90), ("pytorch-2.7", 60), ("pytorch-2.6", 60), ("pytorch-2.5", 60)):
            outbox.plan(session, found, make_rung(days, version=version))
            for entry in claim(session):
                state = OutboxState.DEAD if version == "pytorch-2.5" else OutboxState.SENT
                outbox.settle(session, entry, state=state, now=NOW + timedelta(days=90 - days))
        sent = outbox.get_last_sent(session, "T1", "C1")
        assert sent == {"pytorch-2.7": NOW + timedelta(days=30), "pytorch-2.6": NOW + timedelta(days=30)}
        assert all(moment.utcoffset() == timedelta(0) for moment in sent.values())
        assert outbox.get_last_sent(session, "T2", "C1") == {}


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 1, 1), (-1, 0, 0), (1, 2, 0)])
def test_what_was_sent_in_a_span_includes_its_start_only(
    database: Database, start: int, end: int, expected: int
) -> None:
    _settled(database, _claimed(database), OutboxState.SENT)
    hour = timedelta(hours=1)
    with database.read_only() as session:
        for workspace, count in (("T1", expected), ("T2", 0)):
            found = outbox.list_sent_between(session, workspace, "C0000", NOW + start * hour, NOW + end * hour)
            assert len(found) == count


def test_two_workspaces_never_mix(database: Database) -> None:
    with database.transaction() as session:
        for workspace in ("T1", "T2"):
            found = subscribe(session, workspace=workspace)
        outbox.plan(session, found, make_rung())
        for workspace in ("T1", "T2"):
            assert [e.reminder.workspace_id for e in outbox.list_for_channel(session, workspace, "C1")] == [workspace]
