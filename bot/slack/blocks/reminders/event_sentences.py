"""Headlines and sentences of catalogue events: what happened, what it means, and what to do."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot import answers
from bot.policy import durations, lifecycle
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework, format_target
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.reminders import row_dates
from storage.facts import (
    DateFilledIn,
    Dependency,
    DependencyReplaced,
    OverrideConflict,
    ReleaseNoteMention,
    RowsArrived,
    RowsReturned,
    RowsVanished,
)

_MAX_NOTE_LENGTH = 900
"""Characters of a release note that are quoted."""

_MAX_NAMED = 3
"""Versions that the headline of a release note names."""

_MAX_PREDECESSORS = 3

_DEPENDENCY_TITLES = {
    Dependency.PYTHON: "Python",
    Dependency.OS: "operating system",
    Dependency.DRIVER: "NVIDIA driver",
    Dependency.CUDA: "CUDA",
    Dependency.PATCH_VERSION: "patch version",
}

_VALUE_PREFIXES = {Dependency.PYTHON: "Python ", Dependency.DRIVER: "NVIDIA driver ", Dependency.CUDA: "CUDA "}
"""The text before the value of a dependency in a sentence. Values of operating systems contain the name."""


def format_headline(lines: Sequence[answers.EventLine], today: date) -> str:  # noqa: PLR0911 - a table with one case for each kind
    """Format an event in one line. Only dependencies that changed together have several lines."""
    line = lines[0]
    match line.change:
        case RowsArrived(is_new_version=is_new_version):
            return _format_new_headline(line, today) if is_new_version else _format_arrived_headline(line)
        case RowsVanished():
            return _format_vanished_headline(line)
        case DependencyReplaced():
            return _format_replaced_headline(line.title, _list_replacements(lines))
        case ReleaseNoteMention(day=day):
            return _format_note_headline(line, day)
        case RowsReturned():
            return f"{line.title} is listed again in Google’s table"
        case DateFilledIn(milestone=milestone):
            return f"{line.title}: the {phrases.MILESTONE_NAMES[milestone]} is now known"
        case OverrideConflict(milestone=milestone):
            name = phrases.MILESTONE_NAMES[milestone]
            return f"{line.title}: Google’s table conflicts with the override of the {name}"


def format_event(lines: Sequence[answers.EventLine], message: answers.ReminderMessage) -> Iterator[str]:
    """Yield the sentences of an event. Only dependencies that changed together have several lines."""
    line, today = lines[0], message.day
    match line.change:
        case RowsArrived(is_new_version=is_new_version):
            yield from _format_arrived(line, today, is_new_version=is_new_version)
        case DateFilledIn() as change:
            yield from row_dates.format_filled_in(line, change, today)
        case RowsVanished():
            yield from row_dates.format_vanished(line, today)
        case RowsReturned():
            yield from row_dates.format_returned(line, today)
        case DependencyReplaced():
            yield from _format_replaced(line, _list_replacements(lines))
        case OverrideConflict() as change:
            yield from _format_override_conflict(line, change, today)
        case ReleaseNoteMention() as change:
            yield from _format_note(line, change)


def _list_replacements(lines: Sequence[answers.EventLine]) -> list[DependencyReplaced]:
    return [line.change for line in lines if isinstance(line.change, DependencyReplaced)]


def _format_arrived_headline(line: answers.EventLine) -> str:
    count = len(line.families)
    return f"{line.title}: {'a new image family' if count == 1 else f'{count} new image families'}"


def _format_new_headline(line: answers.EventLine, today: date) -> str:
    days = [row.end_of_patch_and_support.day for row in line.dates]
    left = min((lifecycle.count_days_left(today, day) for day in days if day is not None), default=None)
    if left is None or not 0 <= left <= lifecycle.SOON_DAYS:
        return f"{line.title} is new in Google’s table"
    return f"{line.title} is new in Google’s table, with only {phrases.pluralize(left, 'day')} left"


def _format_arrived(line: answers.EventLine, today: date, *, is_new_version: bool) -> Iterator[str]:
    yield from row_dates.format_row_dates(line, today)
    yield phrases.format_families(line.families)
    dependencies = [
        value if dependency is Dependency.OS else f"{_DEPENDENCY_TITLES[dependency]} {value}"
        for dependency, value in line.dependencies
    ]
    if dependencies:
        yield f"Built with {kit.escape(', '.join(dependencies))}."
    if not is_new_version:
        yield f"Existing image families stay as they are. {row_dates.NOTHING_TO_DO}"
        return
    for predecessor in line.predecessors[:_MAX_PREDECESSORS]:
        yield _format_predecessor(predecessor, line, today)
    if line.predecessors:
        yield "Test your jobs and models before you upgrade."
    reason = f", because it’s subscribed to {format_target(line.target)}" if line.target != line.version else ""
    command = kit.code(f"/dlvm subscribe {line.version}")
    yield (
        f"This channel will get reminders before both dates{reason}. To get them in another channel, type {command}"
        " there."
    )


def _format_predecessor(predecessor: answers.Predecessor, line: answers.EventLine, today: date) -> str:
    state = "is deprecated" if predecessor.state is LifecycleState.DEPRECATED else "ends soon"
    changes = phrases.format_changes(predecessor.differences)
    return (
        f"• *{kit.escape(predecessor.title)}*, which this channel is subscribed to, {state}: the"
        f" {phrases.MILESTONE_NAMES[predecessor.milestone]} is {phrases.format_date(today, predecessor.day)}."
        f" You can upgrade to {kit.escape(line.title)}{f' ({changes})' if changes else ''}."
    )


def _format_vanished_headline(line: answers.EventLine) -> str:
    if line.is_whole_version:
        return f"{line.title} is no longer listed in Google’s table"
    count = len(line.families)
    return f"{line.title}: {'an image family is' if count == 1 else f'{count} image families are'} no longer listed"


def _format_replaced_headline(title: str, replacements: Sequence[DependencyReplaced]) -> str:
    *first, last = dict.fromkeys(_DEPENDENCY_TITLES[change.dependency] for change in replacements)
    names = f"{', '.join(first)} and {last}" if first else last
    return f"{title}: {names} changed"


def _format_replaced(line: answers.EventLine, replacements: Sequence[DependencyReplaced]) -> Iterator[str]:
    for change in replacements:
        title = phrases.capitalize(_DEPENDENCY_TITLES[change.dependency])
        yield f"• {title}: {kit.escape(change.before)} → *{kit.escape(change.after)}*"
    replaced_families = replacements[0].replaced_families
    if replaced_families:
        yield (
            f"Google’s table now lists {kit.codes(line.families)} instead of {kit.codes(replaced_families)}. The"
            " old name might stop resolving. Switch references to it (Terraform, `--image-family`) to the new name."
        )
    else:
        yield f"{phrases.format_families(line.families)} New VMs get the change; running VMs don’t."
    dependencies = " or ".join(f"{_get_value_prefix(change)}{kit.escape(change.before)}" for change in replacements)
    yield (
        f"*This might break* anything that depends on {dependencies}. Test your jobs before you create VMs. Until then,"
        f" use an older image by name instead of the family: {kit.code(phrases.build_images_command(line.version))}"
        " lists them."
    )


def _get_value_prefix(change: DependencyReplaced) -> str:
    if change.dependency is Dependency.PATCH_VERSION:
        return f"{format_framework(change.version.partition('-')[0])} "
    return _VALUE_PREFIXES.get(change.dependency, "")


def _format_override_conflict(line: answers.EventLine, change: OverrideConflict, today: date) -> Iterator[str]:
    if change.day is not None:
        yield f"The table now says *{phrases.format_date(today, change.day)}*."
    yield f"The overridden date is {kit.escape(change.override)}. It stays in effect until the override is removed."
    yield kit.escape(change.remark)
    if line.families:
        yield phrases.format_families(line.families)


def _format_note_headline(line: answers.EventLine, note_day: date) -> str:
    day = durations.format_date(note_day)
    titles = (line.title, *line.other_titles)
    if len(titles) == 1:
        return f"{line.title} is in the release notes of {day}"
    named, hidden = titles[:_MAX_NAMED], len(titles) - _MAX_NAMED
    if hidden > 0:
        versions = f"{', '.join(named)} and {phrases.pluralize(hidden, 'more version')}"
    else:
        versions = f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{versions} are in the release notes of {day}"


def _format_note(line: answers.EventLine, change: ReleaseNoteMention) -> Iterator[str]:
    kind = f"*{kit.escape(change.note_kind)}:* " if change.note_kind else ""
    yield f"{kind}{kit.truncate(kit.escape(change.text), _MAX_NOTE_LENGTH)}"
    if line.url.startswith("https://") and not set("<>|") & set(line.url):
        yield f"Read it in the {kit.link(line.url, 'release notes')}."
