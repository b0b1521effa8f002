"""What becomes of a judged reading: held, waiting for a second one, nothing new, or taken. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.validation.reading import Reading
from bot.catalogue.validation.verdict import Accepted, Verdict
from storage.facts import ImageFamily, Source

CONFIRMED_AFTER = timedelta(minutes=60)
"""How long a page has to say the same before a change of it is believed."""


class Fate(StrEnum):
    """What becomes of a reading."""

    HELD = "held"
    WAITS = "waits"
    NOTHING_NEW = "nothing_new"
    ANOTHER_DAY = "another_day"
    """The same rows, as of a later day."""
    OUTDATED = "outdated"
    """Other rows, as of an earlier day: what changes later is dated later, so that this is an old copy."""
    TAKEN = "taken"


class Taking(Struct, frozen=True):
    """What becomes of a reading, and what it would change."""

    fate: Fate
    families: tuple[ImageFamily, ...] = ()
    """The rows to save."""
    gone: tuple[str, ...] = ()
    """Families that are held to have vanished."""


class Standing(Struct, frozen=True):
    """What was known when a page was read."""

    before: tuple[ImageFamily, ...]
    gone: frozenset[str]
    as_of: date | None
    """The day of the last reading that was taken; None before the first."""
    source: Source
    accepted: Accepted


def decide(reading: Reading, verdict: Verdict, standing: Standing, now: datetime) -> Taking:
    """What becomes of a reading at this moment; what a person accepted as a whole needs no second one."""
    gone = tuple(family for family in verdict.absent if family not in standing.gone)
    if verdict.whole:
        return Taking(Fate.HELD)
    if not gone and _same(verdict.families, standing.before, standing.gone):
        newer = standing.as_of is None or reading.as_of > standing.as_of
        return Taking(Fate.ANOTHER_DAY if newer else Fate.NOTHING_NEW, verdict.families)
    if standing.as_of is not None and reading.as_of < standing.as_of:
        return Taking(Fate.OUTDATED)
    if not _confirmed(verdict.fingerprint, standing, now):
        return Taking(Fate.WAITS, verdict.families, gone)
    return Taking(Fate.TAKEN, verdict.families, gone)


def since(fingerprint: str, source: Source, now: datetime) -> datetime:
    """Since when the page has said what it says now."""
    if source.fingerprint == fingerprint and source.fingerprint_since is not None:
        return source.fingerprint_since
    return now


def _confirmed(fingerprint: str, standing: Standing, now: datetime) -> bool:
    if fingerprint in standing.accepted.readings:
        return True
    return now - since(fingerprint, standing.source, now) >= CONFIRMED_AFTER


def _same(after: Sequence[ImageFamily], before: Iterable[ImageFamily], gone: Collection[str]) -> bool:
    """Whether the rows say what is known, whatever day and address they are from."""
    known = {row.family: row for row in before if row.family not in gone}
    return all(
        row.family in known
        and replace(row, as_of=known[row.family].as_of, source_url=known[row.family].source_url) == known[row.family]
        for row in after
    )
