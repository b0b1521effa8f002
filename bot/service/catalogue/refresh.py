"""Refresh of the catalogue from the page: polled every few hours, validated, and applied once confirmed.

No transaction is open while the page is fetched. Whatever happens, the last good rows stay.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue.http.results import FetchedPage, NotModified, Unavailable
from bot.catalogue.page import parser
from bot.catalogue.validation import confirmation
from bot.catalogue.validation.confirmation import CatalogueState, Confirmation, ReadingOutcome
from bot.catalogue.validation.reading import Reading, from_page
from bot.catalogue.validation.validator import validate_reading
from bot.catalogue.validation.verdict import AcceptedValues, Issue, Verdict
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.polling import Fetch, SourcePoll
from bot.service.operator import notices
from bot.service.operator.channel import OperatorChannel
from storage import catalogue, quarantine, sources
from storage.database import Database
from storage.facts import DLVM, WHOLE_PAGE, CatalogueReading, DateChange, QuarantineEntry, Source

POLL_INTERVAL = timedelta(hours=6)

MAX_TEXT_LENGTH = 500
"""Characters stored of each text of a quarantine entry."""


class RefreshResult(Struct, frozen=True):
    """Result of one poll of the page."""

    outcome: ReadingOutcome | None
    """None if the page could not be read."""
    problem: str = ""
    quarantined: tuple[QuarantineEntry, ...] = ()
    """Entries that are new."""
    changes: tuple[DateChange, ...] = ()
    vanished: tuple[str, ...] = ()
    """Families that have newly vanished."""


class CatalogueRefresh:
    """Poll one page and apply its readings to the catalogue."""

    def __init__(
        self,
        database: Database,
        ingest: CatalogueIngest,
        url: str,
        fetch: Fetch,
        operator: OperatorChannel | None = None,
    ) -> None:
        self._database = database
        self._ingest = ingest
        self._url = url
        self._fetch = fetch
        self._operator = operator or OperatorChannel()
        self._poll = SourcePoll(database, DLVM)

    def run(self, now: datetime, *, manual: bool = False) -> RefreshResult | None:
        """Poll the page. Return None if it is too early or another process polls."""
        source = self._poll.claim(now, manual=manual)
        if source is None:
            return None
        fetched = self._fetch(source)
        if isinstance(fetched, Unavailable):
            return self._record_failure(source, fetched.reason, now)
        if isinstance(fetched, NotModified):
            self._poll.save_result(replace(source, problem="", last_good_at=now, next_poll_at=now + POLL_INTERVAL))
            return RefreshResult(ReadingOutcome.UNCHANGED)
        try:
            reading = from_page(parser.parse_page(fetched.text), self._url, now.date())
            return self._process_reading(reading, fetched, now)
        except parser.PageError as error:
            return self._record_failure(source, str(error), now)

    def _process_reading(self, reading: Reading, fetched: FetchedPage, now: datetime) -> RefreshResult:
        with self._database.read_only() as session:
            state = load_state(session, reading.product)
        verdict = validate_reading(reading, state.rows, now.date(), accepted=state.accepted, gone=state.vanished)
        confirmed = confirmation.confirm(reading, verdict, state, now)
        if confirmed.outcome is ReadingOutcome.OUTDATED:
            reason = f"the page ({reading.as_of}) is older than the catalogue ({state.as_of})"
            return self._record_failure(state.source, reason, now)
        source = _build_source(state.source, confirmed.outcome, verdict, fetched, now)
        try:
            return self._store_reading(reading, fetched, verdict, confirmed, source, now)
        except ValueError as error:  # the database rejects a text, for example because it is too long
            return self._record_failure(state.source, f"it can’t be stored: {error}", now)

    def _store_reading(
        self,
        reading: Reading,
        fetched: FetchedPage,
        verdict: Verdict,
        confirmed: Confirmation,
        source: Source,
        now: datetime,
    ) -> RefreshResult:
        """Store the source, quarantine and, if confirmed, the rows in one transaction."""
        quarantined: list[QuarantineEntry] = []

        def write_findings(session: Session) -> None:
            open_before = quarantine.list_open(session, verdict.product)
            sources.save_poll_result(session, source)
            quarantined[:] = quarantine.sync(session, verdict.product, tuple(_build_entries(verdict, now)), now)
            notices.notify_quarantined(session, self._operator, quarantined, fetched.url, now)
            notices.redraw_vanished(session, open_before, now)

        catalogue_reading = CatalogueReading(
            product=reading.product,
            source_url=fetched.url,
            as_of=reading.as_of,
            read_at=now,
            rows=len(confirmed.families),
            quarantined=tuple(f"{issue.family}: {issue.reason}" for issue in verdict.issues),
        )
        if confirmed.outcome is ReadingOutcome.CONFIRMED:
            changes = self._ingest.apply(
                confirmed.families, catalogue_reading, now, vanished=confirmed.vanished, extra_writes=write_findings
            )
            return RefreshResult(confirmed.outcome, "", tuple(quarantined), changes, confirmed.vanished)

        def write_unapplied(session: Session) -> None:
            if confirmed.outcome is ReadingOutcome.REDATED:
                catalogue.add_reading(session, catalogue_reading)
            write_findings(session)

        self._database.run(write_unapplied)
        return RefreshResult(confirmed.outcome, verdict.quarantine_reason, tuple(quarantined), (), confirmed.vanished)

    def _record_failure(self, source: Source, reason: str, now: datetime) -> RefreshResult:
        self._poll.record_failure(source, reason, now)
        return RefreshResult(None, reason)


def load_state(session: Session, product: str) -> CatalogueState:
    """Load the state of the catalogue that a reading of the product's page is validated against."""
    last_reading = catalogue.find_last_reading(session, product)
    accepted = quarantine.list_accepted(session, product)
    return CatalogueState(
        rows=catalogue.list_all(session, product),
        vanished=catalogue.list_vanished(session, product),
        as_of=last_reading.as_of if last_reading else None,
        source=sources.find(session, product),
        accepted=AcceptedValues(
            cells=frozenset(entry.key for entry in accepted if entry.field != WHOLE_PAGE),
            readings=frozenset(entry.fingerprint for entry in accepted if entry.field == WHOLE_PAGE),
        ),
    )


