"""What a person says of something that is held back: accepted or rejected, once, wherever they say it."""

from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.answers import ReviewOutcome
from bot.policy import freshness
from bot.policy import permissions as policy
from bot.service.access import audit
from bot.service.access.permissions import UserDirectory
from bot.service.operator import channel as operator
from bot.service.operator.channel import OperatorChannel
from bot.service.place import Place
from storage import catalogue, quarantine, sources
from storage.database import Database
from storage.facts import QuarantineEntry, Resolution

_ACTIONS = {Resolution.ACCEPTED: "accept", Resolution.REJECTED: "reject"}


def resolve_entry(
    database: Database, entry_id: int, resolution: Resolution, resolved_by: str, now: datetime
) -> tuple[ReviewOutcome, QuarantineEntry | None]:
    """Notes the answer; what is accepted enters at the next reading, which is as soon as the pace allows.

    Messages in which it could be answered are drawn anew.
    """
    return database.run(lambda session: _resolve(session, entry_id, resolution, resolved_by, now))


def build_review_item(session: Session, entry: QuarantineEntry) -> answers.ReviewItem:
    """How something that is held back stands, with when it enters where it was accepted."""
    source = sources.find(session, entry.product)
    at = entry.resolved_at
    waits = (
        entry.resolution is Resolution.ACCEPTED and at is not None and not (source.polled_at and source.polled_at > at)
    )
    enters_at = freshness.compute_next_poll(source.polling_since, source.polled_at, at) if waits and at else None
    rows = catalogue.list_all(session, entry.product) if entry.family else ()
    version = next((row.version for row in rows if row.family == entry.family), "")
    return answers.ReviewItem(entry, version, enters_at)


class ReviewActions:
    """Takes the word of people in the operator's channel."""

    def __init__(self, database: Database, operator: OperatorChannel, directory: UserDirectory) -> None:
        self._database = database
        self._operator = operator
        self._directory = directory

    def resolve(
        self, entry_id: int, resolution: Resolution, place: Place, message_ts: str, now: datetime
    ) -> answers.ReviewResult | answers.PermissionDenied | answers.InvalidRequest:
        """Notes the word of somebody in the operator's channel; the message it was said on is drawn anew."""
        with self._database.read_only() as session:
            here = self._operator.find_place(session)
        if here != Place(place.workspace_id, place.channel_id):
            return answers.InvalidRequest(
                "This is not the channel of whoever runs dlvm, so nothing can be answered here."
            )
        why = policy.check_operator_action(self._directory.find_person(place, ()))
        if why is not None:
            self._database.run(lambda s: audit.record(s, place, now, "denied", before=why.value, after="a form"))
            return answers.PermissionDenied(why)

        def work(session: Session) -> answers.ReviewResult:
            answered, found = _resolve(session, entry_id, resolution, _format_resolver(place), now)
            operator.redraw_answered_copy(session, entry_id, place, message_ts, now)
            if answered is ReviewOutcome.DONE and found is not None:
                audit.record(session, place, now, _ACTIONS[resolution], before=found.last_good, after=found.printed)
            held = build_review_item(session, found) if found else None
            return answers.ReviewResult(place.workspace_id, entry_id, answered, held)

        return self._database.run(work)


def _format_resolver(place: Place) -> str:
    """What is stored of who said it; drawn as a mention in their own workspace."""
    return f"{place.workspace_id}/{place.user_id} in Slack"


def _resolve(
    session: Session, entry_id: int, resolution: Resolution, resolved_by: str, now: datetime
) -> tuple[ReviewOutcome, QuarantineEntry | None]:
    found = quarantine.find(session, entry_id)
    if found is None:
        return ReviewOutcome.UNKNOWN, None
    if found.resolution is Resolution.OPEN and resolution is Resolution.ACCEPTED and not found.acceptable:
        return ReviewOutcome.NOT_ACCEPTABLE, found
    done = found.resolution is Resolution.OPEN and quarantine.resolve(session, entry_id, resolution, resolved_by, now)
    if done and resolution is Resolution.ACCEPTED:
        sources.force_poll(session, found.product)
    operator.redraw_messages(session, entry_id, now)
    return (ReviewOutcome.DONE if done else ReviewOutcome.SETTLED_BEFORE), quarantine.find(session, entry_id)
