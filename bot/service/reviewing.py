"""What a person says of something that is held back: accepted or rejected, once."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from storage import findings, sources
from storage.database import Database
from storage.facts import Finding, Settled


class Answered(StrEnum):
    """What became of an answer."""

    DONE = "done"
    UNKNOWN = "unknown"
    SETTLED_BEFORE = "settled_before"
    NOT_ACCEPTABLE = "not_acceptable"


def answer(
    database: Database, finding_id: int, settled: Settled, who: str, now: datetime
) -> tuple[Answered, Finding | None]:
    """Notes the answer; what is accepted enters at the next reading, which is as soon as the pace allows."""

    def note(session: Session) -> tuple[Answered, Finding | None]:
        found = findings.find(session, finding_id)
        if found is None:
            return Answered.UNKNOWN, None
        if found.settled is not Settled.OPEN:
            return Answered.SETTLED_BEFORE, found
        if settled is Settled.ACCEPTED and not found.acceptable:
            return Answered.NOT_ACCEPTABLE, found
        if not findings.settle(session, finding_id, settled, who, now):
            return Answered.SETTLED_BEFORE, found
        if settled is Settled.ACCEPTED:
            sources.read_anew(session, found.product)
        return Answered.DONE, found

    return database.run(note)
