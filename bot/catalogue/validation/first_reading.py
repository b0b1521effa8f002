"""What may enter the catalogue with nothing known before: the bundled table, a first reading.

Gates flag; they never repair. What a reading changes of what is known is for `judging`.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bot.catalogue.page.description import Gap
from bot.catalogue.validation import rules
from bot.catalogue.validation.verdict import Held
from storage.facts import ImageFamily, Milestone, PrintedDate

__all__ = ["Held", "check", "unreadable", "withheld"]


def check(
    families: Sequence[ImageFamily], gap: Gap = Gap.NONE_OR_A_YEAR
) -> tuple[tuple[ImageFamily, ...], tuple[Held, ...]]:
    """The rows that may enter, and what was held back or remarked of them; a repeated family enters once."""
    accepted: dict[str, ImageFamily] = {}
    held: list[Held] = []
    for family in families:
        if family.family in accepted:
            held.append(Held(family.family, "family", family.family_as_printed, "the table prints this family twice"))
            continue
        out_of_order = rules.of_order(family)
        accepted[family.family] = withheld(family, out_of_order) if out_of_order else family
        held += _dates(family, out_of_order, acceptable=False)
        held += unreadable(family)
        held += _dates(family, rules.of_gap(family, gap))
        held += [
            Held(family.family, name, getattr(family, name), reason)
            for name, suspicion in _REMARKED.items()
            if (reason := suspicion(family))
        ]
    return tuple(accepted.values()), tuple(held)


_REMARKED: dict[str, Callable[[ImageFamily], str]] = {
    "label": rules.of_label,
    "accelerator": rules.of_accelerator,
    "patch_version": rules.of_patch_version,
}


def withheld(family: ImageFamily, reason: str) -> ImageFamily:
    """The row with neither date standing, each saying why."""
    return replace(
        family,
        end_of_patch_and_support=PrintedDate(family.end_of_patch_and_support.printed, None, reason),
        end_of_availability=PrintedDate(family.end_of_availability.printed, None, reason),
    )


def unreadable(family: ImageFamily) -> list[Held]:
    """The date cells that can't be read."""
    cells = ((milestone.value, family.date_of(milestone)) for milestone in Milestone)
    return [
        Held(family.family, name, cell.printed, cell.problem, acceptable=False) for name, cell in cells if cell.problem
    ]


def _dates(family: ImageFamily, reason: str, *, acceptable: bool = True) -> list[Held]:
    printed = f"{family.end_of_patch_and_support.printed} / {family.end_of_availability.printed}"
    return [Held(family.family, "dates", printed, reason, acceptable=acceptable)] if reason else []
