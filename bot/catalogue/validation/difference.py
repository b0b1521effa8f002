"""Differences between a reading and the known rows, as lines for a reviewer."""

from collections.abc import Iterator, Sequence

from bot.catalogue.validation.reading import ParsedPage, UnidentifiedRow
from bot.catalogue.validation.verdict import FIELD_TITLES, format_dates
from storage.facts import ImageFamily, Milestone


def list_differences(
    reading: ParsedPage, unidentified: Sequence[UnidentifiedRow], listed: Sequence[ImageFamily]
) -> tuple[str, ...]:
    """Return a line for each changed cell, each new, unidentified or missing row, and each missing table."""
    known_rows = {row.family: row for row in listed}
    unidentified_families = {row.family for row in unidentified}
    lines = [*reading.missing_tables, *reading.malformed_rows]
    for row in reading.rows:
        known = known_rows.get(row.family)
        if row.family in unidentified_families:
            continue
        if isinstance(row, UnidentifiedRow):
            lines.append(_format_change(row.family, "label", known.label if known else "", row.label))
        elif known:
            lines += _compare_cells(row, known)
        else:
            lines.append(f"{row.family}: new row, {row.label}, {format_dates(row)}")
    lines += [f"unidentified row: {row.printed}" for row in unidentified]
    printed_families = {row.family for row in reading.rows}
    return (*lines, *(f"{family}: no longer listed" for family in known_rows if family not in printed_families))


def _compare_cells(row: ImageFamily, known: ImageFamily) -> Iterator[str]:
    for name in ("label", "patch_version", "accelerator"):
        if getattr(row, name).casefold() != getattr(known, name).casefold():
            yield _format_change(row.family, name, getattr(known, name), getattr(row, name))
    for milestone in Milestone:
        cell, known_cell = row.get_date(milestone), known.get_date(milestone)
        if cell.day != known_cell.day or (cell.problem and cell.printed != known_cell.printed):
            yield _format_change(row.family, milestone, known_cell.printed, cell.printed)


def _format_change(family: str, field: str, before: str, after: str) -> str:
    return f"{family}: {FIELD_TITLES[field]} “{before}” → “{after}”"
