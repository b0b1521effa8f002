"""What may enter the catalogue with nothing known before: the bundled table, a first reading.

Gates flag; they never repair. What a reading changes of what is known is for `judging`.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bot.catalogue.page.description import DateGap
from bot.catalogue.validation import rules
from bot.catalogue.validation.verdict import Issue
from storage.facts import ImageFamily, Milestone, PrintedDate

__all__ = ["Issue", "find_unreadable_dates", "validate_rows", "withhold_dates"]


def validate_rows(
    families: Sequence[ImageFamily], gap: DateGap = DateGap.NONE_OR_A_YEAR
) -> tuple[tuple[ImageFamily, ...], tuple[Issue, ...]]:
    """The rows that may enter, and what was held back or remarked of them; a repeated family enters once."""
    accepted: dict[str, ImageFamily] = {}
    held: list[Issue] = []
    for family in families:
        if family.family in accepted:
            held.append(Issue(family.family, "family", family.family_as_printed, "the table prints this family twice"))
            continue
        out_of_order = rules.check_date_order(family)
        accepted[family.family] = withhold_dates(family, out_of_order) if out_of_order else family
        held += _build_dates_issues(family, out_of_order, acceptable=False)
        held += find_unreadable_dates(family)
        held += _build_dates_issues(family, rules.check_date_gap(family, gap))
        held += [
            Issue(family.family, name, getattr(family, name), reason)
            for name, suspicion in _CELL_CHECKS.items()
            if (reason := suspicion(family))
        ]
    return tuple(accepted.values()), tuple(held)


_CELL_CHECKS: dict[str, Callable[[ImageFamily], str]] = {
    "label": rules.check_label,
    "accelerator": rules.check_accelerator,
    "patch_version": rules.check_patch_version,
}


def withhold_dates(family: ImageFamily, reason: str) -> ImageFamily:
    """The row with neither date standing, each saying why."""
    return replace(
        family,
        end_of_patch_and_support=PrintedDate(family.end_of_patch_and_support.printed, None, reason),
        end_of_availability=PrintedDate(family.end_of_availability.printed, None, reason),
    )


def find_unreadable_dates(family: ImageFamily) -> list[Issue]:
    """The date cells that can't be read."""
    cells = ((milestone.value, family.get_date(milestone)) for milestone in Milestone)
    return [
        Issue(family.family, name, cell.printed, cell.problem, acceptable=False) for name, cell in cells if cell.problem
    ]


def _build_dates_issues(family: ImageFamily, reason: str, *, acceptable: bool = True) -> list[Issue]:
    printed = f"{family.end_of_patch_and_support.printed} / {family.end_of_availability.printed}"
    return [Issue(family.family, "dates", printed, reason, acceptable=acceptable)] if reason else []
