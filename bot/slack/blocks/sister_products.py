"""Versions of sister products, drawn."""

from collections.abc import Sequence
from datetime import date

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone, PrintedDate

_MEANING = {
    LifecycleState.SUPPORTED: "It still gets patches and security fixes.",
    LifecycleState.DEPRECATED: "It gets no patches any more. It can be used up to its last day, at your own risk.",
    LifecycleState.UNAVAILABLE: "Both dates have passed: it may not be used any more.",
    LifecycleState.UNKNOWN: "Its end of patches is not known, so dlvm does not call it supported.",
}
_PAST_PATCHES = "It gets no patches any more. Until when it can be used is not published."
_HEADINGS = {
    LifecycleState.SUPPORTED: "Supported",
    LifecycleState.DEPRECATED: "Past their last day of patches and support",
    LifecycleState.UNKNOWN: "Not known: no date is published, or it is to be determined",
    LifecycleState.UNAVAILABLE: "No longer available",
}
_WATCHING = "Only Deep Learning VM versions can be watched"


def render_status(answer: answers.SisterStatus) -> kit.Message:
    """The whole answer to `/dlvm status dlc:pytorch-2.4`."""
    blocks = [kit.header(_headline(answer)), kit.fields([_date(answer, milestone) for milestone in Milestone])]
    blocks += [kit.section(_meaning(answer))] if answer.state is not None else []
    blocks += kit.paragraphs([f"*Rows of its table* ({len(answer.rows)})", *(_row(row, answer) for row in answer.rows)])
    blocks += [kit.section(_where_to_go(answer.advice, answer))] if answer.advice else []
    if answer.dlvm_version:
        ask = f"Status of {answer.dlvm_version}"
        blocks.append(kit.actions([kit.button(ask, "ask_0", f"status {answer.dlvm_version}", description=ask)]))
    small = [_watching(answer), phrases.format_source(answer.source), _today(answer.day, answer.zone)]
    return kit.message([*blocks, kit.context("\n".join(small))])


def render_list(answer: answers.SisterList) -> kit.Message:
    """The answer to `/dlvm list dlc`."""
    which = f"{format_framework(answer.framework)} versions" if answer.framework else "Versions"
    blocks = [kit.header(f"{which} on {answer.product_title} on {durations.format_date(answer.day)}")]
    for state, heading in _HEADINGS.items():
        lines = [line for line in answer.lines if line.state is state]
        blocks += [kit.section(f"*{heading}*"), *kit.table(_table(lines, answer))] if lines else []
    if not answer.lines:
        blocks.append(kit.section("None of them is supported or usable any more."))
    if answer.unavailable_count:
        again = kit.code(f"/dlvm list {answer.product}{f':{answer.framework}' if answer.framework else ''} all")
        count = "1 version is" if answer.unavailable_count == 1 else f"{answer.unavailable_count} versions are"
        blocks.append(kit.section(f"{count} no longer available: {again} shows them too."))
    return kit.message([*blocks, kit.context(f"{_WATCHING}. {phrases.format_source(answer.source)}")])


def format_sister_dates(found: Sequence[answers.SisterDates], today: date) -> str:
    """One line: where the same version ends on other days, with the name to ask by."""
    return "*Elsewhere it ends on other days:* " + " · ".join(_elsewhere(one, today) for one in found)


def _elsewhere(one: answers.SisterDates, today: date) -> str:
    ends = {"last day of patches": one.end_of_patch_and_support, "last day usable": one.end_of_availability}
    said = ", ".join(f"{what} {_days(days, today)}" for what, days in ends.items() if days)
    return f"{one.product}, {said} ({phrases.format_version(one.version)})"


def _days(days: Sequence[date], today: date) -> str:
    """Days with the time left where they lie ahead."""
    shown = (phrases.format_date(today, day) if day >= today else durations.format_date(day) for day in days)
    return " or ".join(shown)


def _headline(answer: answers.SisterStatus) -> str:
    what = f"{answer.title} on {answer.product_title}"
    if answer.state is None:
        return f"{what}: its rows are in different states"
    if answer.is_last_day:
        return f"{what}: today is the last day of {'patches' if answer.state is LifecycleState.SUPPORTED else 'use'}"
    if answer.state is LifecycleState.UNKNOWN:
        return f"{what}: the end of patches and support is not known"
    if answer.state is LifecycleState.DEPRECATED and not answer.publishes_availability:
        return f"{what} is past its last day of patches and support"
    return f"{what} is {phrases.STATE_NAMES[answer.state]}"


