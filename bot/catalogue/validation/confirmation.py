"""What becomes of a judged reading: held, waiting for a second one, nothing new, or taken. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.validation.reading import Reading
from bot.catalogue.validation.verdict import AcceptedValues, Verdict
from storage.facts import ImageFamily, Source

CONFIRMATION_DELAY = timedelta(minutes=60)
"""How long a page has to say the same before a change of it is believed."""


class ReadingOutcome(StrEnum):
    """What becomes of a reading."""

    QUARANTINED = "held"
    UNCONFIRMED = "waits"
    UNCHANGED = "nothing_new"
    REDATED = "another_day"
    """The same rows, as of a later day."""
    OUTDATED = "outdated"
    """Other rows, as of an earlier day: what changes later is dated later, so that this is an old copy."""
    CONFIRMED = "taken"


class Confirmation(Struct, frozen=True):
    """What becomes of a reading, and what it would change."""

    outcome: ReadingOutcome
    families: tuple[ImageFamily, ...] = ()
    """The rows to save."""
    vanished: tuple[str, ...] = ()
    """Families that are held to have vanished."""


class CatalogueState(Struct, frozen=True):
    """What was known when a page was read."""

    rows: tuple[ImageFamily, ...]
    vanished: frozenset[str]
    as_of: date | None
    """The day of the last reading that was taken; None before the first."""
    source: Source
    accepted: AcceptedValues


def confirm(reading: Reading, verdict: Verdict, state: CatalogueState, now: datetime) -> Confirmation:
    """What becomes of a reading at this moment; what a person accepted as a whole needs no second one."""
    gone = tuple(family for family in verdict.absent_families if family not in state.vanished)
    if verdict.quarantine_reason:
        return Confirmation(ReadingOutcome.QUARANTINED)
    if not gone and _is_unchanged(verdict.families, state.rows, state.vanished):
        newer = state.as_of is None or reading.as_of > state.as_of
        return Confirmation(ReadingOutcome.REDATED if newer else ReadingOutcome.UNCHANGED, verdict.families)
    if state.as_of is not None and reading.as_of < state.as_of:
        return Confirmation(ReadingOutcome.OUTDATED)
    if not _is_confirmed(verdict.fingerprint, state, now):
        return Confirmation(ReadingOutcome.UNCONFIRMED, verdict.families, gone)
    return Confirmation(ReadingOutcome.CONFIRMED, verdict.families, gone)


def find_unchanged_since(fingerprint: str, source: Source, now: datetime) -> datetime:
    """Since when the page has said what it says now."""
    if source.fingerprint == fingerprint and source.fingerprint_since is not None:
        return source.fingerprint_since
    return now


def _is_confirmed(fingerprint: str, state: CatalogueState, now: datetime) -> bool:
    if fingerprint in state.accepted.readings:
        return True
    return now - find_unchanged_since(fingerprint, state.source, now) >= CONFIRMATION_DELAY


def _is_unchanged(after: Sequence[ImageFamily], before: Iterable[ImageFamily], gone: Collection[str]) -> bool:
    """Whether the rows say what is known, whatever day and address they are from."""
    known = {row.family: row for row in before if row.family not in gone}
    return all(
        row.family in known
        and replace(row, as_of=known[row.family].as_of, source_url=known[row.family].source_url) == known[row.family]
        for row in after
    )
