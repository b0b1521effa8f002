"""Rendering of versions of related products."""

from collections.abc import Sequence
from datetime import date

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone, PrintedDate

_MEANINGS = {
    LifecycleState.SUPPORTED: "It gets patches and security fixes.",
    LifecycleState.DEPRECATED: "It no longer gets patches. You can use it until its last day, at your own risk.",
    LifecycleState.UNAVAILABLE: "Both dates have passed. You can no longer use it.",
    LifecycleState.UNKNOWN: "Its end of patches is unknown, so dlvm doesn’t list it as supported.",
}
_DEPRECATED_WITHOUT_END = "It no longer gets patches. Its last usable day isn’t published."
_HEADINGS = {
    LifecycleState.SUPPORTED: "Supported",
    LifecycleState.DEPRECATED: "Past their last day of patches and support",
    LifecycleState.UNKNOWN: "Unknown: no date is published, or it is to be determined",
    LifecycleState.UNAVAILABLE: "No longer available",
}
_SUBSCRIBABLE = "You can only subscribe to Deep Learning VM versions"


def render_status(answer: answers.SisterStatus) -> kit.Message:
    """Render the status of a version of a related product."""
    blocks = [kit.header(_format_headline(answer)), kit.fields([_format_milestone(answer, m) for m in Milestone])]
    blocks += [kit.section(_get_meaning(answer, answer.state))] if answer.state is not None else []
    rows = [_format_row(row, answer) for row in answer.rows]
    blocks += kit.paragraphs([f"*Rows of its table* ({len(rows)})", *rows])
    blocks += [kit.section(_format_advice(answer.advice, answer))] if answer.advice else []
    if answer.dlvm_version:
        label = f"Status of {answer.dlvm_version}"
        blocks.append(kit.actions([kit.button(label, "ask_0", f"status {answer.dlvm_version}", description=label)]))
    small_print = [
        _format_subscribe_hint(answer),
        phrases.format_source(answer.source),
        phrases.format_today(answer.day, answer.zone),
    ]
    return kit.message([*blocks, kit.context("\n".join(small_print))])


def render_list(answer: answers.SisterList) -> kit.Message:
    """Render the versions of a related product, grouped by state."""
    title = f"{format_framework(answer.framework)} versions" if answer.framework else "Versions"
    blocks = [kit.header(f"{title} on {answer.product_title} on {durations.format_date(answer.day)}")]
    for state, heading in _HEADINGS.items():
        lines = [line for line in answer.lines if line.state is state]
        blocks += [kit.section(f"*{heading}*"), *kit.table(_build_table(lines, answer))] if lines else []
    if not answer.lines:
        blocks.append(kit.section("No version is supported or usable any more."))
    if answer.unavailable_count:
        command = f"/dlvm list {answer.product}{f':{answer.framework}' if answer.framework else ''} all"
        blocks.append(kit.section(phrases.format_unavailable(answer.unavailable_count, command)))
    return kit.message([*blocks, kit.context(f"{_SUBSCRIBABLE}. {phrases.format_source(answer.source)}")])


def format_sister_dates(products: Sequence[answers.SisterDates], today: date) -> str:
    """Format one line with the related products on which a version ends on other days."""
    return "*Different dates on related products:* " + " · ".join(_format_product(p, today) for p in products)


def _format_product(product: answers.SisterDates, today: date) -> str:
    ends = {"last day of patches": product.end_of_patch_and_support, "last usable day": product.end_of_availability}
    dates = ", ".join(f"{name} {_format_days(days, today)}" for name, days in ends.items() if days)
    return f"{product.product}, {dates} ({kit.code(product.version)})"


def _format_days(days: Sequence[date], today: date) -> str:
    """Format alternative days, with distances for those ahead."""
    return " or ".join(phrases.format_date(today, day) if day >= today else durations.format_date(day) for day in days)


def _format_headline(answer: answers.SisterStatus) -> str:
    version = f"{answer.title} on {answer.product_title}"
    if answer.state is None:
        return f"{version}: its rows are in different states"
    if answer.is_last_day:
        return f"{version}: today is the last day of {'patches' if answer.state is LifecycleState.SUPPORTED else 'use'}"
    if answer.state is LifecycleState.UNKNOWN:
        return f"{version}: the end of patches and support is unknown"
    if answer.state is LifecycleState.DEPRECATED and not answer.publishes_availability:
        return f"{version} is past its last day of patches and support"
    return f"{version} is {phrases.STATE_NAMES[answer.state]}"


