"""What a new reading of the table moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from storage.facts import ImageFamily, Milestone


class Direction(StrEnum):
    """Which way a date moved, seen from the day it was found."""

    LATER = "later"
    EARLIER = "earlier"
    INTO_THE_PAST = "into_the_past"
    EXTENDED = "extended"
    """Later, after it had passed."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Move:
    """A date of a version that was another one before, with the image families it moved for."""

    product: str
    version: str
    milestone: Milestone
    before: date
    after: date | None
    families: tuple[str, ...]
    everywhere: bool
    """Whether no other image family of the version still has the old date."""


def moves(before: Iterable[ImageFamily], after: Iterable[ImageFamily]) -> tuple[Move, ...]:
    """Every date that moved, rows of a version together; a cell that can't be read moves nothing."""
    old = {(row.product, row.family): row for row in before}
    new = {(row.product, row.family): row for row in after}
    current = {**old, **new}
    found: dict[tuple[str, str, Milestone, date, date | None], list[str]] = {}
    for key, row in new.items():
        for milestone in Milestone:
            was = old[key].date_of(milestone).day if key in old else None
            now = row.date_of(milestone)
            if was is not None and was != now.day and not now.problem:
                found.setdefault((row.product, row.version, milestone, was, now.day), []).append(row.family)
    return tuple(
        Move(
            product=product,
            version=version,
            milestone=milestone,
            before=was,
            after=now_day,
            families=tuple(families),
            everywhere=not any(
                row.product == product and row.version == version and row.date_of(milestone).day == was
                for row in current.values()
            ),
        )
        for (product, version, milestone, was, now_day), families in found.items()
    )


def direction(before: date, after: date | None, today: date) -> Direction:
    """Which way a date moved, as of the day it was found."""
    if after is None:
        return Direction.WITHDRAWN
    if after < before:
        return Direction.INTO_THE_PAST if after < today else Direction.EARLIER
    return Direction.EXTENDED if before < today else Direction.LATER
