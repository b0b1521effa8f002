"""Versions in a list, and the dates that come next, drawn."""

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
    LifecycleState.DEPRECATED: "Deprecated: no patches, families do not resolve, named images still work",
    LifecycleState.UNKNOWN: "Not known: a date is to be determined or can’t be read",
    LifecycleState.UNAVAILABLE: "No longer available",
}


def render_list(answer: answers.VersionList) -> kit.Message:
    """The answer to `/dlvm list`."""
    which = f"{format_framework(answer.framework)} versions" if answer.framework else "Framework versions"
    blocks = [kit.header(f"{which} on {durations.format_date(answer.day)}")]
    for state, heading in _HEADINGS.items():
        lines = [line for line in answer.lines if line.state is state]
        blocks += [kit.section(f"*{heading}*"), *kit.table(_table(lines, answer.day))] if lines else []
    blocks += [kit.section(_none_left(answer))] if not answer.lines else []
    blocks += [kit.section(_closing(answer))] if answer.unavailable_count else []
    return kit.message([*blocks, kit.context(f"{_legend(answer.lines)}{phrases.format_source(answer.source)}")])


def _legend(lines: Sequence[answers.VersionLine | answers.UpcomingDate]) -> str:
    """What the marks of a list mean, where there are any."""
    watched = "★ marks what this channel is reminded of. " if any(line.is_subscribed for line in lines) else ""
    held = "Not verified: the page prints another date by now, `/dlvm status` of the version says which. "
    return f"{watched}{held if any(_is_unverified(line) for line in lines) else ''}"


def _is_unverified(line: answers.VersionLine | answers.UpcomingDate) -> bool:
    """Return True if a date of the line is not verified."""
    return line.is_unverified if isinstance(line, answers.UpcomingDate) else bool(line.unverified)


def _table(lines: Sequence[answers.VersionLine], day: date) -> list[tuple[str, str, str]]:
    rows = [("Version", "Patches, last day", "Images, last day")]
    return rows + [
        (
            f"{line.version}{' ★' if line.is_subscribed else ''}",
            _cell(line, day, line.end_of_patch_and_support, Milestone.END_OF_PATCH_AND_SUPPORT),
            _cell(line, day, line.end_of_availability, Milestone.END_OF_AVAILABILITY),
        )
        for line in lines
    ]


def _cell(line: answers.VersionLine, today: date, day: date | None, milestone: Milestone) -> str:
    mark = phrases.format_marks(is_overridden=milestone in line.overridden, is_unverified=milestone in line.unverified)
    if day is None:
        return f"{'differs by family' if line.rows_differ else 'to be determined'}{mark}"
    return f"{durations.format_date(day)}{' (today)' if day == today else ''}{mark}"


def _none_left(answer: answers.VersionList) -> str:
    what = f"{format_framework(answer.framework)} version" if answer.framework else "version"
    return f"No {what} is supported or usable any more."


def _closing(answer: answers.VersionList) -> str:
    again = kit.code(f"/dlvm list {answer.framework + ' ' if answer.framework else ''}all")
    one = "1 version is" if answer.unavailable_count == 1 else f"{answer.unavailable_count} versions are"
    return f"{one} no longer available: {again} shows them too."


def render_upcoming(answer: answers.Upcoming) -> kit.Message:
    """The answer to `/dlvm upcoming`."""
    blocks = [kit.header(f"The next {phrases.format_days(answer.within)}")]
    if answer.dates:
        blocks += kit.paragraphs(_by_date(answer), separator="\n\n")
    else:
        blocks.append(kit.section(_quiet(answer)))
    blocks += kit.paragraphs(_reminders(answer))
    return kit.message([*blocks, kit.context(f"{_legend(answer.dates)}{phrases.format_source(answer.source)}")])


def _by_date(answer: answers.Upcoming) -> list[str]:
    """A paragraph for each date, with every version that shares it."""
    together: dict[tuple[date, str], list[str]] = {}
    for entry in answer.dates:
        mark = f"{' ★' if entry.is_subscribed else ''}{phrases.format_marks_of(entry)}"
        key = (entry.day, phrases.format_milestone(entry.milestone, entry.second_milestone))
        together.setdefault(key, []).append(f"{phrases.format_version(entry.version)}{mark}")
    return [
        f"*{phrases.format_date(answer.day, day)}*, {phrases.format_days_left(answer.day, day)}: {what}\n{', '.join(names)}"
        for (day, what), names in together.items()
    ]


def _in_words(entry: answers.UpcomingDate, today: date) -> str:
    return (
        f"{phrases.format_version(entry.version)}: {phrases.format_milestone(entry.milestone, entry.second_milestone)},"
        f" {phrases.format_date(today, entry.day)}{phrases.format_marks_of(entry)}, {phrases.format_days_left(today, entry.day)}"
    )


def _quiet(answer: answers.Upcoming) -> str:
    text = f"No date falls within {phrases.format_days(answer.within)}."
    if answer.first_after is None:
        return f"{text} Nothing later is known either."
    return f"{text} The next one: {_in_words(answer.first_after, answer.day)}."


def _reminders(answer: answers.Upcoming) -> list[str]:
    if not answer.reminders:
        return [f"This channel has no reminder ahead: {kit.code('/dlvm subscribe pytorch-2.9')} sets one."]
    lines = [f"• {phrases.format_next_reminder(reminder, answer.zone, answer.day)}" for reminder in answer.reminders]
    return ["*This channel’s next reminders*", *lines]
