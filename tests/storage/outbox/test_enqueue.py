"""Entries that have a message drawn anew, and decisions that take each other's place."""

from datetime import date, timedelta

from msgspec.structs import replace
from sqlmodel import Session

from storage import decisions, outbox
from storage.database import Database
from storage.facts import DLVM, Decision, DecisionKind, MessageKind, Milestone, OutboxEntry, OutboxState, Reminder
from tests.storage.factories import LEASE, NOW

ABOUT = (Milestone.END_OF_AVAILABILITY, date(2027, 4, 16))
REDRAWN = Reminder("T1", "C1", DLVM, "pytorch-2.7", *ABOUT, 30, MessageKind.CORRECTION)
DECISION = Decision("T1", "C1", DLVM, "pytorch-2.7", DecisionKind.ACKNOWLEDGED, "U1", NOW, *ABOUT)


def claim_one(database: Database, seconds: int, owner: str) -> OutboxEntry:
    now = NOW + timedelta(seconds=seconds)
    (entry,) = database.run(lambda session: outbox.claim(session, now, owner, now + LEASE))
    return entry


def read_state(database: Database) -> tuple[OutboxState, str]:
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
    return entry.state, entry.message_ts


def test_what_is_being_drawn_while_somebody_decides_is_drawn_once_more(database: Database) -> None:
    database.run(lambda session: outbox.redraw_message(session, REDRAWN, "1.000100", NOW))
    first = claim_one(database, 0, "one")
    assert first.message_ts == "1.000100"
    database.run(lambda session: outbox.redraw_message(session, REDRAWN, "1.000100", NOW))
    late = database.run(lambda session: outbox.settle(session, first, state=OutboxState.SENT, now=NOW))
    assert (late, read_state(database)) == (False, (OutboxState.PENDING, "1.000100"))
    second = claim_one(database, 5, "one")
    assert database.run(lambda session: outbox.settle(session, second, state=OutboxState.SENT, now=NOW))
    assert read_state(database) == (OutboxState.SENT, "1.000100")


def test_a_message_drawn_before_is_drawn_again_under_the_stamp_given_last(database: Database) -> None:
    database.run(lambda session: outbox.redraw_message(session, REDRAWN, "1.000100", NOW))
    entry = claim_one(database, 0, "one")
    database.run(lambda session: outbox.settle(session, entry, state=OutboxState.DEAD, now=NOW))
    database.run(lambda session: outbox.redraw_message(session, REDRAWN, "2.000100", NOW))
    assert read_state(database) == (OutboxState.PENDING, "2.000100")


def test_a_return_is_forgotten_only_where_it_waits(database: Database) -> None:
    back = replace(REDRAWN, kind=MessageKind.SNOOZED)
    database.run(lambda session: outbox.add(session, back, NOW))
    database.run(lambda session: outbox.supersede_snoozed(session, replace(back, rung=29)))
    assert read_state(database)[0] is OutboxState.PENDING
    database.run(lambda session: outbox.supersede_snoozed(session, back))
    assert read_state(database)[0] is OutboxState.SUPERSEDED


def test_only_what_a_decision_replaced_comes_into_force_again(database: Database) -> None:
    later = replace(
        DECISION, kind=DecisionKind.SNOOZED, decided_at=NOW + timedelta(minutes=1), snoozed_until=date(2027, 4, 1)
    )
    elsewhere = replace(DECISION, workspace_id="T2")

    def work(session: Session) -> None:
        for each in (DECISION, elsewhere, later):
            decisions.lock_channel(session, each.workspace_id, each.channel_id)
            decisions.add(session, each)
        assert decisions.restore_replaced(session, DECISION) is None
        assert decisions.end(session, later, NOW + timedelta(minutes=2), "taken back")
        assert decisions.restore_replaced(session, later) == DECISION
        assert decisions.list_for_channel(session, "T1", "C1") == (DECISION,)
        assert decisions.list_for_channel(session, "T2", "C1") == (elsewhere,)

    database.run(work)
