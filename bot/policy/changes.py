"""What a new reading of the table brought about, row by row and date by date."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from bot.policy.dependencies import DependencyReplaced, RowIndex, find_replaced, match_replacement_rows
from storage.facts import ImageFamily, Milestone


class Direction(StrEnum):
    """Which way a date moved, seen from the day it was found."""

    LATER = "later"
    EARLIER = "earlier"
    INTO_THE_PAST = "into_the_past"
    EXTENDED = "extended"
    """Later, after it had passed."""
    WITHDRAWN = "withdrawn"


class DateMoved(Struct, frozen=True):
    """A date of a version that was another one before, with the image families it moved for."""

    product: str
    version: str
    milestone: Milestone
    before: date
    after: date | None
    families: tuple[str, ...]
    is_whole_version: bool
    """Whether no other image family of the version still has the old date."""


def find_moved_dates(before: Iterable[ImageFamily], after: Iterable[ImageFamily]) -> tuple[DateMoved, ...]:
    """Every date that moved, rows of a version together; a cell that can't be read moves nothing.

    Where it could not be read all along, and somebody's word that stood in its stead is over, the date is withdrawn.
    """
    old = {(row.product, row.family): row for row in before}
    new = {(row.product, row.family): row for row in after}
    current = {**old, **new}
    found: dict[tuple[str, str, Milestone, date, date | None], list[str]] = {}
    for key, row in new.items():
        for milestone in Milestone:
            cell, now = old[key].get_date(milestone) if key in old else None, row.get_date(milestone)
            if cell is None or cell.day is None or cell.day == now.day:
                continue
            if not now.problem or cell.override is not None:
                found.setdefault((row.product, row.version, milestone, cell.day, now.day), []).append(row.family)
    return tuple(
        DateMoved(
            product=product,
            version=version,
            milestone=milestone,
            before=was,
            after=now_day,
            families=tuple(families),
            is_whole_version=not any(
                row.product == product and row.version == version and row.get_date(milestone).day == was
                for row in current.values()
            ),
        )
        for (product, version, milestone, was, now_day), families in found.items()
    )


def classify_direction(before: date, after: date | None, today: date) -> Direction:
    """Which way a date moved, as of the day it was found."""
    if after is None:
        return Direction.WITHDRAWN
    if after < before:
        return Direction.INTO_THE_PAST if after < today else Direction.EARLIER
    return Direction.EXTENDED if before < today else Direction.LATER


class RowsArrived(Struct, frozen=True):
    """Rows seen for the first time."""

    product: str
    version: str
    families: tuple[str, ...]
    is_new_version: bool
    """Whether no row of the version was known before."""


class DateFilledIn(Struct, frozen=True):
    """A date that was not known before, of rows that were."""

    product: str
    version: str
    milestone: Milestone
    day: date
    families: tuple[str, ...]


class RowsVanished(Struct, frozen=True):
    """Rows that the table no longer lists; what is known of them stays."""

    product: str
    version: str
    families: tuple[str, ...]
    is_whole_version: bool
    """Whether no row of the version is listed any more."""


class RowsReturned(Struct, frozen=True):
    """Rows that had vanished, and are listed again."""

    product: str
    version: str
    families: tuple[str, ...]


Event = RowsArrived | DateFilledIn | DateMoved | RowsVanished | RowsReturned | DependencyReplaced


def find_events(
    before: Iterable[ImageFamily],
    after: Iterable[ImageFamily],
    *,
    vanished: Collection[str] = (),
    returned: Collection[str] = (),
) -> tuple[Event, ...]:
    """Everything a reading brought about, rows of a version that share it together.

    Before are all rows known, with those that vanished; after the rows that entered. A row that the reading lacks says
    nothing by itself: gone names the families that are now held to have vanished, back those that had, and are listed
    again. Where one row of a version is gone and another came that differs in dependencies alone, those were replaced.
    """
    old = {(row.product, row.family): row for row in before}
    new = {(row.product, row.family): row for row in after}
    came_for = match_replacement_rows(old, new, vanished)
    forebears = {row.family for row in came_for.values()}
    return (
        *_find_arrived(old, {key: row for key, row in new.items() if key not in came_for}),
        *_find_returned(new, returned),
        *find_moved_dates(old.values(), new.values()),
        *_find_filled_in(old, new),
        *find_replaced(old, new, came_for),
        *_find_vanished(old, new, [family for family in vanished if family not in forebears]),
    )


def _group_by_version(rows: Iterable[ImageFamily]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row.product, row.version), []).append(row.family)
    return found


def _find_arrived(old: RowIndex, new: RowIndex) -> Iterable[RowsArrived]:
    known = {(row.product, row.version) for row in old.values()}
    arrived = _group_by_version(row for key, row in new.items() if key not in old)
    for (product, version), families in arrived.items():
        yield RowsArrived(product, version, tuple(families), is_new_version=(product, version) not in known)


def _find_returned(new: RowIndex, returned: Collection[str]) -> Iterable[RowsReturned]:
    for (product, version), families in _group_by_version(
        row for row in new.values() if row.family in returned
    ).items():
        yield RowsReturned(product, version, tuple(families))


def _find_vanished(old: RowIndex, new: RowIndex, families_gone: Collection[str]) -> Iterable[RowsVanished]:
    listed = {(row.product, row.version) for row in new.values()}
    vanished = _group_by_version(row for key, row in old.items() if row.family in families_gone and key not in new)
    for (product, version), families in vanished.items():
        yield RowsVanished(product, version, tuple(families), is_whole_version=(product, version) not in listed)


def _find_filled_in(old: RowIndex, new: RowIndex) -> Iterable[DateFilledIn]:
    found: dict[tuple[str, str, Milestone, date], list[str]] = {}
    for key, row in new.items():
        for milestone in Milestone:
            now = row.get_date(milestone).day
            if now is not None and key in old and old[key].get_date(milestone).day is None:
                found.setdefault((row.product, row.version, milestone, now), []).append(row.family)
    for (product, version, milestone, day), families in found.items():
        yield DateFilledIn(product, version, milestone, day, tuple(families))
