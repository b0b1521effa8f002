"""A row of a reading against what is known of it, cell by cell: what may change, and what waits."""

from collections.abc import Callable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.page.description import PageDescription
from bot.catalogue.validation import first_reading
from bot.catalogue.validation import rules as suspicions
from bot.catalogue.validation.verdict import ROW, AcceptedValues, Issue
from storage.facts import ImageFamily, Milestone, PrintedDate

_WITHDRAWAL_TEXTS = {"to be determined", "tbd"}
"""What withdraws a date that was known; a blank cell or a word of another column is too little for that."""

_DERIVED_FIELDS = {
    "label": ("label", "python", "os"),
    "accelerator": ("accelerator", "cuda"),
    "patch_version": ("patch_version",),
}
"""What else is read out of a cell."""

_CELL_CHECKS: dict[str, Callable[[ImageFamily], str]] = {
    "label": suspicions.check_label,
    "accelerator": suspicions.check_accelerator,
    "patch_version": suspicions.check_patch_version,
}


class ValidationContext(Struct, frozen=True):
    """What a row is judged by, beside itself."""

    today: date
    description: PageDescription
    accepted: AcceptedValues
    fingerprint: str
    lost: tuple[ImageFamily, ...]
    """Rows that were listed, and that the reading lacks."""

    def blocks(self, issue: Issue) -> bool:
        """Whether what was found keeps the cell as it was."""
        return not self.accepted.allows(issue, self.fingerprint)

    def should_report(self, issue: Issue) -> bool:
        """Whether what was found is worth a word: not where a person let it pass."""
        return issue.is_known or self.blocks(issue)


def validate_row(row: ImageFamily, known: ImageFamily, context: ValidationContext) -> tuple[ImageFamily, list[Issue]]:
    """The row as it may stand, with last good values where cells are held, and what is held."""
    reason = _check_version(row, known, context)
    if reason:
        return known, [Issue(row.family, "label", row.label, reason, known.label, acceptable=False)]
    taken, held = row, []
    for name, suspicion in _CELL_CHECKS.items() if context.description.named_after_version else ():
        if reason := suspicion(row):
            printed, last = getattr(row, name), getattr(known, name)
            found = Issue(row.family, name, printed, reason, last, is_known=printed == last)
            held.append(found)
            if context.blocks(found):
                taken = replace(taken, **{field: getattr(known, field) for field in _DERIVED_FIELDS[name]})
    taken, dates = _validate_dates(taken, known, context)
    return taken, [found for found in [*held, *dates] if context.should_report(found)]


def validate_new_row(row: ImageFamily, context: ValidationContext) -> tuple[ImageFamily | None, list[Issue]]:
    """The row as it may enter, None where it may not, and what is held of it."""
    waiting = _check_new_row(row, context)
    if waiting is not None and context.blocks(waiting):
        return None, [waiting]
    taken, held = row, first_reading.find_unreadable_dates(row)
    for reason, acceptable in _check_date_pair(row, None, context):
        found = _build_dates_issue(row, reason, acceptable=acceptable)
        if context.blocks(found):
            taken = first_reading.withhold_dates(row, reason)
        held.append(found)
    if context.description.named_after_version:
        for name, suspicion in _CELL_CHECKS.items():
            if reason := suspicion(row):
                held.append(Issue(row.family, name, getattr(row, name), reason))
    return taken, [found for found in held if context.should_report(found)]


def _check_new_row(row: ImageFamily, context: ValidationContext) -> Issue | None:
    """A new row that waits whole: named as none before, an old row by another name, or over already."""
    before = next((lost.family for lost in context.lost if _differs_in_name_only(lost, row)), "")
    patch = row.end_of_patch_and_support
    reason = suspicions.check_family_parts(row) if context.description.named_after_version else ""
    if not reason and before:
        reason = f"the same row was printed as {before} before"
    if not reason and patch.day is not None and patch.day < context.today:
        reason = f"a new row whose patches and support ended before, on {patch.printed}"
    return replace(_build_dates_issue(row, reason, acceptable=True), field=ROW, last_good=before) if reason else None


def _differs_in_name_only(one: ImageFamily, other: ImageFamily) -> bool:
    dates = all(one.get_date(milestone).day == other.get_date(milestone).day for milestone in Milestone)
    return dates and (one.version, one.label) == (other.version, other.label)


