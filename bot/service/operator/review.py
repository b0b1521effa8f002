"""Reviews of quarantine entries: accepting and rejecting them, in the operator channel or on the command line."""

from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.answers import ReviewOutcome
from bot.policy import freshness
from bot.policy.permissions import check_operator_action
from bot.service.access import audit
from bot.service.access.permissions import UserDirectory
from bot.service.operator.channel import OperatorChannel, redraw_answered_copy, redraw_messages
from bot.service.place import Place
from storage import catalogue, quarantine, sources
from storage.database import Database
from storage.facts import QuarantineEntry, Resolution

_ACTIONS = {Resolution.ACCEPTED: "accept", Resolution.REJECTED: "reject"}


def resolve_entry(
    database: Database, entry_id: int, resolution: Resolution, resolved_by: str, now: datetime
) -> tuple[ReviewOutcome, QuarantineEntry | None]:
    """Resolve an open entry, and update its messages in the operator channel.

    An accepted value enters the catalogue at the next reading, which is scheduled as soon as the polling interval
    allows. Return the outcome and the entry as it is now; None for an unknown entry.
    """
    return database.run(lambda session: _resolve(session, entry_id, resolution, resolved_by, now))


def build_review_item(session: Session, entry: QuarantineEntry) -> answers.ReviewItem:
    """Return the entry with its version and, if it is accepted and not read yet, the time of the next reading."""
    source = sources.find(session, entry.product)
    resolved_at = entry.resolved_at if entry.resolution is Resolution.ACCEPTED else None
    enters_at = None
    if resolved_at is not None and (source.polled_at is None or source.polled_at <= resolved_at):
        enters_at = freshness.compute_next_poll(source.polling_since, source.polled_at, resolved_at)
    rows = catalogue.list_all(session, entry.product) if entry.family else ()
    version = next((row.version for row in rows if row.family == entry.family), "")
    return answers.ReviewItem(entry, version, enters_at)


class ReviewActions:
    """Reviews by people in the operator channel."""

    def __init__(self, database: Database, operator: OperatorChannel, directory: UserDirectory) -> None:
        self._database = database
        self._operator = operator
        self._directory = directory

    def resolve(
        self, entry_id: int, resolution: Resolution, place: Place, message_ts: str, now: datetime
    ) -> answers.ReviewResult | answers.PermissionDenied | answers.InvalidRequest:
        """Resolve an entry for a person in the operator channel, and update the message they used."""
        with self._database.read_only() as session:
            operator_place = self._operator.find_place(session)
        if operator_place != Place(place.workspace_id, place.channel_id):
            return answers.InvalidRequest("You can only review values in the operator channel.")
        refusal = check_operator_action(self._directory.find_person(place, ()))
        if refusal is not None:
            self._database.run(lambda s: audit.record(s, place, now, "denied", before=refusal.value, after="a form"))
            return answers.PermissionDenied(refusal)

        def work(session: Session) -> answers.ReviewResult:
            outcome, entry = _resolve(session, entry_id, resolution, place.user_id, now, place.workspace_id)
            redraw_answered_copy(session, entry_id, place, message_ts, now)
            if outcome is ReviewOutcome.DONE and entry is not None:
                audit.record(session, place, now, _ACTIONS[resolution], before=entry.last_good, after=entry.printed)
            item = build_review_item(session, entry) if entry else None
            return answers.ReviewResult(place.workspace_id, entry_id, outcome, item)

        return self._database.run(work)


def _resolve(
    session: Session, entry_id: int, resolution: Resolution, resolved_by: str, now: datetime, workspace_id: str = ""
) -> tuple[ReviewOutcome, QuarantineEntry | None]:
    entry = quarantine.find(session, entry_id)
    if entry is None:
        return ReviewOutcome.UNKNOWN, None
    is_open = entry.resolution is Resolution.OPEN
    if is_open and resolution is Resolution.ACCEPTED and not entry.acceptable:
        return ReviewOutcome.NOT_ACCEPTABLE, entry
    done = is_open and quarantine.resolve(session, entry_id, resolution, resolved_by, now, workspace_id)
    if done and resolution is Resolution.ACCEPTED:
        sources.force_poll(session, entry.product)
    redraw_messages(session, entry_id, now)
    return (ReviewOutcome.DONE if done else ReviewOutcome.SETTLED_BEFORE), quarantine.find(session, entry_id)
