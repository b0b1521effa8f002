"""Dates that a person set by hand: their word in the page's stead, row by row, for as long as it holds."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from storage.facts import ImageFamily, Milestone, Override, OverrideInfo, PrintedDate


def apply_overrides(rows: Iterable[ImageFamily], overrides: Sequence[Override]) -> tuple[ImageFamily, ...]:
    """The page's rows with the dates that hold in its stead; a row that says the same by itself stays the page's."""
    if not overrides:
        return tuple(rows)
    return tuple(_override_row(row, overrides) for row in rows)


def find_in_force(row: ImageFamily, milestone: Milestone, overrides: Iterable[Override]) -> Override | None:
    """Whose word holds for a cell: one about the image family before one about its version, the newer one first."""
    about = [each for each in overrides if each.milestone is milestone and _applies_to(each, row)]
    return max(about, key=lambda each: (bool(each.family), each.override_id), default=None)


def list_affected_rows(
    override: Override, rows: Iterable[ImageFamily], overrides: Sequence[Override]
) -> tuple[ImageFamily, ...]:
    """The page's rows for which it is this word that holds."""
    return tuple(row for row in rows if find_in_force(row, override.milestone, overrides) == override)


def format_page_dates(rows: Iterable[ImageFamily], milestone: Milestone) -> str:
    """What the page says of a milestone, to be compared: ISO days in order, commas between; nothing for no date."""
    days = {row.get_date(milestone).day for row in rows}
    return ",".join(sorted(day.isoformat() if day else "" for day in days))


def page_agrees(override: Override, rows: Sequence[ImageFamily]) -> bool:
    """Whether the page says by now what was set by hand, in every row that it was set for."""
    return bool(rows) and all(row.get_date(override.milestone).day == override.day for row in rows)


def _applies_to(override: Override, row: ImageFamily) -> bool:
    about = (override.product, override.version) == (row.product, row.version)
    return about and override.family in {"", row.family}


def _override_row(row: ImageFamily, overrides: Sequence[Override]) -> ImageFamily:
    for milestone in Milestone:
        override, cell = find_in_force(row, milestone, overrides), row.get_date(milestone)
        if override is not None and override.day != cell.day:
            row = replace(row, **{milestone.value: _override_cell(cell, override)})
    return row


def _override_cell(cell: PrintedDate, override: Override) -> PrintedDate:
    who = OverrideInfo(override.set_by, override.reason, override.set_at.date(), override.until, page_date=cell.day)
    return PrintedDate(cell.printed, override.day, override=who)
