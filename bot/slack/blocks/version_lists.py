"""Rendering of lists of versions, and of upcoming dates."""

from collections.abc import Sequence
from datetime import date

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import add_prefix
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone, PrintedDate

_HEADINGS = {
    LifecycleState.SUPPORTED: "Supported",
    LifecycleState.DEPRECATED: "Past their last day of patches and support",
    LifecycleState.UNKNOWN: "Unknown: a date is to be determined, not published, or can’t be read",
    LifecycleState.UNAVAILABLE: "No longer available",
}
_FAMILY_HEADINGS = _HEADINGS | {
    LifecycleState.DEPRECATED: "Deprecated: no patches, families don’t resolve, named images still work"
}


def render_list(answer: answers.VersionList) -> kit.Message:
    """Render versions grouped by state."""
    framework = format_framework(answer.framework) if answer.framework else ""
    title = phrases.format_on_product(f"{framework or 'Framework'} versions", answer.product)
    blocks = [kit.header(f"{title} on {durations.format_date(answer.day)}")]
    headings = _FAMILY_HEADINGS if answer.product.has_image_families else _HEADINGS
    for state, heading in headings.items():
        lines = [line for line in answer.lines if line.state is state]
        blocks += [kit.section(f"*{heading}*"), *kit.table(_build_table(lines, answer))] if lines else []
    if not answer.lines:
        blocks.append(kit.section(f"No {f'{framework} ' if framework else ''}version is supported or usable any more."))
    if answer.unavailable_count:
        target = add_prefix(answer.product.name, answer.framework).rstrip(":")
        command = f"/dlvm list {target} all" if target else "/dlvm list all"
        blocks.append(kit.section(phrases.format_unavailable(answer.unavailable_count, command)))
    hint = [] if answer.product.can_subscribe else [f"{phrases.SUBSCRIBABLE}."]
    return kit.message([*blocks, _render_footer(answer.lines, answer.source, hint)])


def _render_footer(
    lines: Sequence[answers.VersionLine | answers.UpcomingDate], source: answers.Source, hint: Sequence[str] = ()
) -> kit.Block:
    parts = [*hint]
    parts += ["★ marks this channel’s subscriptions."] if any(line.is_subscribed for line in lines) else []
    if any(line.unverified if isinstance(line, answers.VersionLine) else line.is_unverified for line in lines):
        parts.append("Not verified: the page now prints another date; `/dlvm status` of the version shows it.")
    return kit.context(" ".join([*parts, phrases.format_source(source)]))


def _build_table(lines: Sequence[answers.VersionLine], answer: answers.VersionList) -> list[tuple[str, ...]]:
    """Build a table, with a column for the end of availability if the product publishes it."""
    rows: list[tuple[str, ...]] = [("Version", "Last day of patches", "Last usable day")]
    for line in lines:
        patch = _format_dates(line.patch_dates, answer.day, is_month=line.is_month_only)
        patch += phrases.format_marks_at(line, Milestone.END_OF_PATCH_AND_SUPPORT)
        availability = _format_dates(line.availability_dates, answer.day)
        availability += phrases.format_marks_at(line, Milestone.END_OF_AVAILABILITY)
        rows.append((f"{line.version}{' ★' if line.is_subscribed else ''}", patch, availability))
    return rows if answer.product.publishes_availability else [row[:2] for row in rows]


def _format_dates(cells: Sequence[PrintedDate], today: date, *, is_month: bool = False) -> str:
    """Format alternative dates: `24 Jul 2025 or 14 Jan 2026`."""
    return " or ".join([_format_cell(cell, today, is_month=is_month) for cell in cells])


def _format_cell(cell: PrintedDate, today: date, *, is_month: bool) -> str:
    if cell.day is None:
        return phrases.format_missing_date(cell)
    return cell.printed if is_month else f"{durations.format_date(cell.day)}{' (today)' if cell.day == today else ''}"


def render_upcoming(answer: answers.UpcomingDates) -> kit.Message:
    """Render the next dates in the catalogue, and the next reminders of the channel."""
    blocks = [kit.header(f"The next {phrases.pluralize(answer.within, 'day')}")]
    blocks += kit.paragraphs(_list_dates(answer) or [_format_first_after(answer)], separator="\n\n")
    blocks += kit.paragraphs(_list_reminders(answer))
    return kit.message([*blocks, _render_footer(answer.dates, answer.source)])


def _list_dates(answer: answers.UpcomingDates) -> list[str]:
    """Format a paragraph for each date and milestone, with all versions that share them."""
    groups: dict[tuple[date, str], list[str]] = {}
    for entry in answer.dates:
        marks = f"{' ★' if entry.is_subscribed else ''}{phrases.format_marks_of(entry)}"
        key = (entry.day, phrases.format_milestone(entry.milestone, entry.second_milestone))
        groups.setdefault(key, []).append(f"{kit.code(entry.version)}{marks}")
    return [
        f"*{phrases.format_date(answer.day, day)}*: {milestone}\n{', '.join(versions)}"
        for (day, milestone), versions in groups.items()
    ]


def _format_first_after(answer: answers.UpcomingDates) -> str:
    text = f"No dates in the next {phrases.pluralize(answer.within, 'day')}."
    entry = answer.first_after
    if entry is None:
        return f"{text} No later dates are known."
    milestone = phrases.format_milestone(entry.milestone, entry.second_milestone)
    day = phrases.format_marked_date(answer.day, entry.day, entry)
    return f"{text} The next one: {kit.code(entry.version)}, {milestone}, {day}."


def _list_reminders(answer: answers.UpcomingDates) -> list[str]:
    if not answer.reminders:
        return [f"No upcoming reminders in this channel: {kit.code('/dlvm subscribe pytorch-2.9')} adds some."]
    lines = [f"• {phrases.format_next_reminder(reminder, answer.zone, answer.day)}" for reminder in answer.reminders]
    return ["*This channel’s next reminders*", *lines]
