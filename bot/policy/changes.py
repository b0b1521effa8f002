"""Changes between two readings of the table, grouped by version."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from bot.policy.dependencies import RowIndex, find_replaced, match_replacement_rows
from storage.facts import DateFilledIn, ImageFamily, Milestone, RowChange, RowsArrived, RowsReturned, RowsVanished


class Direction(StrEnum):
    """Direction in which a date moved, as of the day the move was found."""

    LATER = "later"
    EARLIER = "earlier"
    INTO_THE_PAST = "into_the_past"
    EXTENDED = "extended"
    """Later, after the old date had passed."""
    WITHDRAWN = "withdrawn"


class DateMoved(Struct, frozen=True):
    """A known date of a version that changed, with the affected image families."""

    product: str
    version: str
    milestone: Milestone
    before: date
    after: date | None
    families: tuple[str, ...]
    is_whole_version: bool
    """True if no image family of the version still has the old date."""


def find_moved_dates(before: Iterable[ImageFamily], after: Iterable[ImageFamily]) -> tuple[DateMoved, ...]:
    """Return every date that moved, one entry per version, milestone and pair of dates.

    An unreadable cell isn't a move, unless the old date came from an override that has ended: then the date is
    withdrawn.
    """
    old_rows = {(row.product, row.family): row for row in before}
    new_rows = {(row.product, row.family): row for row in after}
    current_rows = {**old_rows, **new_rows}
    families_by_move: dict[tuple[str, str, Milestone, date, date | None], list[str]] = {}
    for key, row in new_rows.items():
        for milestone in Milestone:
            old, new = old_rows[key].get_date(milestone) if key in old_rows else None, row.get_date(milestone)
            if old is None or old.day is None or old.day == new.day:
                continue
            if not new.problem or old.override is not None:
                move = (row.product, row.version, milestone, old.day, new.day)
                families_by_move.setdefault(move, []).append(row.family)
    return tuple(
        DateMoved(
            product=product,
            version=version,
            milestone=milestone,
            before=old_day,
            after=new_day,
            families=tuple(families),
            is_whole_version=not any(
                row.product == product and row.version == version and row.get_date(milestone).day == old_day
                for row in current_rows.values()
            ),
        )
        for (product, version, milestone, old_day, new_day), families in families_by_move.items()
    )


def classify_direction(before: date, after: date | None, today: date) -> Direction:
    """Return the direction in which a date moved, as of today."""
    if after is None:
        return Direction.WITHDRAWN
    if after < before:
        return Direction.INTO_THE_PAST if after < today else Direction.EARLIER
    return Direction.EXTENDED if before < today else Direction.LATER


Event = RowChange | DateMoved


def find_events(
    before: Iterable[ImageFamily],
    after: Iterable[ImageFamily],
    *,
    vanished: Collection[str] = (),
    returned: Collection[str] = (),
) -> tuple[Event, ...]:
    """Return every change between the known rows and a reading, equal changes of a version's rows together.

    `before` has all known rows, including vanished ones; `after` has the rows that entered the catalogue. A row that
    is missing from `after` changes nothing by itself: `vanished` names the families confirmed as gone, and `returned`
    those that had vanished and are listed again. If a vanished row and a new row of one version differ only in their
    dependencies, the result is a `DependencyReplaced`.
    """
    old = {(row.product, row.family): row for row in before}
    new = {(row.product, row.family): row for row in after}
    predecessors = match_replacement_rows(old, new, vanished)
    replaced_families = {row.family for row in predecessors.values()}
    return (
        *_find_arrived(old, {key: row for key, row in new.items() if key not in predecessors}),
        *(RowsReturned(*group) for group in _group_by_version(row for row in new.values() if row.family in returned)),
        *find_moved_dates(old.values(), new.values()),
        *_find_filled_in(old, new),
        *find_replaced(old, new, predecessors),
        *_find_vanished(old, new, [family for family in vanished if family not in replaced_families]),
    )


def _group_by_version(rows: Iterable[ImageFamily]) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    families: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        families.setdefault((row.product, row.version), []).append(row.family)
    return ((product, version, tuple(names)) for (product, version), names in families.items())


def _find_arrived(old: RowIndex, new: RowIndex) -> Iterable[RowsArrived]:
    known_versions = {(row.product, row.version) for row in old.values()}
    for product, version, families in _group_by_version(row for key, row in new.items() if key not in old):
        yield RowsArrived(product, version, families, is_new_version=(product, version) not in known_versions)


def _find_vanished(old: RowIndex, new: RowIndex, vanished: Collection[str]) -> Iterable[RowsVanished]:
    listed_versions = {(row.product, row.version) for row in new.values()}
    vanished_rows = (row for key, row in old.items() if row.family in vanished and key not in new)
    for product, version, families in _group_by_version(vanished_rows):
        yield RowsVanished(product, version, families, is_whole_version=(product, version) not in listed_versions)


def _find_filled_in(old: RowIndex, new: RowIndex) -> Iterable[DateFilledIn]:
    families_by_date: dict[tuple[str, str, Milestone, date], list[str]] = {}
    for key, row in new.items():
        for milestone in Milestone:
            day = row.get_date(milestone).day
            if day is not None and key in old and old[key].get_date(milestone).day is None:
                families_by_date.setdefault((row.product, row.version, milestone, day), []).append(row.family)
    for (product, version, milestone, day), families in families_by_date.items():
        yield DateFilledIn(product, version, milestone, day, tuple(families))
