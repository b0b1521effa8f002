"""A row of a reading against what is known of it, cell by cell: what may change, and what waits."""

from collections.abc import Callable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.page.description import Description
from bot.catalogue.validation import first_reading
from bot.catalogue.validation import rules as suspicions
from bot.catalogue.validation.verdict import ROW, Accepted, Held
from storage.facts import ImageFamily, Milestone, PrintedDate

_WITHDRAWN = {"to be determined", "tbd"}
"""What withdraws a date that was known; a blank cell or a word of another column is too little for that."""

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


class Rules(Struct, frozen=True):
    """What a row is judged by, beside itself."""

    today: date
    description: Description
    accepted: Accepted
    fingerprint: str
    lost: tuple[ImageFamily, ...]
    """Rows that were listed, and that the reading lacks."""

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
    waiting = _as_a_row(row, rules)
    if waiting is not None and rules.stops(waiting):
        return None, [waiting]
    taken, held = row, first_reading.unreadable(row)
    for reason, acceptable in _of_pair(row, None, rules):
        found = _both(row, reason, acceptable=acceptable)
        if rules.stops(found):
            taken = first_reading.withheld(row, reason)
        held.append(found)
    if rules.description.named_after_version:
        for name, suspicion in _SUSPICIONS.items():
            if reason := suspicion(row):
                held.append(Held(row.family, name, getattr(row, name), reason))
    return taken, [found for found in held if rules.told(found)]


def _as_a_row(row: ImageFamily, rules: Rules) -> Held | None:
    """A new row that waits whole: named as none before, an old row by another name, or over already."""
    before = next((lost.family for lost in rules.lost if _same_but_for_the_name(lost, row)), "")
    patch = row.end_of_patch_and_support
    reason = suspicions.of_parts(row) if rules.description.named_after_version else ""
    if not reason and before:
        reason = f"the same row was printed as {before} before"
    if not reason and patch.day is not None and patch.day < rules.today:
        reason = f"a new row whose patches and support ended before, on {patch.printed}"
    return replace(_both(row, reason, acceptable=True), field=ROW, last_good=before) if reason else None


def _same_but_for_the_name(one: ImageFamily, other: ImageFamily) -> bool:
    dates = all(one.date_of(milestone).day == other.date_of(milestone).day for milestone in Milestone)
    return dates and (one.version, one.label) == (other.version, other.label)


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
        said = f"“{cell.printed}”" if cell.printed else "nothing"
        return "" if cell.printed.lower() in _WITHDRAWN else f"{said} is printed where {last.printed} was"
    if last.day is None:
        behind = milestone is Milestone.END_OF_PATCH_AND_SUPPORT and cell.day < today
        return f"the date was filled in with a day that is over, {cell.printed}" if behind else ""
    return suspicions.of_move(last.day, cell.day, today)


def _pair(taken: ImageFamily, good: ImageFamily, rules: Rules, held: list[Held]) -> tuple[ImageFamily, list[Held]]:
    """What the two dates say together; those that changed go back where they contradict each other."""
    changed = [milestone for milestone in Milestone if taken.date_of(milestone).day != good.date_of(milestone).day]
    proposed = taken
    for reason, acceptable in _of_pair(proposed, good if changed else None, rules):
        both = _both(proposed, reason, acceptable=acceptable)
        if not changed:
            held.append(replace(both, last_good=both.printed, standing=True))
        for milestone in changed if rules.stops(both) else ():
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


def _both(row: ImageFamily, reason: str, *, acceptable: bool) -> Held:
    printed = f"{row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"
    return Held(row.family, "dates", printed, reason, acceptable=acceptable)


def _with_date(row: ImageFamily, milestone: Milestone, cell: PrintedDate) -> ImageFamily:
    if milestone is Milestone.END_OF_PATCH_AND_SUPPORT:
        return replace(row, end_of_patch_and_support=cell)
    return replace(row, end_of_availability=cell)
