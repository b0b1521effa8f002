"""Overrides: dates that a person set to replace the page's dates while they are in force."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from storage.facts import ImageFamily, Milestone, Override, OverrideInfo, PrintedDate


def apply_overrides(rows: Iterable[ImageFamily], overrides: Sequence[Override]) -> tuple[ImageFamily, ...]:
    """Return the page's rows with overridden dates. A row whose own date equals the override stays unchanged."""
    return tuple(_override_row(row, overrides) for row in rows)


def find_in_force(row: ImageFamily, milestone: Milestone, overrides: Iterable[Override]) -> Override | None:
    """Return the override that decides a cell, or None.

    An override of the image family wins over one of its version; among equals the newest wins.
    """
    candidates = [override for override in overrides if override.milestone is milestone and _applies_to(override, row)]
    return max(candidates, key=lambda override: (bool(override.family), override.override_id), default=None)


def list_affected_rows(
    override: Override, rows: Iterable[ImageFamily], overrides: Sequence[Override]
) -> tuple[ImageFamily, ...]:
    """Return the page's rows whose date this override decides."""
    return tuple(row for row in rows if find_in_force(row, override.milestone, overrides) == override)


def format_page_dates(rows: Iterable[ImageFamily], milestone: Milestone) -> str:
    """Format the page's dates of a milestone for comparison.

    The result has the distinct ISO days in order, separated by commas. An unknown date is an empty item.
    """
    days = {row.get_date(milestone).day for row in rows}
    return ",".join(sorted(day.isoformat() if day else "" for day in days))


def page_agrees(override: Override, rows: Sequence[ImageFamily]) -> bool:
    """Return True if every given row of the page has the overriding date. Without rows, return False."""
    return bool(rows) and all(row.get_date(override.milestone).day == override.day for row in rows)


def _applies_to(override: Override, row: ImageFamily) -> bool:
    is_version = (override.product, override.version) == (row.product, row.version)
    return is_version and override.family in {"", row.family}


def _override_row(row: ImageFamily, overrides: Sequence[Override]) -> ImageFamily:
    for milestone in Milestone:
        override, cell = find_in_force(row, milestone, overrides), row.get_date(milestone)
        if override is not None and override.day != cell.day:
            row = replace(row, **{milestone.value: _override_cell(cell, override)})
    return row


def _override_cell(cell: PrintedDate, override: Override) -> PrintedDate:
    info = OverrideInfo(override.set_by, override.reason, override.set_at.date(), override.until, cell.day)
    return PrintedDate(cell.printed, override.day, override=info)
