"""Dates that the page says otherwise by now, which is held back: the last good one stays, and is not verified."""

from collections.abc import Iterable

from msgspec.structs import replace

from storage.facts import Finding, ImageFamily, Milestone


def marked(rows: Iterable[ImageFamily], held: Iterable[Finding]) -> tuple[ImageFamily, ...]:
    """The rows, with what is held back of each date said beside it, and why.

    A date that can't be read says so itself.
    """
    found = {(one.family, one.field): f"the page prints “{one.printed}”: {one.reason}" for one in held}
    return tuple(_with(row, found) for row in rows) if found else tuple(rows)


def _with(row: ImageFamily, found: dict[tuple[str, str], str]) -> ImageFamily:
    for milestone in Milestone:
        cell, why = row.date_of(milestone), found.get((row.family, milestone.value), "")
        if why and cell.day is not None:
            row = replace(row, **{milestone.value: replace(cell, unverified=why)})
    return row