def _check_version(row: ImageFamily, known: ImageFamily, context: ValidationContext) -> str:
    if context.description.named_after_version and (reason := suspicions.check_family_name(row)):
        return reason
    return "" if row.version == known.version else f"the family stood for {known.version}, its label says {row.label}"


def _validate_dates(
    row: ImageFamily, known: ImageFamily, context: ValidationContext
) -> tuple[ImageFamily, list[Issue]]:
    taken, held = row, []
    for milestone in () if suspicions.check_date_order(row) else Milestone:
        found = _check_date(row, known, milestone, context)
        if found is not None:
            held.append(found)
            if context.blocks(found) and (
                known.get_date(milestone).day is not None or not row.get_date(milestone).problem
            ):
                taken = _replace_date(taken, milestone, known.get_date(milestone))
    return _validate_date_pair(taken, known, context, held)


def _check_date(row: ImageFamily, known: ImageFamily, milestone: Milestone, context: ValidationContext) -> Issue | None:
    cell, last = row.get_date(milestone), known.get_date(milestone)
    if cell.problem:
        same = (cell.printed, cell.day) == (last.printed, last.day)
        return Issue(row.family, milestone, cell.printed, cell.problem, last.printed, acceptable=False, is_known=same)
    reason = "" if cell.day == last.day else _check_date_change(cell, last, milestone, context.today)
    same = cell.printed == last.printed
    return Issue(row.family, milestone, cell.printed, reason, last.printed, is_known=same) if reason else None


def _check_date_change(cell: PrintedDate, last: PrintedDate, milestone: Milestone, today: date) -> str:
    if cell.day is None:
        said = f"“{cell.printed}”" if cell.printed else "nothing"
        return "" if cell.printed.lower() in _WITHDRAWAL_TEXTS else f"{said} is printed where {last.printed} was"
    if last.day is None:
        behind = milestone is Milestone.END_OF_PATCH_AND_SUPPORT and cell.day < today
        return f"the date was filled in with a day that is over, {cell.printed}" if behind else ""
    return suspicions.check_date_move(last.day, cell.day, today)


def _validate_date_pair(
    taken: ImageFamily, known: ImageFamily, context: ValidationContext, issues: list[Issue]
) -> tuple[ImageFamily, list[Issue]]:
    """What the two dates say together; those that changed go back where they contradict each other."""
    changed = [milestone for milestone in Milestone if taken.get_date(milestone).day != known.get_date(milestone).day]
    proposed = taken
    for reason, acceptable in _check_date_pair(proposed, known if changed else None, context):
        both = _build_dates_issue(proposed, reason, acceptable=acceptable)
        if not changed:
            issues.append(replace(both, last_good=both.printed, is_known=True))
        for milestone in changed if context.blocks(both) else ():
            printed, last = proposed.get_date(milestone).printed, known.get_date(milestone)
            same = printed == last.printed
            found = Issue(taken.family, milestone, printed, reason, last.printed, acceptable=acceptable, is_known=same)
            issues.append(found)
            if context.blocks(found):
                taken = _replace_date(taken, milestone, last)
    if suspicions.check_date_order(taken) and changed:
        for milestone in Milestone:
            taken = _replace_date(taken, milestone, known.get_date(milestone))
    return taken, issues


def _check_date_pair(row: ImageFamily, known: ImageFamily | None, context: ValidationContext) -> list[tuple[str, bool]]:
    """The first thing wrong with the two dates together, and whether a person may let it pass."""
    found = [(suspicions.check_date_order(row), False), (suspicions.check_date_gap(row, context.description.gap), True)]
    if known is not None and row.label.casefold() != known.label.casefold():
        found.append((f"the label changed with the date, from “{known.label}” to “{row.label}”", True))
    return [(reason, acceptable) for reason, acceptable in found if reason][:1]


def _build_dates_issue(row: ImageFamily, reason: str, *, acceptable: bool) -> Issue:
    printed = f"{row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"
    return Issue(row.family, "dates", printed, reason, acceptable=acceptable)


def _replace_date(row: ImageFamily, milestone: Milestone, cell: PrintedDate) -> ImageFamily:
    if milestone is Milestone.END_OF_PATCH_AND_SUPPORT:
        return replace(row, end_of_patch_and_support=cell)
    return replace(row, end_of_availability=cell)
