"""What a person says of something that is held back: accepted or rejected, once, wherever they say it."""

from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.answers import Answered
from bot.policy import freshness
from bot.policy import permissions as policy
from bot.service.access import audit
from bot.service.access.permissions import People
from bot.service.operator import channel as operator
from bot.service.operator.channel import Operator
from bot.service.place import Place
from storage import catalogue, quarantine, sources
from storage.database import Database
from storage.facts import Finding, Settled

_VERBS = {Settled.ACCEPTED: "accept", Settled.REJECTED: "reject"}


def answer(
    database: Database, finding_id: int, settled: Settled, who: str, now: datetime
) -> tuple[Answered, Finding | None]:
    """Notes the answer; what is accepted enters at the next reading, which is as soon as the pace allows.

    Messages in which it could be answered are drawn anew.
    """
    return database.run(lambda session: _answer(session, finding_id, settled, who, now))


def held_back(session: Session, finding: Finding) -> answers.HeldBack:
    """How something that is held back stands, with when it enters where it was accepted."""
    source = sources.find(session, finding.product)
    at = finding.settled_at
    waits = finding.settled is Settled.ACCEPTED and at is not None and not (source.tried_at and source.tried_at > at)
    enters_at = freshness.read_next(source.watched_since, source.tried_at, at) if waits and at else None
    rows = catalogue.all(session, finding.product) if finding.family else ()
    version = next((row.version for row in rows if row.family == finding.family), "")
    return answers.HeldBack(finding, version, enters_at)


class Reviewing:
    """Takes the word of people in the operator's channel."""

    def __init__(self, database: Database, operator: Operator, people: People) -> None:
        self._database = database
        self._operator = operator
        self._people = people

    def answer(
        self, finding_id: int, settled: Settled, place: Place, message_ts: str, now: datetime
    ) -> answers.Reviewed | answers.Denied | answers.Mistaken:
        """Notes the word of somebody in the operator's channel; the message it was said on is drawn anew."""
        with self._database.reading() as session:
            here = self._operator.place(session)
        if here != Place(place.workspace_id, place.channel_id):
            return answers.Mistaken("This is not the channel of whoever runs dlvm, so nothing can be answered here.")
        why = policy.operate(self._people.person(place, ()))
        if why is not None:
            self._database.run(lambda s: audit.note(s, place, now, "denied", before=why.value, after="a form"))
            return answers.Denied(why)

        def work(session: Session) -> answers.Reviewed:
            answered, found = _answer(session, finding_id, settled, _name(place), now)
            operator.redraw_copy(session, finding_id, place, message_ts, now)
            if answered is Answered.DONE and found is not None:
                audit.note(session, place, now, _VERBS[settled], before=found.last_good, after=found.printed)
            held = held_back(session, found) if found else None
            return answers.Reviewed(place.workspace_id, finding_id, answered, held)

        return self._database.run(work)


def _name(place: Place) -> str:
    """What is stored of who said it; drawn as a mention in their own workspace."""
    return f"{place.workspace_id}/{place.user_id} in Slack"


def _answer(
    session: Session, finding_id: int, settled: Settled, who: str, now: datetime
) -> tuple[Answered, Finding | None]:
    found = quarantine.find(session, finding_id)
    if found is None:
        return Answered.UNKNOWN, None
    if found.settled is Settled.OPEN and settled is Settled.ACCEPTED and not found.acceptable:
        return Answered.NOT_ACCEPTABLE, found
    done = found.settled is Settled.OPEN and quarantine.settle(session, finding_id, settled, who, now)
    if done and settled is Settled.ACCEPTED:
        sources.read_anew(session, found.product)
    operator.redraw(session, finding_id, now)
    return (Answered.DONE if done else Answered.SETTLED_BEFORE), quarantine.find(session, finding_id)
