"""The page of supported framework versions read every few hours, and its changes taken once they are confirmed.

The network is asked between two short transactions; whatever it does, the last good rows stay.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue.http.results import Fetched, NotModified, Outcome, Unavailable
from bot.catalogue.page import parser
from bot.catalogue.page.description import Description
from bot.catalogue.validation import confirmation, reading
from bot.catalogue.validation.confirmation import Fate, Standing, Taking
from bot.catalogue.validation.reading import Reading
from bot.catalogue.validation.validate import judge
from bot.catalogue.validation.verdict import Accepted, Held, Verdict
from bot.policy.freshness import PACE
from bot.service import holding
from bot.service.catalogue.ingest import Refresh
from bot.service.catalogue.polling import Visits
from bot.service.operator.channel import Operator
from storage import catalogue, quarantine, sources
from storage.database import Database
from storage.facts import PAGE, CatalogueReading, DateChange, Finding, Source

EVERY = timedelta(hours=6)

LONGEST = 500
"""Characters of a text that is stored of what is held."""

Get = Callable[[Source], Outcome]
"""Fetches the page on the conditions that the last reading left."""


class Refreshed(Struct, frozen=True):
    """What an attempt came to."""

    fate: Fate | None
    """None where there was no reading."""
    problem: str = ""
    held: tuple[Finding, ...] = ()
    """What is held and was not before."""
    changes: tuple[DateChange, ...] = ()
    gone: tuple[str, ...] = ()


class Refreshing:
    """Reads one page when its time has come; of several processes one does."""

    def __init__(
        self,
        database: Database,
        refresh: Refresh,
        description: Description,
        get: Get,
        operator: Operator | None = None,
    ) -> None:
        self._database = database
        self._refresh = refresh
        self._description = description
        self._get = get
        self._operator = operator or Operator()
        self._visits = Visits(database, description.product)

    def run(self, now: datetime, *, by_hand: bool = False) -> Refreshed | None:
        """What an attempt came to; None where it is too early for one."""
        before = self._visits.begin(now, by_hand=by_hand)
        if before is None:
            return None
        outcome = self._get(before)
        if isinstance(outcome, Unavailable):
            return self._failed(before, outcome.reason, now)
        if isinstance(outcome, NotModified):
            self._visits.tell(replace(before, problem="", good_at=now, next_at=now + EVERY))
            return Refreshed(Fate.NOTHING_NEW)
        try:
            found = reading.of(parser.read(outcome.text, self._description), self._description, now.date())
            return self._judged(found, outcome, now)
        except parser.PageError as error:
            return self._failed(before, str(error), now)

    def _judged(self, found: Reading, fetched: Fetched, now: datetime) -> Refreshed:
        with self._database.reading() as session:
            standing = standing_of(session, found.product)
        rules = {"accepted": standing.accepted, "gone": standing.gone}
        verdict = judge(found, standing.before, now.date(), self._description, **rules)  # type: ignore[arg-type] # by name
        decided = confirmation.decide(found, verdict, standing, now)
        if decided.fate is Fate.OUTDATED:
            reason = f"it is as of {found.as_of}, and the catalogue as of {standing.as_of} already"
            return self._failed(standing.source, reason, now)
        told = _told(standing.source, decided.fate, verdict, fetched, now)
        try:
            return self._entered(found, fetched, verdict, decided, told, now)
        except ValueError as error:  # a text that no database keeps
            return self._failed(standing.source, f"it can’t be stored: {error}", now)

    def _entered(
        self, found: Reading, fetched: Fetched, verdict: Verdict, decided: Taking, told: Source, now: datetime
    ) -> Refreshed:
        """Has a reading enter as far as it may."""
        held: list[Finding] = []

        def also(session: Session) -> None:
            waiting = quarantine.open_ones(session, verdict.product)
            held[:] = _keep(session, verdict, told, now)
            holding.announce(session, self._operator, held, fetched.url, now)
            holding.over(session, waiting, now)

        remarks = tuple(f"{one.family}: {one.reason}" for one in verdict.held)
        read = CatalogueReading(found.product, fetched.url, found.as_of, now, len(decided.families), remarks)
        if decided.fate is Fate.TAKEN:
            changes = self._refresh.take(decided.families, read, now, gone=decided.gone, also=also)
            return Refreshed(decided.fate, "", tuple(held), changes, decided.gone)

        def note(session: Session) -> None:
            if decided.fate is Fate.ANOTHER_DAY:
                catalogue.read(session, read)
            also(session)

        self._database.run(note)
        return Refreshed(decided.fate, verdict.whole, tuple(held), (), decided.gone)

    def _failed(self, before: Source, reason: str, now: datetime) -> Refreshed:
        self._visits.failed(before, reason, now)
        return Refreshed(None, reason)


def standing_of(session: Session, product: str) -> Standing:
    """What is known of a product's page."""
    last = catalogue.last_reading(session, product)
    accepted = quarantine.accepted(session, product)
    return Standing(
        before=catalogue.all(session, product),
        gone=catalogue.gone(session, product),
        as_of=last.as_of if last else None,
        source=sources.find(session, product),
        accepted=Accepted(
            cells=frozenset(one.key for one in accepted if one.field != PAGE),
            readings=frozenset(one.fingerprint for one in accepted if one.field == PAGE),
        ),
    )


def _told(before: Source, fate: Fate, verdict: Verdict, fetched: Fetched, now: datetime) -> Source:
    """How the source stands after a reading.

    What is sent along next time is kept only where the page says what the catalogue says: a reading that waits, or of
    which something is held, has to be read again.
    """
    settled = fate not in {Fate.HELD, Fate.WAITS} and not verdict.asks
    return replace(
        before,
        etag=fetched.etag if settled else "",
        last_modified=fetched.last_modified if settled else "",
        problem=verdict.whole,
        good_at=before.good_at if fate is Fate.HELD else now,
        next_at=now + (PACE if fate is Fate.WAITS else EVERY),
        fingerprint=verdict.fingerprint,
        fingerprint_since=confirmation.since(verdict.fingerprint, before, now),
    )


def _keep(session: Session, verdict: Verdict, told: Source, now: datetime) -> tuple[Finding, ...]:
    sources.tell(session, told)
    return quarantine.keep(session, verdict.product, tuple(_findings(verdict, now)), now)


def _findings(verdict: Verdict, now: datetime) -> Iterable[Finding]:
    """What waits for a person: the reading as a whole where it is held, otherwise cell by cell."""
    if verdict.whole:
        yield _finding(verdict, Held("", PAGE, "", verdict.whole), verdict.difference, now)
        return
    for held in verdict.asks:
        yield _finding(verdict, held, (), now)


def _finding(verdict: Verdict, held: Held, difference: tuple[str, ...], now: datetime) -> Finding:
    """A text that can't be stored as it is can't be let pass either."""
    printed = _storable(held.printed)
    return Finding(
        finding_id=0,
        product=verdict.product,
        family=_storable(held.family),
        field=held.field,
        printed=printed,
        reason=_storable(held.reason),
        last_good=_storable(held.last_good),
        fingerprint=verdict.fingerprint,
        difference=difference,
        acceptable=held.acceptable and (printed, _storable(held.family)) == (held.printed, held.family),
        found_at=now,
    )


def _storable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST]