def _get_meaning(answer: answers.SisterStatus, state: LifecycleState) -> str:
    if state is LifecycleState.DEPRECATED and not answer.publishes_availability:
        return _DEPRECATED_WITHOUT_END
    return _MEANINGS[state]


def _format_milestone(answer: answers.SisterStatus, milestone: Milestone) -> str:
    heading = f"*{phrases.capitalize(phrases.MILESTONE_NAMES[milestone])}*"
    cells = {phrases.get_cell(row, milestone) for row in answer.rows}
    if len({cell.day for cell in cells}) > 1:
        return f"{heading}\ndiffers by row, see below"
    cell = cells.pop()
    if cell.day is None:
        return f"{heading}\n{_format_without_day(cell)}"
    is_month = milestone is Milestone.END_OF_PATCH_AND_SUPPORT and any(row.month_only for row in answer.rows)
    day = _format_month(cell, cell.day) if is_month else durations.format_date(cell.day)
    return f"{heading}\n{day}\n{phrases.format_days_left(answer.day, cell.day)}"


def _format_without_day(cell: PrintedDate) -> str:
    """Format a cell without a date. An empty cell means that the date isn't published."""
    return kit.escape(cell.printed.lower()) or "not published"


def _format_month(cell: PrintedDate, last_day: date) -> str:
    return f"{kit.escape(cell.printed)} (a month only, so its last day counts: {durations.format_date(last_day)})"


def _format_cell(cell: PrintedDate, today: date, *, is_month: bool) -> str:
    if cell.day is None:
        return _format_without_day(cell)
    return _format_month(cell, cell.day) if is_month else phrases.format_date(today, cell.day)


def _format_row(row: answers.SisterRow, answer: answers.SisterStatus) -> str:
    shown = [row.image]
    for fact in (row.label, row.patch_version, row.accelerator, f"Python {row.python}" if row.python else ""):
        shown += [fact] if not any(fact in earlier for earlier in shown) else []
    facts = [*shown[1:], *([f"since {row.start.printed}"] if row.start.printed else [])]
    line = f"• {kit.code(row.image)}" + (f"\n   {kit.escape(' · '.join(facts))}" if facts else "")
    if not answer.rows_differ:
        return line
    patches = _format_cell(row.end_of_patch_and_support, answer.day, is_month=row.month_only)
    usable = _format_cell(row.end_of_availability, answer.day, is_month=False)
    state = phrases.capitalize(phrases.STATE_NAMES[row.state])
    return f"{line}\n   *{state}*: last day of patches {patches}; last usable day {usable}"


def _format_advice(advice: answers.Advice, answer: answers.SisterStatus) -> str:
    if advice.successor is not None:
        return f"*Upgrade to:* {phrases.format_candidate(advice.successor, answer.day)}."
    if advice.is_newest:
        return "*Upgrade to:* nothing yet. This is the newest supported version there."
    return f"*Upgrade to:* {answer.product_title} supports no newer version of this framework."


def _format_subscribe_hint(answer: answers.SisterStatus) -> str:
    command = f": {kit.code(f'/dlvm subscribe {answer.dlvm_version}')}" if answer.dlvm_version else ""
    return f"{_SUBSCRIBABLE}{command}."


def _build_table(lines: Sequence[answers.SisterLine], answer: answers.SisterList) -> list[tuple[str, ...]]:
    rows = [("Version", "Last day of patches") + (("Last usable day",) if answer.publishes_availability else ())]
    for line in lines:
        patches = _format_cells(line.end_of_patch_and_support, is_month=line.month_only)
        usable = (_format_cells(line.end_of_availability, is_month=False),) if answer.publishes_availability else ()
        rows.append((line.version, patches, *usable))
    return rows


def _format_cells(cells: Sequence[PrintedDate], *, is_month: bool) -> str:
    return " or ".join(durations.format_date(cell.day) if cell.day and not is_month else cell.printed for cell in cells)