def _meaning(answer: answers.SisterStatus) -> str:
    if answer.state is LifecycleState.DEPRECATED and not answer.publishes_availability:
        return _PAST_PATCHES
    return _MEANING[answer.state or LifecycleState.UNKNOWN]


def _date(answer: answers.SisterStatus, milestone: Milestone) -> str:
    heading = f"*{phrases.MILESTONE_NAMES[milestone].capitalize()}*"
    cells = {_cell(row, milestone) for row in answer.rows}
    days = {cell.day for cell in cells}
    if len(days) > 1:
        return f"{heading}\ndiffers by row, see below"
    cell = cells.pop()
    if cell.day is None:
        return f"{heading}\n{_without_day(cell)}"
    month = milestone is Milestone.END_OF_PATCH_AND_SUPPORT and any(row.month_only for row in answer.rows)
    return f"{heading}\n{_dated(cell, answer.day, month=month)}\n{phrases.format_days_left(answer.day, cell.day)}"


def _cell(row: answers.SisterRow, milestone: Milestone) -> PrintedDate:
    return row.end_of_patch_and_support if milestone is Milestone.END_OF_PATCH_AND_SUPPORT else row.end_of_availability


def _without_day(cell: PrintedDate) -> str:
    """What the page says where it has no date; a cell left empty is not published."""
    return kit.escape(cell.printed.lower()) or "not published"


def _dated(cell: PrintedDate, today: date, *, month: bool) -> str:
    """A day; of a page that prints months, the month, whose last day counts."""
    if cell.day is None:
        return _without_day(cell)
    dated = phrases.format_date(today, cell.day)
    return f"{kit.escape(cell.printed)}, a month without a day: counted as {dated}" if month else dated


def _row(row: answers.SisterRow, answer: answers.SisterStatus) -> str:
    said = [row.image]
    for fact in (row.label, row.patch_version, row.accelerator, f"Python {row.python}" if row.python else ""):
        said += [fact] if not any(fact in before for before in said) else []
    facts = [*said[1:], *([f"since {row.start.printed}"] if row.start.printed else [])]
    line = f"• {kit.code(row.image)}" + (f"\n   {kit.escape(' · '.join(facts))}" if facts else "")
    if not answer.rows_differ:
        return line
    patch = _dated(row.end_of_patch_and_support, answer.day, month=row.month_only)
    usable = _dated(row.end_of_availability, answer.day, month=False)
    state = phrases.STATE_NAMES[row.state].capitalize()
    return f"{line}\n   *{state}*: last day of patches {patch}; last day usable {usable}"


def _where_to_go(advice: answers.Advice, answer: answers.SisterStatus) -> str:
    if advice.successor is not None:
        return f"*Where to go:* {phrases.format_candidate(advice.successor, answer.day)}."
    if advice.is_newest:
        return "*Where to go:* nowhere yet, it is the newest supported one there."
    return f"*Where to go:* no newer one of its framework is supported on {answer.product_title}."


def _watching(answer: answers.SisterStatus) -> str:
    subscribe = kit.code(f"/dlvm subscribe {answer.dlvm_version}")
    return f"{_WATCHING}{f': {subscribe}' if answer.dlvm_version else ''}."


def _today(day: date, zone: str) -> str:
    return f"Today is {durations.format_long_date(day)} in {zone}."


def _table(lines: Sequence[answers.SisterLine], answer: answers.SisterList) -> list[tuple[str, ...]]:
    heads = ("Version", "Patches, last day") + (("Usable, last day",) if answer.publishes_availability else ())
    rows = [heads]
    for line in lines:
        usable = (_in_list(line.end_of_availability, month=False),) if answer.publishes_availability else ()
        rows.append((line.version, _in_list(line.end_of_patch_and_support, month=line.month_only), *usable))
    return rows


def _in_list(cells: Sequence[PrintedDate], *, month: bool) -> str:
    plain = (durations.format_date(cell.day) if cell.day and not month else cell.printed for cell in cells)
    return " or ".join(plain)
