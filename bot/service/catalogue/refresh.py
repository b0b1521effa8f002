"""Refresh of the catalogue from the page: polled every few hours, validated, and applied once confirmed.

Whatever happens, the last good rows stay.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue.page import parser
from bot.catalogue.validation import confirmation
from bot.catalogue.validation.confirmation import CatalogueState, Confirmation, ReadingOutcome
from bot.catalogue.validation.reading import ParsedPage, from_page
from bot.catalogue.validation.validator import validate_reading
from bot.catalogue.validation.verdict import AcceptedValues, Issue, Verdict
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.poller import Document, Fetch, Poller
from bot.service.operator import notices
from bot.service.operator.channel import OperatorChannel
from storage import catalogue, quarantine, sources
from storage.database import Database
from storage.facts import DLVM, WHOLE_PAGE, CatalogueEdition, DateChange, QuarantineEntry, Source

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


def build_poller(
    database: Database,
    ingest: CatalogueIngest,
    url: str,
    fetch: Fetch,
    operator: OperatorChannel | None = None,
) -> Poller[RefreshResult]:
    """Return the poller of the catalogue page."""
    handler = CatalogueHandler(database, ingest, url, operator or OperatorChannel())
    return Poller(database, DLVM, POLL_INTERVAL, fetch, handler)


class CatalogueHandler:
    """Applies the readings of one page to the catalogue."""

    def __init__(self, database: Database, ingest: CatalogueIngest, url: str, operator: OperatorChannel) -> None:
        self._database = database
        self._ingest = ingest
        self._url = url
        self._operator = operator

    def handle(self, document: Document, now: datetime) -> RefreshResult:
        """Parse, validate and store the page's rows. Raise PageError if it is not the page, or an old copy."""
        reading = from_page(parser.parse_page(document.page.text), self._url, now.date())
        with self._database.read_only() as session:
            state = load_state(session, reading.product)
        verdict = validate_reading(reading, state.rows, now.date(), accepted=state.accepted, gone=state.vanished)
        confirmed = confirmation.confirm(reading, verdict, state, now)
        if confirmed.outcome is ReadingOutcome.OUTDATED:
            raise parser.PageError(f"the page ({reading.as_of}) is older than the catalogue ({state.as_of})")
        source = _build_source(document, confirmed.outcome, verdict, now)
        try:
            return self._store_reading(reading, document.page.url, verdict, confirmed, source, now)
        except ValueError as error:  # the database rejects a text, for example because it is too long
            raise parser.PageError(f"it can’t be stored: {error}") from error

    def keep(self, now: datetime) -> RefreshResult:  # noqa: ARG002 - a parameter of Handler
        """Return a result without a change."""
        return RefreshResult(ReadingOutcome.UNCHANGED)

    def fail(self, reason: str) -> RefreshResult:
        """Return the problem."""
        return RefreshResult(None, reason)

    def _store_reading(
        self,
        reading: ParsedPage,
        url: str,
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
            notices.notify_quarantined(session, self._operator, quarantined, url, now)
            notices.redraw_vanished(session, open_before, now)

        edition = CatalogueEdition(
            product=reading.product,
            source_url=url,
            as_of=reading.as_of,
            read_at=now,
            rows=len(confirmed.families),
            quarantined=tuple(f"{issue.family}: {issue.reason}" for issue in verdict.issues),
        )
        if confirmed.outcome is ReadingOutcome.CONFIRMED:
            changes = self._ingest.apply(
                confirmed.families, edition, now, vanished=confirmed.vanished, extra_writes=write_findings
            )
            return RefreshResult(confirmed.outcome, "", tuple(quarantined), changes, confirmed.vanished)

        def write_unapplied(session: Session) -> None:
            if confirmed.outcome is ReadingOutcome.REDATED:
                catalogue.add_reading(session, edition)
            write_findings(session)

        self._database.run(write_unapplied)
        return RefreshResult(confirmed.outcome, verdict.quarantine_reason, tuple(quarantined), (), confirmed.vanished)


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


def _build_source(document: Document, outcome: ReadingOutcome, verdict: Verdict, now: datetime) -> Source:
    """Return the source as the reading leaves it.

    The ETag and modification time are kept only if nothing is unconfirmed or newly quarantined. Otherwise the next poll
    must read the page again, even if it has not changed.
    """
    is_settled = outcome not in {ReadingOutcome.QUARANTINED, ReadingOutcome.UNCONFIRMED} and not verdict.new_issues
    before, after = document.before, document.after
    return replace(
        after,
        etag=after.etag if is_settled else "",
        last_modified=after.last_modified if is_settled else "",
        problem=verdict.quarantine_reason,
        last_good_at=before.last_good_at if outcome is ReadingOutcome.QUARANTINED else now,
        next_poll_at=now + MIN_POLL_INTERVAL if outcome is ReadingOutcome.UNCONFIRMED else after.next_poll_at,
        fingerprint=verdict.fingerprint,
        fingerprint_since=confirmation.find_unchanged_since(verdict.fingerprint, before, now),
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
