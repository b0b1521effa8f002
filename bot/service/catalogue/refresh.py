"""The page of supported framework versions read every few hours, and its changes taken once they are confirmed.

The network is asked between two short transactions; whatever it does, the last good rows stay.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified, Unavailable
from bot.catalogue.page import parser
from bot.catalogue.page.description import PageDescription
from bot.catalogue.validation import confirmation, reading
from bot.catalogue.validation.confirmation import CatalogueState, Confirmation, ReadingOutcome
from bot.catalogue.validation.reading import Reading
from bot.catalogue.validation.validator import validate_reading
from bot.catalogue.validation.verdict import AcceptedValues, Issue, Verdict
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.polling import SourcePoll
from bot.service.operator import notices
from bot.service.operator.channel import OperatorChannel
from storage import catalogue, quarantine, sources
from storage.database import Database
from storage.facts import WHOLE_PAGE, CatalogueReading, DateChange, QuarantineEntry, Source

POLL_INTERVAL = timedelta(hours=6)

MAX_TEXT_LENGTH = 500
"""Characters of a text that is stored of what is held."""

Fetch = Callable[[Source], FetchResult]
"""Fetches the page on the conditions that the last reading left."""


class RefreshResult(Struct, frozen=True):
    """What an attempt came to."""

    outcome: ReadingOutcome | None
    """None where there was no reading."""
    problem: str = ""
    quarantined: tuple[QuarantineEntry, ...] = ()
    """What is held and was not before."""
    changes: tuple[DateChange, ...] = ()
    vanished: tuple[str, ...] = ()


class CatalogueRefresh:
    """Reads one page when its time has come; of several processes one does."""

    def __init__(
        self,
        database: Database,
        ingest: CatalogueIngest,
        description: PageDescription,
        fetch: Fetch,
        operator: OperatorChannel | None = None,
    ) -> None:
        self._database = database
        self._ingest = ingest
        self._description = description
        self._fetch = fetch
        self._operator = operator or OperatorChannel()
        self._poll = SourcePoll(database, description.product)

    def run(self, now: datetime, *, manual: bool = False) -> RefreshResult | None:
        """What an attempt came to; None where it is too early for one."""
        before = self._poll.claim(now, manual=manual)
        if before is None:
            return None
        outcome = self._fetch(before)
        if isinstance(outcome, Unavailable):
            return self._record_failure(before, outcome.reason, now)
        if isinstance(outcome, NotModified):
            self._poll.save_result(replace(before, problem="", last_good_at=now, next_poll_at=now + POLL_INTERVAL))
            return RefreshResult(ReadingOutcome.UNCHANGED)
        try:
            found = reading.from_page(parser.parse_page(outcome.text, self._description), self._description, now.date())
            return self._process_reading(found, outcome, now)
        except parser.PageError as error:
            return self._record_failure(before, str(error), now)

    def _process_reading(self, found: Reading, fetched: FetchedPage, now: datetime) -> RefreshResult:
        with self._database.read_only() as session:
            standing = load_state(session, found.product)
        rules = {"accepted": standing.accepted, "gone": standing.vanished}
        verdict = validate_reading(found, standing.rows, now.date(), self._description, **rules)  # type: ignore[arg-type] # by name
        decided = confirmation.confirm(found, verdict, standing, now)
        if decided.outcome is ReadingOutcome.OUTDATED:
            reason = f"it is as of {found.as_of}, and the catalogue as of {standing.as_of} already"
            return self._record_failure(standing.source, reason, now)
        told = _build_source(standing.source, decided.outcome, verdict, fetched, now)
        try:
            return self._store_reading(found, fetched, verdict, decided, told, now)
        except ValueError as error:  # a text that no database keeps
            return self._record_failure(standing.source, f"it can’t be stored: {error}", now)

    def _store_reading(
        self, found: Reading, fetched: FetchedPage, verdict: Verdict, decided: Confirmation, told: Source, now: datetime
    ) -> RefreshResult:
        """Has a reading enter as far as it may."""
        held: list[QuarantineEntry] = []

        def also(session: Session) -> None:
            waiting = quarantine.list_open(session, verdict.product)
            held[:] = _save_findings(session, verdict, told, now)
            notices.notify_quarantined(session, self._operator, held, fetched.url, now)
            notices.redraw_vanished(session, waiting, now)

        remarks = tuple(f"{one.family}: {one.reason}" for one in verdict.issues)
        read = CatalogueReading(found.product, fetched.url, found.as_of, now, len(decided.families), remarks)
        if decided.outcome is ReadingOutcome.CONFIRMED:
            changes = self._ingest.apply(decided.families, read, now, vanished=decided.vanished, extra_writes=also)
            return RefreshResult(decided.outcome, "", tuple(held), changes, decided.vanished)

        def note(session: Session) -> None:
            if decided.outcome is ReadingOutcome.REDATED:
                catalogue.add_reading(session, read)
            also(session)

        self._database.run(note)
        return RefreshResult(decided.outcome, verdict.quarantine_reason, tuple(held), (), decided.vanished)

    def _record_failure(self, before: Source, reason: str, now: datetime) -> RefreshResult:
        self._poll.record_failure(before, reason, now)
        return RefreshResult(None, reason)


def load_state(session: Session, product: str) -> CatalogueState:
    """What is known of a product's page."""
    last = catalogue.find_last_reading(session, product)
    accepted = quarantine.list_accepted(session, product)
    return CatalogueState(
        rows=catalogue.list_all(session, product),
        vanished=catalogue.list_vanished(session, product),
        as_of=last.as_of if last else None,
        source=sources.find(session, product),
        accepted=AcceptedValues(
            cells=frozenset(one.key for one in accepted if one.field != WHOLE_PAGE),
            readings=frozenset(one.fingerprint for one in accepted if one.field == WHOLE_PAGE),
        ),
    )


