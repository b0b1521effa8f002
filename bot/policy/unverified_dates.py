"""Dates for which the page now prints a quarantined one: the last good date stays, marked as unverified."""

from collections.abc import Iterable

from msgspec.structs import replace

from storage.facts import ImageFamily, Milestone, QuarantineEntry


def mark_unverified(rows: Iterable[ImageFamily], quarantined: Iterable[QuarantineEntry]) -> tuple[ImageFamily, ...]:
    """Return the rows with each unverified date marked by the page's text and the reason of the quarantine.

    A date that has no day isn't marked: it has a problem of its own.
    """
    reasons = {
        (entry.family, entry.field): f"the page now says “{entry.printed}”: {entry.reason}" for entry in quarantined
    }
    return tuple(_mark_row(row, reasons) for row in rows)


def _mark_row(row: ImageFamily, reasons: dict[tuple[str, str], str]) -> ImageFamily:
    for milestone in Milestone:
        cell, reason = row.get_date(milestone), reasons.get((row.family, milestone.value), "")
        if reason and cell.day is not None:
            row = replace(row, **{milestone.value: replace(cell, unverified=reason)})
    return row
