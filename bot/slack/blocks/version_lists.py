"""Rendering of lists of versions, and of upcoming dates."""

from collections.abc import Sequence
from datetime import date

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone

_HEADINGS = {
    LifecycleState.SUPPORTED: "Supported",
    LifecycleState.DEPRECATED: "Deprecated: no patches, families don’t resolve, named images still work",
    LifecycleState.UNKNOWN: "Unknown: a date is to be determined or can’t be read",
    LifecycleState.UNAVAILABLE: "No longer available",
}


def render_list(answer: answers.VersionList) -> kit.Message:
    """Render versions grouped by state."""
    framework = format_framework(answer.framework) if answer.framework else ""
    blocks = [kit.header(f"{framework or 'Framework'} versions on {durations.format_date(answer.day)}")]
    for state, heading in _HEADINGS.items():
        lines = [line for line in answer.lines if line.state is state]
        blocks += [kit.section(f"*{heading}*"), *kit.table(_build_table(lines, answer.day))] if lines else []
    if not answer.lines:
        blocks.append(kit.section(f"No {f'{framework} ' if framework else ''}version is supported or usable any more."))
    if answer.unavailable_count:
        command = f"/dlvm list {answer.framework} all" if answer.framework else "/dlvm list all"
        blocks.append(kit.section(phrases.format_unavailable(answer.unavailable_count, command)))
    return kit.message([*blocks, _render_footer(answer)])


def _render_footer(answer: answers.VersionList | answers.Upcoming) -> kit.Block:
    """Render the meaning of the marks in a list, and the source of its dates."""
    lines: Sequence[answers.VersionLine | answers.UpcomingDate] = (
        answer.lines if isinstance(answer, answers.VersionList) else answer.dates
    )
    parts = ["★ marks this channel’s subscriptions."] if any(line.is_subscribed for line in lines) else []
    if any(_is_unverified(line) for line in lines):
        parts.append("Not verified: the page now prints another date; `/dlvm status` of the version shows it.")
    return kit.context(" ".join([*parts, phrases.format_source(answer.source)]))


def _is_unverified(line: answers.VersionLine | answers.UpcomingDate) -> bool:
    return bool(line.unverified) if isinstance(line, answers.VersionLine) else line.is_unverified


def _build_table(lines: Sequence[answers.VersionLine], day: date) -> list[tuple[str, str, str]]:
    rows = [("Version", "Last day of patches", "Last usable day")]
    return rows + [
        (
            f"{line.version}{' ★' if line.is_subscribed else ''}",
            _format_cell(line, day, line.end_of_patch_and_support, Milestone.END_OF_PATCH_AND_SUPPORT),
            _format_cell(line, day, line.end_of_availability, Milestone.END_OF_AVAILABILITY),
        )
        for line in lines
    ]


def _format_cell(line: answers.VersionLine, today: date, day: date | None, milestone: Milestone) -> str:
    marks = phrases.format_marks(is_overridden=milestone in line.overridden, is_unverified=milestone in line.unverified)
    if day is None:
        return f"{'differs by family' if line.rows_differ else 'to be determined'}{marks}"
    return f"{durations.format_date(day)}{' (today)' if day == today else ''}{marks}"


def render_upcoming(answer: answers.Upcoming) -> kit.Message:
    """Render the next dates in the catalogue, and the next reminders of the channel."""
    blocks = [kit.header(f"The next {phrases.pluralize(answer.within, 'day')}")]
    if answer.dates:
        blocks += kit.paragraphs(_list_dates(answer), separator="\n\n")
    else:
        blocks.append(kit.section(_format_first_after(answer)))
    blocks += kit.paragraphs(_list_reminders(answer))
    return kit.message([*blocks, _render_footer(answer)])


def _list_dates(answer: answers.Upcoming) -> list[str]:
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


def _format_first_after(answer: answers.Upcoming) -> str:
    text = f"No dates in the next {phrases.pluralize(answer.within, 'day')}."
    entry = answer.first_after
    if entry is None:
        return f"{text} No later dates are known."
    milestone = phrases.format_milestone(entry.milestone, entry.second_milestone)
    day = f"{phrases.format_date(answer.day, entry.day)}{phrases.format_marks_of(entry)}"
    return f"{text} The next one: {kit.code(entry.version)}, {milestone}, {day}."


def _list_reminders(answer: answers.Upcoming) -> list[str]:
    if not answer.reminders:
        return [f"No upcoming reminders in this channel: {kit.code('/dlvm subscribe pytorch-2.9')} adds some."]
    lines = [f"• {phrases.format_next_reminder(reminder, answer.zone, answer.day)}" for reminder in answer.reminders]
    return ["*This channel’s next reminders*", *lines]