def _build_source(
    before: Source, outcome: ReadingOutcome, verdict: Verdict, fetched: FetchedPage, now: datetime
) -> Source:
    """How the source stands after a reading.

    What is sent along next time is kept only where the page says what the catalogue says: a reading that waits, or of
    which something is held, has to be read again.
    """
    settled = outcome not in {ReadingOutcome.QUARANTINED, ReadingOutcome.UNCONFIRMED} and not verdict.new_issues
    return replace(
        before,
        etag=fetched.etag if settled else "",
        last_modified=fetched.last_modified if settled else "",
        problem=verdict.quarantine_reason,
        last_good_at=before.last_good_at if outcome is ReadingOutcome.QUARANTINED else now,
        next_poll_at=now + (MIN_POLL_INTERVAL if outcome is ReadingOutcome.UNCONFIRMED else POLL_INTERVAL),
        fingerprint=verdict.fingerprint,
        fingerprint_since=confirmation.find_unchanged_since(verdict.fingerprint, before, now),
    )


def _save_findings(session: Session, verdict: Verdict, told: Source, now: datetime) -> tuple[QuarantineEntry, ...]:
    sources.save_poll_result(session, told)
    return quarantine.sync(session, verdict.product, tuple(_build_entries(verdict, now)), now)


def _build_entries(verdict: Verdict, now: datetime) -> Iterable[QuarantineEntry]:
    """What waits for a person: the reading as a whole where it is held, otherwise cell by cell."""
    if verdict.quarantine_reason:
        yield _build_entry(verdict, Issue("", WHOLE_PAGE, "", verdict.quarantine_reason), verdict.difference, now)
        return
    for held in verdict.new_issues:
        yield _build_entry(verdict, held, (), now)


def _build_entry(verdict: Verdict, held: Issue, difference: tuple[str, ...], now: datetime) -> QuarantineEntry:
    """A text that can't be stored as it is can't be let pass either."""
    printed = _make_storable(held.printed)
    return QuarantineEntry(
        entry_id=0,
        product=verdict.product,
        family=_make_storable(held.family),
        field=held.field,
        printed=printed,
        reason=_make_storable(held.reason),
        last_good=_make_storable(held.last_good),
        fingerprint=verdict.fingerprint,
        difference=difference,
        acceptable=held.acceptable and (printed, _make_storable(held.family)) == (held.printed, held.family),
        found_at=now,
    )


def _make_storable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:MAX_TEXT_LENGTH]
