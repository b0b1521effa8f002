"""A reading judged against the last good rows: what may enter, what waits for a person, and what is gone.

A reading whose shape changed, that lost more than a fifth of the rows, or that changes more than five at once is held
back whole; otherwise each cell by itself. Pure: nothing is remembered here.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from bot.catalogue.page.description import PageDescription
from bot.catalogue.validation import first_reading, row_changes
from bot.catalogue.validation import rules as suspicions
from bot.catalogue.validation.difference import list_differences
from bot.catalogue.validation.reading import Reading, Row, UnidentifiedRow
from bot.catalogue.validation.row_changes import ValidationContext
from bot.catalogue.validation.verdict import NOTHING_ACCEPTED, ROW, AcceptedValues, Issue, Verdict
from storage.facts import ImageFamily, Milestone

MAX_CHANGED_ROWS = 5
"""Rows that may change in one reading without a person looking at it."""
MAX_LOST_ONE_IN = 5
"""More than one row in so many gone is not believed."""


def validate_reading(
    reading: Reading,
    before: Sequence[ImageFamily],
    today: date,
    description: PageDescription,
    *,
    accepted: AcceptedValues = NOTHING_ACCEPTED,
    gone: Collection[str] = (),
) -> Verdict:
    """What may enter of a reading.

    Before are all rows known, with those that vanished earlier, whose families are named in gone; a first reading has
    none, and goes through the gates of the bundled table.
    """
    known = {row.family: row for row in before}
    placed, strangers = _identify_rows(reading, known, description)
    printed = {row.family for row in placed}
    lost = tuple(row for row in before if row.family not in printed and row.family not in gone)
    rules = ValidationContext(today, description, accepted, reading.fingerprint, lost)
    whole = _check_reading(placed, strangers, reading, before, rules, gone)
    if known:
        families, held = _validate_rows(placed, known, rules)
    else:
        first, remarks = first_reading.validate_rows(
            [row for row in placed if isinstance(row, ImageFamily)], description.gap
        )
        families, held = list(first), list(remarks)
    held += [Issue(stranger.family, ROW, stranger.printed, stranger.reason, acceptable=False) for stranger in strangers]
    found = printed | {one.last_good for one in held if one.field == ROW}
    return Verdict(
        product=reading.product,
        fingerprint=reading.fingerprint,
        families=tuple(before) if whole else tuple(families),
        issues=tuple(held),
        quarantine_reason=whole,
        difference=list_differences(reading, strangers, [row for row in before if row.family not in gone]),
        absent_families=()
        if whole or strangers or reading.malformed_rows
        else tuple(family for family in known if family not in found),
    )


def _identify_rows(
    reading: Reading, known: dict[str, ImageFamily], description: PageDescription
) -> tuple[list[Row], list[UnidentifiedRow]]:
    """Rows whose family is known or may be new, and rows that could be any."""
    placed: list[Row] = []
    strangers: list[UnidentifiedRow] = []
    for row in reading.rows:
        if row.family in known:
            placed.append(row)
        elif isinstance(row, UnidentifiedRow):
            strangers.append(row)
        elif description.named_after_version and (reason := suspicions.check_family_name(row)):
            printed = f"{row.label}: {row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"
            strangers.append(UnidentifiedRow(row.family, row.label, f"{printed}, {row.family_as_printed}", reason))
        else:
            placed.append(row)
    return placed, strangers


def _validate_rows(
    placed: Iterable[Row], known: dict[str, ImageFamily], rules: ValidationContext
) -> tuple[list[ImageFamily], list[Issue]]:
    families: list[ImageFamily] = []
    held: list[Issue] = []
    for name, rows in _group_by_family(placed).items():
        row, good = rows[0], known.get(name)
        taken: ImageFamily | None
        if (repeated := _check_repeated(rows)) is not None and not repeated.acceptable:
            taken, found = good, [repeated]
        elif isinstance(row, UnidentifiedRow):
            taken = known[name]
            found = [Issue(name, "label", row.label, row.reason, known[name].label, acceptable=False)]
        else:
            taken, found = (
                row_changes.validate_row(row, good, rules) if good else row_changes.validate_new_row(row, rules)
            )
            found += [repeated] if repeated is not None and rules.should_report(repeated) else []
        families += [taken] if taken is not None else []
        held += found
    return families, held


def _group_by_family(placed: Iterable[Row]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in placed:
        rows.setdefault(row.family, []).append(row)
    return rows


def _check_repeated(rows: Sequence[Row]) -> Issue | None:
    """A family that is printed twice: harmless where the rows say the same, otherwise neither is believed."""
    if len(rows) == 1:
        return None
    said = {_compare_key(row) if isinstance(row, ImageFamily) else None for row in rows}
    printed = " and ".join(_format_dates(row) if isinstance(row, ImageFamily) else row.printed for row in rows)
    reason = "the table prints this family twice"
    if len(said) == 1 and None not in said:
        return Issue(rows[0].family, "family", printed, reason)
    return Issue(rows[0].family, "family", printed, f"{reason}, and the rows differ", acceptable=False)


def _check_reading(
    placed: Sequence[Row],
    strangers: Sequence[UnidentifiedRow],
    reading: Reading,
    before: Sequence[ImageFamily],
    rules: ValidationContext,
    gone: Collection[str],
) -> str:
    """Why a reading is not believed at all."""
    if rules.fingerprint in rules.accepted.readings:
        return ""
    if odd := (*reading.missing_tables, *reading.malformed_rows):
        return f"the shape of the page changed: {odd[0]}"
    if not before:
        return ""
    listed = sum(row.family not in gone for row in before)
    if len(rules.lost) * MAX_LOST_ONE_IN > listed:
        return f"{len(rules.lost)} of {listed} rows are gone, more than a fifth"
    known = {row.family: _compare_key(row) for row in before}
    changed = {
        row.family for row in placed if isinstance(row, UnidentifiedRow) or known.get(row.family) != _compare_key(row)
    }
    count = len(changed) + len(strangers)
    return f"{count} rows changed at once, more than {MAX_CHANGED_ROWS}" if count > MAX_CHANGED_ROWS else ""


def _compare_key(row: ImageFamily) -> tuple[object, ...]:
    """What a row means, whatever its spelling."""
    dates = (row.get_date(milestone).day for milestone in Milestone)
    return (row.version, row.python, row.os, row.cuda, row.driver, row.patch_version, *dates)


def _format_dates(row: ImageFamily) -> str:
    return f"{row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"
