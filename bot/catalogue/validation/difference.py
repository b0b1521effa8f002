"""What a reading prints otherwise than what was known, as lines for a person."""

from collections.abc import Iterator, Sequence

from bot.catalogue.validation.reading import Reading, UnidentifiedRow
from bot.catalogue.validation.verdict import FIELD_TITLES
from storage.facts import ImageFamily, Milestone


def list_differences(
    reading: Reading, unidentified: Sequence[UnidentifiedRow], listed: Sequence[ImageFamily]
) -> tuple[str, ...]:
    """One line for each cell, row or table that is another one."""
    known = {row.family: row for row in listed}
    unplaced = {stranger.family for stranger in unidentified}
    lines = [*reading.missing_tables, *reading.malformed_rows]
    for row in reading.rows:
        if row.family in unplaced:
            continue
        if isinstance(row, UnidentifiedRow):
            lines.append(
                _format_change(row.family, "label", known[row.family].label if row.family in known else "", row.label)
            )
        elif row.family in known:
            lines += _compare_cells(row, known[row.family])
        else:
            dates = f"{row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"
            lines.append(f"{row.family}: new row, {row.label}, {dates}")
    lines += [f"a row that can't be told apart: {stranger.printed}" for stranger in unidentified]
    printed = {row.family for row in reading.rows}
    return (*lines, *(f"{family}: no longer printed" for family in known if family not in printed))


def _compare_cells(row: ImageFamily, known: ImageFamily) -> Iterator[str]:
    for name in ("label", "patch_version", "accelerator"):
        if getattr(row, name).casefold() != getattr(known, name).casefold():
            yield _format_change(row.family, name, getattr(known, name), getattr(row, name))
    for milestone in Milestone:
        cell, last = row.get_date(milestone), known.get_date(milestone)
        if cell.day != last.day or (cell.problem and cell.printed != last.printed):
            yield _format_change(row.family, milestone, last.printed, cell.printed)


def _format_change(family: str, name: str, before: str, after: str) -> str:
    return f"{family}: {FIELD_TITLES[name]} “{before}” → “{after}”"