def _build_source(
    source: Source, outcome: ReadingOutcome, verdict: Verdict, fetched: FetchedPage, now: datetime
) -> Source:
    """Return the source as the reading leaves it.

    The ETag and modification time are kept only if nothing is unconfirmed or newly quarantined. Otherwise the next poll
    must read the page again, even if it has not changed.
    """
    is_settled = outcome not in {ReadingOutcome.QUARANTINED, ReadingOutcome.UNCONFIRMED} and not verdict.new_issues
    return replace(
        source,
        etag=fetched.etag if is_settled else "",
        last_modified=fetched.last_modified if is_settled else "",
        problem=verdict.quarantine_reason,
        last_good_at=source.last_good_at if outcome is ReadingOutcome.QUARANTINED else now,
        next_poll_at=now + (MIN_POLL_INTERVAL if outcome is ReadingOutcome.UNCONFIRMED else POLL_INTERVAL),
        fingerprint=verdict.fingerprint,
        fingerprint_since=confirmation.find_unchanged_since(verdict.fingerprint, source, now),
    )


def _build_entries(verdict: Verdict, now: datetime) -> Iterator[QuarantineEntry]:
    """Yield one entry for a quarantined reading, otherwise one for each new issue."""
    if verdict.quarantine_reason:
        issue = Issue("", WHOLE_PAGE, "", verdict.quarantine_reason)
        yield _build_entry(verdict, issue, verdict.difference, now)
        return
    for issue in verdict.new_issues:
        yield _build_entry(verdict, issue, (), now)


def _build_entry(verdict: Verdict, issue: Issue, difference: tuple[str, ...], now: datetime) -> QuarantineEntry:
    """Return the entry for an issue. It can be accepted only if its texts can be stored unchanged."""
    printed, family = _make_storable(issue.printed), _make_storable(issue.family)
    return QuarantineEntry(
        entry_id=0,
        product=verdict.product,
        family=family,
        field=issue.field,
        printed=printed,
        reason=_make_storable(issue.reason),
        last_good=_make_storable(issue.last_good),
        fingerprint=verdict.fingerprint,
        difference=difference,
        acceptable=issue.acceptable and (printed, family) == (issue.printed, issue.family),
        found_at=now,
    )


def _make_storable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:MAX_TEXT_LENGTH]
