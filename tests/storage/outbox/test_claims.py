import threading
from datetime import timedelta

import pytest

from storage import outbox
from storage.database import Database
from storage.facts import OutboxState
from tests.storage.factories import LEASE, NOW, claim, make_rung, plan_channels, run_in_processes, subscribe

ROWS = 60
SECOND = timedelta(seconds=1)


def test_a_claim_is_empty_if_nothing_is_due(database: Database) -> None:
    with database.transaction() as session:
        assert claim(session) == ()
        plan_channels(session)
        assert claim(session, NOW - SECOND) == ()


def test_an_entry_is_claimed_at_the_instant_it_is_due(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session)
        (entry,) = claim(session)
    assert (entry.state, entry.attempt, entry.owner) == (OutboxState.SENDING, 1, "worker-1")
    assert len(entry.delivery_id) == 32
    assert entry.ambiguous_since is None


def test_a_claimed_entry_is_not_claimed_again(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session, 3)
        assert len(claim(session)) == 3
    with database.transaction() as session:
        assert claim(session, NOW + SECOND, "worker-2") == ()
        assert claim(session, NOW + LEASE, "worker-2") == ()


def test_an_expired_lease_makes_an_entry_ambiguous(database: Database) -> None:
    late = NOW + LEASE + SECOND
    with database.transaction() as session:
        plan_channels(session)
        (first,) = claim(session)
    with database.transaction() as session:
        (second,) = claim(session, late, "worker-2")
    with database.transaction() as session:
        (third,) = claim(session, late + LEASE + SECOND, "worker-3")
    assert (second.owner, second.attempt, second.ambiguous_since) == ("worker-2", 2, NOW)
    assert (third.attempt, third.ambiguous_since) == (3, NOW)
    assert first.delivery_id == second.delivery_id == third.delivery_id


def test_a_claim_takes_whole_channels(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = subscribe(session, "C1", "all")
        for minor in range(5):
            outbox.plan(session, schedule_id, make_rung(version=f"pytorch-2.{minor}"))
        subscribe(session, "C2", "all")
        outbox.plan_channel(session, "T1", "C2", make_rung(at=NOW + SECOND))
        entries = claim(session, NOW + SECOND, limit=1)
    assert [entry.reminder.channel_id for entry in entries] == ["C1"] * 5
    assert len({entry.delivery_id for entry in entries}) == 1


def test_channels_are_claimed_in_order_with_their_own_keys(database: Database) -> None:
    with database.transaction() as session:
        for workspace, channel in (("T2", "C1"), ("T1", "C9"), ("T1", "C2")):
            schedule_id = subscribe(session, channel, workspace=workspace)
        outbox.plan(session, schedule_id, make_rung())
        entries = claim(session)
    channels = [(entry.reminder.workspace_id, entry.reminder.channel_id) for entry in entries]
    assert channels == [("T1", "C2"), ("T1", "C9"), ("T2", "C1")]
    assert len({entry.delivery_id for entry in entries}) == 3


def test_the_next_attempt_is_that_of_an_unfinished_entry(database: Database) -> None:
    with database.transaction() as session:
        assert outbox.get_next_attempt_time(session) is None
        plan_channels(session)
        assert outbox.get_next_attempt_time(session) == NOW
        (entry,) = claim(session)
        outbox.settle(session, entry, state=OutboxState.SENT, now=NOW)
        assert outbox.get_next_attempt_time(session) is None


@pytest.mark.parametrize("state", [OutboxState.PENDING, OutboxState.AMBIGUOUS])
def test_only_an_ambiguous_entry_keeps_its_key(database: Database, state: OutboxState) -> None:
    with database.transaction() as session:
        schedule_id = subscribe(session, target="all")
        outbox.plan(session, schedule_id, make_rung())
        (first,) = claim(session)
        outbox.settle(session, first, state=state, now=NOW, next_try_at=NOW + SECOND)
        outbox.plan(session, schedule_id, make_rung(version="pytorch-2.6", at=NOW + SECOND))
    with database.transaction() as session:
        keys = {entry.reminder.version: entry.delivery_id for entry in claim(session, NOW + SECOND)}
    assert keys["pytorch-2.6"] not in {"", first.delivery_id}
    is_ambiguous = state is OutboxState.AMBIGUOUS
    assert keys["pytorch-2.7"] == (first.delivery_id if is_ambiguous else keys["pytorch-2.6"])


def test_concurrent_threads_claim_each_entry_once(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session, ROWS)
    claimed: list[int] = []
    barrier = threading.Barrier(4)

    def work(owner: str) -> None:
        barrier.wait()
        for _ in range(ROWS):
            with database.transaction(wait=30.0) as session:
                entries = claim(session, owner=owner, limit=7)
            if not entries:
                break
            claimed.extend(entry.entry_id for entry in entries)

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as session:
        claimed.extend(entry.entry_id for entry in claim(session, limit=ROWS))
    assert len(claimed) == len(set(claimed)) == ROWS


def test_concurrent_processes_send_each_entry_once(database_url: str) -> None:
    database = Database(database_url)
    with database.transaction() as session:
        plan_channels(session, ROWS)
    assert run_in_processes(_deliver, 3, database_url) == [0] * 3
    with database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: ROWS}
        entries = [entry for number in range(ROWS) for entry in outbox.list_for_channel(session, "T1", f"C{number:04}")]
    assert {entry.attempt for entry in entries} == {1}
    database.close()


def _deliver(url: str) -> None:
    database = Database(url)
    owner = f"process-{id(database)}-{threading.get_native_id()}"
    empty = 0
    while empty < 3:
        with database.transaction(wait=30.0) as session:
            entries = claim(session, owner=owner, limit=5)
        empty = 0 if entries else empty + 1
        for entry in entries:
            with database.transaction(wait=30.0) as session:
                assert outbox.settle(session, entry, state=OutboxState.SENT, now=NOW, message_ts="1.2")
    database.close()
