"""Dates that the page says otherwise by now, which is held back: the last good one stays, and is not verified."""

from collections.abc import Iterable

from msgspec.structs import replace

from storage.facts import ImageFamily, Milestone, QuarantineEntry


def mark_unverified(rows: Iterable[ImageFamily], quarantined: Iterable[QuarantineEntry]) -> tuple[ImageFamily, ...]:
    """The rows, with what is held back of each date said beside it, and why.

    A date that can't be read says so itself.
    """
    found = {(one.family, one.field): f"the page prints “{one.printed}”: {one.reason}" for one in quarantined}
    return tuple(_mark_row(row, found) for row in rows) if found else tuple(rows)


def _mark_row(row: ImageFamily, found: dict[tuple[str, str], str]) -> ImageFamily:
    for milestone in Milestone:
        cell, why = row.get_date(milestone), found.get((row.family, milestone.value), "")
        if why and cell.day is not None:
            row = replace(row, **{milestone.value: replace(cell, unverified=why)})
    return row
