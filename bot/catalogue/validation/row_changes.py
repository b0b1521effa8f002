"""Validation of a row against its last known values, cell by cell."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.validation import first_reading, rules
from bot.catalogue.validation.verdict import ROW, AcceptedValues, Issue, build_dates_issue
from storage.facts import ImageFamily, Milestone, PrintedDate

_WITHDRAWAL_TEXTS = {"to be determined", "tbd"}
"""Texts that withdraw a known date. A blank cell or any other text doesn't."""

_DERIVED_FIELDS = {
    "label": ("label", "python", "os"),
    "accelerator": ("accelerator", "cuda"),
    "patch_version": ("patch_version",),
}
"""Fields that are parsed from a cell, including its own."""


class ValidationContext(Struct, frozen=True):
    """Data besides the row that decides what is valid."""

    today: date
    accepted: AcceptedValues
    fingerprint: str
    lost: tuple[ImageFamily, ...]
    """Listed rows that the reading lacks."""

    def blocks(self, issue: Issue) -> bool:
        """Return True if the issue keeps the value out of the catalogue."""
        return not self.accepted.allows(issue, self.fingerprint)

    def should_report(self, issue: Issue) -> bool:
        """Return True unless a person accepted the value."""
        return issue.is_known or self.blocks(issue)


def validate_row(row: ImageFamily, known: ImageFamily, context: ValidationContext) -> tuple[ImageFamily, list[Issue]]:
    """Return the row to store and the issues to report. A quarantined cell keeps its last known value."""
    if reason := _check_version(row, known):
        return known, [Issue(row.family, "label", row.label, reason, known.label, acceptable=False)]
    valid_row, issues = row, []
    for field, reason in rules.check_cells(row):
        printed, last_good = getattr(row, field), getattr(known, field)
        issue = Issue(row.family, field, printed, reason, last_good, is_known=printed == last_good)
        issues.append(issue)
        if context.blocks(issue):
            valid_row = replace(valid_row, **{name: getattr(known, name) for name in _DERIVED_FIELDS[field]})
    valid_row, date_issues = _validate_dates(valid_row, known, context)
    return valid_row, [issue for issue in [*issues, *date_issues] if context.should_report(issue)]


def validate_new_row(row: ImageFamily, context: ValidationContext) -> tuple[ImageFamily | None, list[Issue]]:
    """Return the row to store, or None if it is quarantined as a whole, and the issues to report."""
    row_issue = _check_new_row(row, context)
    if row_issue is not None and context.blocks(row_issue):
        return None, [row_issue]
    valid_row, issues = row, first_reading.find_unreadable_dates(row)
    for reason, acceptable in _check_date_pair(row, None):
        issue = build_dates_issue(row, reason, acceptable=acceptable)
        if context.blocks(issue):
            valid_row = first_reading.withhold_dates(row, reason)
        issues.append(issue)
    issues += [Issue(row.family, field, getattr(row, field), reason) for field, reason in rules.check_cells(row)]
    return valid_row, [issue for issue in issues if context.should_report(issue)]


def _check_new_row(row: ImageFamily, context: ValidationContext) -> Issue | None:
    """Return an issue if a new row needs a review as a whole.

    These are rows with an unknown kind of family name, rows that were listed by another name, and rows whose support
    has ended already.
    """
    previous_name = next((lost.family for lost in context.lost if _differs_in_name_only(lost, row)), "")
    patch = row.end_of_patch_and_support
    reason = rules.check_family_parts(row)
    if not reason and previous_name:
        reason = f"this row was listed as {previous_name} before"
    if not reason and patch.day is not None and patch.day < context.today:
        reason = f"a new row whose patches and support already ended, on {patch.printed}"
    return replace(build_dates_issue(row, reason), field=ROW, last_good=previous_name) if reason else None


def _differs_in_name_only(first: ImageFamily, second: ImageFamily) -> bool:
    has_equal_dates = all(first.get_date(milestone).day == second.get_date(milestone).day for milestone in Milestone)
    return has_equal_dates and (first.version, first.label) == (second.version, second.label)


