"""A row of a reading against what is known of it, cell by cell: what may change, and what waits."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot.catalogue import gates, suspicions
from bot.catalogue.description import Description
from bot.catalogue.verdicts import ROW, Accepted, Held
from storage.facts import ImageFamily, Milestone, PrintedDate

_NOTHING = {"", "-", "–"}
"""Printed where a cell is blank: too little to withdraw a date that was known."""

_GOES_WITH = {
    "label": ("label", "python", "os"),
    "accelerator": ("accelerator", "cuda"),
    "patch_version": ("patch_version",),
}
"""What else is read out of a cell."""

_SUSPICIONS: dict[str, Callable[[ImageFamily], str]] = {
    "label": suspicions.of_label,
    "accelerator": suspicions.of_accelerator,
    "patch_version": suspicions.of_patch_version,
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a row is judged by, beside itself."""

    today: date
    description: Description
    accepted: Accepted
    fingerprint: str

    def stops(self, held: Held) -> bool:
        """Whether what was found keeps the cell as it was."""
        return not self.accepted.allows(held, self.fingerprint)

    def told(self, held: Held) -> bool:
        """Whether what was found is worth a word: not where a person let it pass."""
        return held.standing or self.stops(held)


def against(row: ImageFamily, good: ImageFamily, rules: Rules) -> tuple[ImageFamily, list[Held]]:
    """The row as it may stand, with last good values where cells are held, and what is held."""
    reason = _of_another_version(row, good, rules)
    if reason:
        return good, [Held(row.family, "label", row.label, reason, good.label, acceptable=False)]
    taken, held = row, []
    for name, suspicion in _SUSPICIONS.items() if rules.description.named_after_version else ():
        if reason := suspicion(row):
            printed, last = getattr(row, name), getattr(good, name)
            found = Held(row.family, name, printed, reason, last, standing=printed == last)
            held.append(found)
            if rules.stops(found):
                taken = replace(taken, **{field: getattr(good, field) for field in _GOES_WITH[name]})
    taken, dates = _dates(taken, good, rules)
    return taken, [found for found in [*held, *dates] if rules.told(found)]


def new(row: ImageFamily, rules: Rules) -> tuple[ImageFamily | None, list[Held]]:
    """The row as it may enter, None where it may not, and what is held of it."""
    patch = row.end_of_patch_and_support
    printed = f"{patch.printed} / {row.end_of_availability.printed}"
    if patch.day is not None and patch.day < rules.today:
        behind = Held(row.family, ROW, printed, f"a new row whose patches and support ended before, on {patch.printed}")
        if rules.stops(behind):
            return None, [behind]
    taken, held = row, gates.unreadable(row)
    for reason, acceptable in _of_pair(row, None, rules):
        found = Held(row.family, "dates", printed, reason, acceptable=acceptable)
        if rules.stops(found):
            taken = gates.withheld(row, reason)
        held.append(found)
    if rules.description.named_after_version:
        for name, suspicion in _SUSPICIONS.items():
            if reason := suspicion(row):
                held.append(Held(row.family, name, getattr(row, name), reason))
    return taken, [found for found in held if rules.told(found)]


def _of_another_version(row: ImageFamily, good: ImageFamily, rules: Rules) -> str:
    if rules.description.named_after_version and (reason := suspicions.of_name(row)):
        return reason
    return "" if row.version == good.version else f"the family stood for {good.version}, its label says {row.label}"


def _dates(row: ImageFamily, good: ImageFamily, rules: Rules) -> tuple[ImageFamily, list[Held]]:
    taken, held = row, []
    for milestone in () if suspicions.of_order(row) else Milestone:
        found = _cell(row, good, milestone, rules)
        if found is not None:
            held.append(found)
            if rules.stops(found) and (good.date_of(milestone).day is not None or not row.date_of(milestone).problem):
                taken = _with_date(taken, milestone, good.date_of(milestone))
    return _pair(taken, good, rules, held)


def _cell(row: ImageFamily, good: ImageFamily, milestone: Milestone, rules: Rules) -> Held | None:
    cell, last = row.date_of(milestone), good.date_of(milestone)
    if cell.problem:
        same = (cell.printed, cell.day) == (last.printed, last.day)
        return Held(row.family, milestone, cell.printed, cell.problem, last.printed, acceptable=False, standing=same)
    reason = "" if cell.day == last.day else _of_change(cell, last, milestone, rules.today)
    same = cell.printed == last.printed
    return Held(row.family, milestone, cell.printed, reason, last.printed, standing=same) if reason else None


def _of_change(cell: PrintedDate, last: PrintedDate, milestone: Milestone, today: date) -> str:
    if cell.day is None:
        return f"nothing is printed where {last.printed} was" if cell.printed in _NOTHING else ""
    if last.day is None:
        behind = milestone is Milestone.END_OF_PATCH_AND_SUPPORT and cell.day < today
        return f"the date was filled in with a day that is over, {cell.printed}" if behind else ""
    return suspicions.of_move(last.day, cell.day, today)


def _pair(taken: ImageFamily, good: ImageFamily, rules: Rules, held: list[Held]) -> tuple[ImageFamily, list[Held]]:
    """What the two dates say together; those that changed go back where they contradict each other."""
    changed = [milestone for milestone in Milestone if taken.date_of(milestone).day != good.date_of(milestone).day]
    proposed = taken
    for reason, acceptable in _of_pair(proposed, good if changed else None, rules):
        if not changed:
            printed = f"{taken.end_of_patch_and_support.printed} / {taken.end_of_availability.printed}"
            held.append(Held(taken.family, "dates", printed, reason, printed, acceptable=acceptable, standing=True))
        for milestone in changed:
            printed, last = proposed.date_of(milestone).printed, good.date_of(milestone)
            same = printed == last.printed
            found = Held(taken.family, milestone, printed, reason, last.printed, acceptable=acceptable, standing=same)
            held.append(found)
            if rules.stops(found):
                taken = _with_date(taken, milestone, last)
    if suspicions.of_order(taken) and changed:
        for milestone in Milestone:
            taken = _with_date(taken, milestone, good.date_of(milestone))
    return taken, held


def _of_pair(row: ImageFamily, good: ImageFamily | None, rules: Rules) -> list[tuple[str, bool]]:
    """The first thing wrong with the two dates together, and whether a person may let it pass."""
    found = [(suspicions.of_order(row), False), (suspicions.of_gap(row, rules.description.gap), True)]
    if good is not None and row.label.casefold() != good.label.casefold():
        found.append((f"the label changed with the date, from “{good.label}” to “{row.label}”", True))
    return [(reason, acceptable) for reason, acceptable in found if reason][:1]


def _with_date(row: ImageFamily, milestone: Milestone, cell: PrintedDate) -> ImageFamily:
    if milestone is Milestone.END_OF_PATCH_AND_SUPPORT:
        return replace(row, end_of_patch_and_support=cell)
    return replace(row, end_of_availability=cell)
