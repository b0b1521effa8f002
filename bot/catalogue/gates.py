"""What may enter the catalogue, what is held back, and why. Gates flag; they never repair."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dateutil.relativedelta import relativedelta

from bot.policy import images
from storage.facts import ImageFamily, Milestone, PrintedDate


@dataclass(frozen=True, slots=True)
class Held:
    """A cell or row that a gate stopped, or let through with a remark."""

    family: str
    field: str
    printed: str
    reason: str


def check(families: Sequence[ImageFamily]) -> tuple[tuple[ImageFamily, ...], tuple[Held, ...]]:
    """The rows that may enter, and what was held back or remarked of them; a repeated family enters once."""
    accepted: dict[str, ImageFamily] = {}
    held: list[Held] = []
    for family in families:
        if family.family in accepted:
            held.append(Held(family.family, "family", family.family_as_printed, "the table prints this family twice"))
            continue
        entering, ordered = _in_order(family)
        accepted[family.family] = entering
        held += [*ordered, *(found for gate in _GATES for found in gate(family))]
    return tuple(accepted.values()), tuple(held)


def _in_order(family: ImageFamily) -> tuple[ImageFamily, list[Held]]:
    """Neither date stands where the end of availability comes before the end of patches."""
    patch, availability = family.end_of_patch_and_support, family.end_of_availability
    if patch.day is None or availability.day is None or patch.day <= availability.day:
        return family, []
    reason = f"the end of availability, {availability.printed}, comes before the end of patches, {patch.printed}"
    withheld = replace(
        family,
        end_of_patch_and_support=PrintedDate(patch.printed, None, reason),
        end_of_availability=PrintedDate(availability.printed, None, reason),
    )
    return withheld, [Held(family.family, "dates", f"{patch.printed} / {availability.printed}", reason)]


def _unreadable(family: ImageFamily) -> list[Held]:
    cells = ((milestone.value, family.date_of(milestone)) for milestone in Milestone)
    return [Held(family.family, name, cell.printed, cell.problem) for name, cell in cells if cell.problem]


def _odd_gap(family: ImageFamily) -> list[Held]:
    """The two dates are one day, or a calendar year apart (365 or 366 days)."""
    patch, availability = family.end_of_patch_and_support.day, family.end_of_availability.day
    if patch is None or availability is None or patch > availability:
        return []
    if availability in {patch, patch + relativedelta(years=1)}:
        return []
    days = (availability - patch).days
    printed = f"{family.end_of_patch_and_support.printed} / {family.end_of_availability.printed}"
    return [Held(family.family, "dates", printed, f"the dates are {days} days apart, neither none nor a calendar year")]


def _contradicting_cuda(family: ImageFamily) -> list[Held]:
    named = next((part for part in family.family.split("-") if images.cuda_of(part)), "")
    if not named or not family.cuda or images.cuda_of(named) == family.cuda:
        return []
    reason = f"the accelerator column says CUDA {family.cuda}, the family {named}"
    return [Held(family.family, "accelerator", family.accelerator, reason)]


_GATES: tuple[Callable[[ImageFamily], list[Held]], ...] = (_unreadable, _odd_gap, _contradicting_cuda)