def _check_version(row: ImageFamily, known: ImageFamily) -> str:
    if reason := rules.check_family_name(row):
        return reason
    return "" if row.version == known.version else f"the family belonged to {known.version}, its label says {row.label}"


def _validate_dates(
    row: ImageFamily, known: ImageFamily, context: ValidationContext
) -> tuple[ImageFamily, list[Issue]]:
    valid_row, issues = row, []
    for milestone in () if rules.check_date_order(row) else Milestone:
        issue = _check_date(row, known, milestone, context)
        if issue is None:
            continue
        issues.append(issue)
        has_fallback = known.get_date(milestone).day is not None
        if context.blocks(issue) and (has_fallback or not row.get_date(milestone).problem):
            valid_row = _replace_date(valid_row, milestone, known.get_date(milestone))
    return _validate_date_pair(valid_row, known, context, issues)


def _check_date(row: ImageFamily, known: ImageFamily, milestone: Milestone, context: ValidationContext) -> Issue | None:
    cell, last = row.get_date(milestone), known.get_date(milestone)
    reason = cell.problem
    is_known = cell.printed == last.printed
    if cell.problem:
        is_known = is_known and cell.day == last.day
    elif cell.day != last.day:
        reason = _check_date_change(cell, last, milestone, context.today)
    if not reason:
        return None
    acceptable = not cell.problem
    return Issue(row.family, milestone, cell.printed, reason, last.printed, acceptable=acceptable, is_known=is_known)


def _check_date_change(cell: PrintedDate, last: PrintedDate, milestone: Milestone, today: date) -> str:
    if cell.day is None:
        if cell.printed.lower() in _WITHDRAWAL_TEXTS:
            return ""
        printed = f"“{cell.printed}”" if cell.printed else "an empty cell"
        return f"{printed} replaced {last.printed}"
    if last.day is None:
        has_passed = milestone is Milestone.END_OF_PATCH_AND_SUPPORT and cell.day < today
        return f"the date was filled in with {cell.printed}, which has passed" if has_passed else ""
    return rules.check_date_move(last.day, cell.day, today)


def _validate_date_pair(
    row: ImageFamily, known: ImageFamily, context: ValidationContext, issues: list[Issue]
) -> tuple[ImageFamily, list[Issue]]:
    """Return the row and the issues, with those of the two dates together added.

    If the dates contradict each other, those that changed keep their last known values.
    """
    changed = [milestone for milestone in Milestone if row.get_date(milestone).day != known.get_date(milestone).day]
    valid_row = row
    for reason, acceptable in _check_date_pair(row, known if changed else None):
        pair_issue = build_dates_issue(row, reason, acceptable=acceptable)
        if not changed:
            issues.append(replace(pair_issue, last_good=pair_issue.printed, is_known=True))
            continue
        if not context.blocks(pair_issue):
            continue
        for milestone in changed:
            printed, last = row.get_date(milestone).printed, known.get_date(milestone)
            is_known = printed == last.printed
            issue = Issue(
                row.family, milestone, printed, reason, last.printed, acceptable=acceptable, is_known=is_known
            )
            issues.append(issue)
            if context.blocks(issue):
                valid_row = _replace_date(valid_row, milestone, last)
    if changed and rules.check_date_order(valid_row):
        for milestone in Milestone:
            valid_row = _replace_date(valid_row, milestone, known.get_date(milestone))
    return valid_row, issues


def _check_date_pair(row: ImageFamily, known: ImageFamily | None) -> list[tuple[str, bool]]:
    """Return the first problem of the two dates together, if any, and whether a person can accept it."""
    checks = [(rules.check_date_order(row), False), (rules.check_date_gap(row), True)]
    if known is not None and row.label.casefold() != known.label.casefold():
        checks.append((f"the label changed with the date, from “{known.label}” to “{row.label}”", True))
    return [(reason, acceptable) for reason, acceptable in checks if reason][:1]


def _replace_date(row: ImageFamily, milestone: Milestone, cell: PrintedDate) -> ImageFamily:
    return replace(row, **{milestone.value: cell})
