import threading
from datetime import timedelta

import pytest

from storage import outbox
from storage.database import Database
from storage.facts import OutboxState
from tests.storage.factories import LEASE, NOW, planned, rung, subscribe, taken, together

ROWS = 60
SECOND = timedelta(seconds=1)


def test_nothing_due_gives_nothing(database: Database) -> None:
    with database.transaction() as session:
        assert taken(session) == ()
        planned(session)
        assert taken(session, NOW - SECOND) == ()


def test_what_is_due_at_this_very_instant_is_taken(database: Database) -> None:
    with database.transaction() as session:
        planned(session)
        (entry,) = taken(session)
    assert (entry.state, entry.attempt, entry.owner) == (OutboxState.SENDING, 1, "worker-1")
    assert len(entry.delivery_id) == 32
    assert entry.unsure_since is None


def test_what_one_has_taken_no_other_gets(database: Database) -> None:
    with database.transaction() as session:
        planned(session, 3)
        assert len(taken(session)) == 3
    with database.transaction() as session:
        assert taken(session, NOW + SECOND, "worker-2") == ()
        assert taken(session, NOW + LEASE, "worker-2") == ()


def test_a_lease_that_ran_out_comes_back_unsure_since_its_claim_under_the_same_key(database: Database) -> None:
    late = NOW + LEASE + SECOND
    with database.transaction() as session:
        planned(session)
        (first,) = taken(session)
    with database.transaction() as session:
        (second,) = taken(session, late, "worker-2")
    with database.transaction() as session:
        (third,) = taken(session, late + LEASE + SECOND, "worker-3")
    assert (second.owner, second.attempt, second.unsure_since) == ("worker-2", 2, NOW)
    assert (third.attempt, third.unsure_since) == (3, NOW)
    assert first.delivery_id == second.delivery_id == third.delivery_id


def test_a_message_is_whole_even_past_the_limit(database: Database) -> None:
    with database.transaction() as session:
        found = subscribe(session, "C1", "all")
        for minor in range(5):
            outbox.plan(session, found, rung(version=f"pytorch-2.{minor}"))
        subscribe(session, "C2", "all")
        outbox.plan_channel(session, "T1", "C2", rung(at=NOW + SECOND))
        entries = taken(session, NOW + SECOND, limit=1)
    assert [entry.reminder.channel_id for entry in entries] == ["C1"] * 5
    assert len({entry.delivery_id for entry in entries}) == 1


def test_two_channels_do_not_share_a_key_and_come_in_order(database: Database) -> None:
    with database.transaction() as session:
        for workspace, channel in (("T2", "C1"), ("T1", "C9"), ("T1", "C2")):
            found = subscribe(session, channel, workspace=workspace)
        outbox.plan(session, found, rung())
        entries = taken(session)
    places = [(entry.reminder.workspace_id, entry.reminder.channel_id) for entry in entries]
    assert places == [("T1", "C2"), ("T1", "C9"), ("T2", "C1")]
    assert len({entry.delivery_id for entry in entries}) == 3


@pytest.mark.parametrize("state", [OutboxState.PENDING, OutboxState.AMBIGUOUS])
def test_what_slack_may_hold_keeps_its_key_and_all_else_shares_a_new_one(
    database: Database, state: OutboxState
) -> None:
    with database.transaction() as session:
        found = subscribe(session, target="all")
        outbox.plan(session, found, rung())
        (first,) = taken(session)
        outbox.settle(session, first, state=state, now=NOW, next_try_at=NOW + SECOND)
        outbox.plan(session, found, rung(version="pytorch-2.6", at=NOW + SECOND))
    with database.transaction() as session:
        keys = {entry.reminder.version: entry.delivery_id for entry in taken(session, NOW + SECOND)}
    assert keys["pytorch-2.6"] not in {"", first.delivery_id}
    ambiguous = state is OutboxState.AMBIGUOUS
    assert keys["pytorch-2.7"] == (first.delivery_id if ambiguous else keys["pytorch-2.6"])


def test_workers_at_once_take_each_reminder_once(database: Database) -> None:
    with database.transaction() as session:
        planned(session, ROWS)
    got: list[int] = []
    barrier = threading.Barrier(4)

    def work(owner: str) -> None:
        barrier.wait()
        for _ in range(ROWS):
            with database.transaction(wait=30.0) as session:
                entries = taken(session, owner=owner, limit=7)
            if not entries:
                break
            got.extend(entry.entry_id for entry in entries)

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as session:
        got.extend(entry.entry_id for entry in taken(session, limit=ROWS))
    assert len(got) == len(set(got)) == ROWS


def test_processes_at_once_send_each_reminder_once(database_url: str) -> None:
    database = Database(database_url)
    with database.transaction() as session:
        planned(session, ROWS)
    assert together(_deliver, 3, database_url) == [0] * 3
    with database.reading() as session:
        assert outbox.counts(session) == {OutboxState.SENT: ROWS}
        entries = [entry for number in range(ROWS) for entry in outbox.entries(session, "T1", f"C{number:04}")]
    assert {entry.attempt for entry in entries} == {1}
    database.close()


def _deliver(url: str) -> None:
    database = Database(url)
    owner = f"process-{id(database)}-{threading.get_native_id()}"
    empty = 0
    while empty < 3:
        with database.transaction(wait=30.0) as session:
            entries = taken(session, owner=owner, limit=5)
        empty = 0 if entries else empty + 1
        for entry in entries:
            with database.transaction(wait=30.0) as session:
                assert outbox.settle(session, entry, state=OutboxState.SENT, now=NOW, message_ts="1.2")
    database.close()
