"""Confirmation of a validated reading: a change is believed once a second reading, an hour later, repeats it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.validation.reading import ParsedPage
from bot.catalogue.validation.verdict import AcceptedValues, Verdict
from storage.facts import ImageFamily, Source

CONFIRMATION_DELAY = timedelta(minutes=60)
"""Time for which the page has to repeat a change before it is believed."""


class ReadingOutcome(StrEnum):
    """Outcome of a reading."""

    QUARANTINED = "quarantined"
    UNCONFIRMED = "unconfirmed"
    UNCHANGED = "unchanged"
    REDATED = "redated"
    """Unchanged rows, as of a later day."""
    OUTDATED = "outdated"
    """Changed rows, as of an earlier day. Real changes have a later day, so this is an old copy."""
    CONFIRMED = "confirmed"


class Confirmation(Struct, frozen=True):
    """Outcome of a reading, with the changes to store."""

    outcome: ReadingOutcome
    families: tuple[ImageFamily, ...] = ()
    """The rows to store."""
    vanished: tuple[str, ...] = ()
    """Families that the table no longer lists."""


class CatalogueState(Struct, frozen=True):
    """State of a product's catalogue when its page was read."""

    rows: tuple[ImageFamily, ...]
    """All known rows, including vanished ones."""
    vanished: frozenset[str]
    as_of: date | None
    """The day of the last stored reading; None before the first."""
    source: Source
    accepted: AcceptedValues


def confirm(reading: ParsedPage, verdict: Verdict, state: CatalogueState, now: datetime) -> Confirmation:
    """Return the outcome of a reading at this moment. A reading accepted as a whole needs no second one."""
    vanished = tuple(family for family in verdict.absent_families if family not in state.vanished)
    if verdict.quarantine_reason:
        return Confirmation(ReadingOutcome.QUARANTINED)
    if not vanished and _is_unchanged(verdict.families, state.rows, state.vanished):
        is_newer = state.as_of is None or reading.as_of > state.as_of
        return Confirmation(ReadingOutcome.REDATED if is_newer else ReadingOutcome.UNCHANGED, verdict.families)
    if state.as_of is not None and reading.as_of < state.as_of:
        return Confirmation(ReadingOutcome.OUTDATED)
    is_accepted = verdict.fingerprint in state.accepted.readings
    unchanged_for = now - find_unchanged_since(verdict.fingerprint, state.source, now)
    is_confirmed = is_accepted or unchanged_for >= CONFIRMATION_DELAY
    outcome = ReadingOutcome.CONFIRMED if is_confirmed else ReadingOutcome.UNCONFIRMED
    return Confirmation(outcome, verdict.families, vanished)


def find_unchanged_since(fingerprint: str, source: Source, now: datetime) -> datetime:
    """Return since when the page has had this fingerprint: now, if the last reading had another one."""
    if source.fingerprint == fingerprint and source.fingerprint_since is not None:
        return source.fingerprint_since
    return now


def _is_unchanged(after: Sequence[ImageFamily], before: Iterable[ImageFamily], vanished: Collection[str]) -> bool:
    """Return True if all rows are known and equal except for their day and address."""
    known_rows = {row.family: row for row in before if row.family not in vanished}
    return all(
        (known := known_rows.get(row.family)) and replace(row, as_of=known.as_of, source_url=known.source_url) == known
        for row in after
    )
