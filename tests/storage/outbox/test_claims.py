import threading
from datetime import timedelta

import pytest

from storage import outbox
from storage.database import Database
from storage.facts import OutboxState
from tests.storage.factories import LEASE, NOW, claim, make_rung, plan_channels, run_in_processes, subscribe

ROWS = 60
SECOND = timedelta(seconds=1)


def test_nothing_due_gives_nothing(database: Database) -> None:
    with database.transaction() as session:
        assert claim(session) == ()
        plan_channels(session)
        assert claim(session, NOW - SECOND) == ()


def test_what_is_due_at_this_very_instant_is_taken(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session)
        (entry,) = claim(session)
    assert (entry.state, entry.attempt, entry.owner) == (OutboxState.SENDING, 1, "worker-1")
    assert len(entry.delivery_id) == 32
    assert entry.ambiguous_since is None


def test_what_one_has_taken_no_other_gets(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session, 3)
        assert len(claim(session)) == 3
    with database.transaction() as session:
        assert claim(session, NOW + SECOND, "worker-2") == ()
        assert claim(session, NOW + LEASE, "worker-2") == ()


def test_a_lease_that_ran_out_comes_back_unsure_since_its_claim_under_the_same_key(database: Database) -> None:
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


def test_a_message_is_whole_even_past_the_limit(database: Database) -> None:
    with database.transaction() as session:
        found = subscribe(session, "C1", "all")
        for minor in range(5):
            outbox.plan(session, found, make_rung(version=f"pytorch-2.{minor}"))
        subscribe(session, "C2", "all")
        outbox.plan_channel(session, "T1", "C2", make_rung(at=NOW + SECOND))
        entries = claim(session, NOW + SECOND, limit=1)
    assert [entry.reminder.channel_id for entry in entries] == ["C1"] * 5
    assert len({entry.delivery_id for entry in entries}) == 1


def test_two_channels_do_not_share_a_key_and_come_in_order(database: Database) -> None:
    with database.transaction() as session:
        for workspace, channel in (("T2", "C1"), ("T1", "C9"), ("T1", "C2")):
            found = subscribe(session, channel, workspace=workspace)
        outbox.plan(session, found, make_rung())
        entries = claim(session)
    places = [(entry.reminder.workspace_id, entry.reminder.channel_id) for entry in entries]
    assert places == [("T1", "C2"), ("T1", "C9"), ("T2", "C1")]
    assert len({entry.delivery_id for entry in entries}) == 3


@pytest.mark.parametrize("state", [OutboxState.PENDING, OutboxState.AMBIGUOUS])
def test_what_slack_may_hold_keeps_its_key_and_all_else_shares_a_new_one(
    database: Database, state: OutboxState
) -> None:
    with database.transaction() as session:
        found = subscribe(session, target="all")
        outbox.plan(session, found, make_rung())
        (first,) = claim(session)
        outbox.settle(session, first, state=state, now=NOW, next_try_at=NOW + SECOND)
        outbox.plan(session, found, make_rung(version="pytorch-2.6", at=NOW + SECOND))
    with database.transaction() as session:
        keys = {entry.reminder.version: entry.delivery_id for entry in claim(session, NOW + SECOND)}
    assert keys["pytorch-2.6"] not in {"", first.delivery_id}
    ambiguous = state is OutboxState.AMBIGUOUS
    assert keys["pytorch-2.7"] == (first.delivery_id if ambiguous else keys["pytorch-2.6"])


def test_workers_at_once_take_each_reminder_once(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session, ROWS)
    got: list[int] = []
    barrier = threading.Barrier(4)

    def work(owner: str) -> None:
        barrier.wait()
        for _ in range(ROWS):
            with database.transaction(wait=30.0) as session:
                entries = claim(session, owner=owner, limit=7)
            if not entries:
                break
            got.extend(entry.entry_id for entry in entries)

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as session:
        got.extend(entry.entry_id for entry in claim(session, limit=ROWS))
    assert len(got) == len(set(got)) == ROWS


def test_processes_at_once_send_each_reminder_once(database_url: str) -> None:
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
