"""Validation of a reading against the last good rows.

A reading whose structure changed, that lacks more than a fifth of the rows, or that changes more than five of them is
quarantined as a whole. Otherwise each cell is validated by itself.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from bot.catalogue.validation import first_reading, row_changes, rules
from bot.catalogue.validation.difference import list_differences
from bot.catalogue.validation.reading import ParsedPage, Row, UnidentifiedRow
from bot.catalogue.validation.row_changes import ValidationContext
from bot.catalogue.validation.verdict import NOTHING_ACCEPTED, ROW, AcceptedValues, Issue, Verdict, format_dates
from storage.facts import ImageFamily, Milestone

MAX_CHANGED_ROWS = 5
"""Rows that can change in one reading without a review."""
MAX_LOST_ONE_IN = 5
"""A reading can lack at most one row in this number without a review."""


def validate_reading(
    reading: ParsedPage,
    before: Sequence[ImageFamily],
    today: date,
    *,
    accepted: AcceptedValues = NOTHING_ACCEPTED,
    gone: Collection[str] = (),
) -> Verdict:
    """Validate a reading.

    `before` has all known rows, including those that vanished earlier, whose families are in `gone`. Without known
    rows, the rules of the bundled table apply.
    """
    known_rows = {row.family: row for row in before}
    rows, unidentified = _identify_rows(reading, known_rows)
    printed_families = {row.family for row in rows}
    lost = tuple(row for row in before if row.family not in printed_families and row.family not in gone)
    context = ValidationContext(today, accepted, reading.fingerprint, lost)
    quarantine_reason = _check_reading(rows, unidentified, reading, before, context, gone)
    if known_rows:
        families, issues = _validate_rows(rows, known_rows, context)
    else:
        identified = [row for row in rows if isinstance(row, ImageFamily)]
        valid_rows, first_issues = first_reading.validate_rows(identified)
        families, issues = list(valid_rows), list(first_issues)
    issues += [Issue(row.family, ROW, row.printed, row.reason, acceptable=False) for row in unidentified]
    present = printed_families | {issue.last_good for issue in issues if issue.field == ROW}
    is_conclusive = not (quarantine_reason or unidentified or reading.malformed_rows)
    return Verdict(
        product=reading.product,
        fingerprint=reading.fingerprint,
        families=tuple(before) if quarantine_reason else tuple(families),
        issues=tuple(issues),
        quarantine_reason=quarantine_reason,
        difference=list_differences(reading, unidentified, [row for row in before if row.family not in gone]),
        absent_families=tuple(family for family in known_rows if family not in present) if is_conclusive else (),
    )


def _identify_rows(reading: ParsedPage, known_rows: dict[str, ImageFamily]) -> tuple[list[Row], list[UnidentifiedRow]]:
    """Split the rows into those of a known or a valid new family, and those that could be of any family."""
    rows: list[Row] = []
    unidentified: list[UnidentifiedRow] = []
    for row in reading.rows:
        if row.family in known_rows:
            rows.append(row)
        elif isinstance(row, UnidentifiedRow):
            unidentified.append(row)
        elif reason := rules.check_family_name(row):
            printed = f"{row.label}: {format_dates(row)}, {row.family_as_printed}"
            unidentified.append(UnidentifiedRow(row.family, row.label, printed, reason))
        else:
            rows.append(row)
    return rows, unidentified


def _validate_rows(
    rows: Iterable[Row], known_rows: dict[str, ImageFamily], context: ValidationContext
) -> tuple[list[ImageFamily], list[Issue]]:
    families: list[ImageFamily] = []
    issues: list[Issue] = []
    for family, family_rows in _group_by_family(rows).items():
        row, known = family_rows[0], known_rows.get(family)
        repetition = _check_repeated(family_rows)
        valid_row: ImageFamily | None
        if repetition is not None and not repetition.acceptable:
            valid_row, row_issues = known, [repetition]
        elif isinstance(row, UnidentifiedRow):
            valid_row = known_rows[family]
            row_issues = [Issue(family, "label", row.label, row.reason, valid_row.label, acceptable=False)]
        else:
            valid_row, row_issues = (
                row_changes.validate_row(row, known, context) if known else row_changes.validate_new_row(row, context)
            )
            if repetition is not None and context.should_report(repetition):
                row_issues.append(repetition)
        if valid_row is not None:
            families.append(valid_row)
        issues += row_issues
    return families, issues


def _group_by_family(rows: Iterable[Row]) -> dict[str, list[Row]]:
    rows_by_family: dict[str, list[Row]] = {}
    for row in rows:
        rows_by_family.setdefault(row.family, []).append(row)
    return rows_by_family


def _check_repeated(rows: Sequence[Row]) -> Issue | None:
    """Return an issue if a family is listed more than once. Only rows with equal values can be accepted."""
    if len(rows) == 1:
        return None
    values = {_get_values(row) if isinstance(row, ImageFamily) else None for row in rows}
    printed = " and ".join(format_dates(row) if isinstance(row, ImageFamily) else row.printed for row in rows)
    if len(values) == 1 and None not in values:
        return Issue(rows[0].family, "family", printed, rules.REPEATED_FAMILY)
    reason = f"{rules.REPEATED_FAMILY}, and the rows differ"
    return Issue(rows[0].family, "family", printed, reason, acceptable=False)


def _check_reading(
    rows: Sequence[Row],
    unidentified: Sequence[UnidentifiedRow],
    reading: ParsedPage,
    before: Sequence[ImageFamily],
    context: ValidationContext,
    gone: Collection[str],
) -> str:
    if context.fingerprint in context.accepted.readings:
        return ""
    if errors := (*reading.missing_tables, *reading.malformed_rows):
        return f"the structure of the page changed: {errors[0]}"
    if not before:
        return ""
    listed_count = sum(row.family not in gone for row in before)
    if len(context.lost) * MAX_LOST_ONE_IN > listed_count:
        return f"{len(context.lost)} of {listed_count} rows are gone, more than a fifth"
    known_values = {row.family: _get_values(row) for row in before}
    changed = {
        row.family
        for row in rows
        if isinstance(row, UnidentifiedRow) or known_values.get(row.family) != _get_values(row)
    }
    count = len(changed) + len(unidentified)
    return f"{count} rows changed at once, more than {MAX_CHANGED_ROWS}" if count > MAX_CHANGED_ROWS else ""


def _get_values(row: ImageFamily) -> tuple[object, ...]:
    """Return a row's values regardless of their spelling."""
    days = (row.get_date(milestone).day for milestone in Milestone)
    return (row.version, row.python, row.os, row.cuda, row.driver, row.patch_version, *days)
