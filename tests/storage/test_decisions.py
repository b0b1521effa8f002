"""Decisions replace each other on the same subject."""

from datetime import date, timedelta

from msgspec.structs import replace
from sqlmodel import Session

from storage import decisions
from storage.database import Database
from storage.facts import DLVM, Decision, DecisionKind, Milestone
from tests.storage.factories import NOW

DECISION = Decision(
    workspace_id="T1",
    channel_id="C1",
    product=DLVM,
    version="pytorch-2.7",
    kind=DecisionKind.ACKNOWLEDGED,
    decided_by="U1",
    decided_at=NOW,
    milestone=Milestone.END_OF_AVAILABILITY,
    milestone_date=date(2027, 4, 16),
)


def test_only_the_replaced_decision_is_restored(database: Database) -> None:
    later = replace(
        DECISION, kind=DecisionKind.SNOOZED, decided_at=NOW + timedelta(minutes=1), snoozed_until=date(2027, 4, 1)
    )
    elsewhere = replace(DECISION, workspace_id="T2")

    def work(session: Session) -> None:
        for decision in (DECISION, elsewhere, later):
            decisions.lock_channel(session, decision.workspace_id, decision.channel_id)
            decisions.add(session, decision)
        assert decisions.restore_replaced(session, DECISION) is None
        assert decisions.end(session, later, NOW + timedelta(minutes=2), "undone")
        assert decisions.restore_replaced(session, later) == DECISION
        assert decisions.list_for_channel(session, "T1", "C1") == (DECISION,)
        assert decisions.list_for_channel(session, "T2", "C1") == (elsewhere,)

    database.run(work)
