"""Validation of rows without known ones to compare: the bundled table, or a product's first reading.

Validation flags rows and never repairs them. `row_changes` validates changes of known rows.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.catalogue.validation import rules
from bot.catalogue.validation.verdict import Issue, build_dates_issue
from storage.facts import ImageFamily, Milestone, PrintedDate


def validate_rows(families: Sequence[ImageFamily]) -> tuple[tuple[ImageFamily, ...], tuple[Issue, ...]]:
    """Return the rows to store and the issues found. Of a repeated family, only the first row is stored."""
    valid_rows: dict[str, ImageFamily] = {}
    issues: list[Issue] = []
    for row in families:
        if row.family in valid_rows:
            issues.append(Issue(row.family, "family", row.family_as_printed, rules.REPEATED_FAMILY))
            continue
        valid_rows[row.family] = row
        if reason := rules.check_date_order(row):
            valid_rows[row.family] = withhold_dates(row, reason)
            issues.append(build_dates_issue(row, reason, acceptable=False))
        issues += find_unreadable_dates(row)
        if reason := rules.check_date_gap(row):
            issues.append(build_dates_issue(row, reason))
        issues += [Issue(row.family, field, getattr(row, field), reason) for field, reason in rules.check_cells(row)]
    return tuple(valid_rows.values()), tuple(issues)


def withhold_dates(family: ImageFamily, reason: str) -> ImageFamily:
    """Return the row without its two dates, each with the reason as its problem."""
    return replace(
        family,
        end_of_patch_and_support=PrintedDate(family.end_of_patch_and_support.printed, None, reason),
        end_of_availability=PrintedDate(family.end_of_availability.printed, None, reason),
    )


def find_unreadable_dates(row: ImageFamily) -> list[Issue]:
    """Return an issue for each date cell that can't be read."""
    cells = ((milestone.value, row.get_date(milestone)) for milestone in Milestone)
    return [
        Issue(row.family, field, cell.printed, cell.problem, acceptable=False) for field, cell in cells if cell.problem
    ]
