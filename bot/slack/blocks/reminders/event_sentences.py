"""Headlines and sentences of catalogue events: what happened, what it means, and what to do."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot import answers
from bot.policy import durations, lifecycle
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework, format_target
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.reminders import row_dates
from storage.facts import EventKind, Milestone

_MAX_NOTE_LENGTH = 900
"""Characters of a release note that are quoted."""

_MAX_NAMED = 3
"""Versions that the headline of a release note names."""

_MAX_PREDECESSORS = 3

_DEPENDENCY_TITLES = {
    "python": "Python",
    "os": "operating system",
    "driver": "NVIDIA driver",
    "cuda": "CUDA",
    "patch_version": "patch version",
}

_VALUE_PREFIXES = {"python": "Python ", "driver": "NVIDIA driver ", "cuda": "CUDA "}
"""The text before the value of a dependency in a sentence. Values of operating systems contain the name."""


def format_headline(lines: Sequence[answers.EventLine], today: date) -> str:  # noqa: PLR0911 - a table with one case for each kind
    """Format an event in one line. Only dependencies that changed together have several lines."""
    line = lines[0]
    match line.kind:
        case EventKind.ARRIVED:
            return _format_arrived_headline(line, today)
        case EventKind.VANISHED:
            return _format_vanished_headline(line)
        case EventKind.DEPENDENCY_CHANGED:
            return _format_changed_headline(lines)
        case EventKind.RELEASE_NOTE:
            return _format_note_headline(line)
        case EventKind.RETURNED:
            return f"{line.title} is listed again in Google’s table"
        case EventKind.FILLED_IN:
            return f"{line.title}: the {_get_milestone_name(line)} is now known"
        case EventKind.OVERRIDE_CONFLICT:
            return f"{line.title}: Google’s table conflicts with the override of the {_get_milestone_name(line)}"


def format_event(lines: Sequence[answers.EventLine], message: answers.ReminderMessage) -> Iterator[str]:
    """Yield the sentences of an event. Only dependencies that changed together have several lines."""
    line, today = lines[0], message.day
    match line.kind:
        case EventKind.ARRIVED:
            yield from _format_arrived(line, today)
        case EventKind.FILLED_IN:
            yield from row_dates.format_filled_in(line, today)
        case EventKind.VANISHED:
            yield from row_dates.format_vanished(line, today)
        case EventKind.RETURNED:
            yield from row_dates.format_returned(line, today)
        case EventKind.DEPENDENCY_CHANGED:
            yield from _format_changed(lines)
        case EventKind.OVERRIDE_CONFLICT:
            yield from _format_override_conflict(line, today)
        case EventKind.RELEASE_NOTE:
            yield from _format_note(line)


def _get_milestone_name(line: answers.EventLine) -> str:
    return phrases.MILESTONE_NAMES[line.milestone or Milestone.END_OF_PATCH_AND_SUPPORT]


def _format_arrived_headline(line: answers.EventLine, today: date) -> str:
    if not line.is_new_version:
        count = len(line.families)
        return f"{line.title}: {'a new image family' if count == 1 else f'{count} new image families'}"
    days = [row.end_of_patch_and_support.day for row in line.dates]
    left = min((lifecycle.count_days_left(today, day) for day in days if day is not None), default=None)
    if left is None or not 0 <= left <= lifecycle.SOON_DAYS:
        return f"{line.title} is new in Google’s table"
    return f"{line.title} is new in Google’s table, with only {phrases.pluralize(left, 'day')} left"


def _format_arrived(line: answers.EventLine, today: date) -> Iterator[str]:
    yield from row_dates.format_row_dates(line, today)
    yield phrases.format_families(line.families)
    dependencies = [
        value if name == "os" else f"{_DEPENDENCY_TITLES.get(name, name)} {value}" for name, value in line.dependencies
    ]
    if dependencies:
        yield f"Built with {kit.escape(', '.join(dependencies))}."
    if not line.is_new_version:
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


def _format_changed_headline(lines: Sequence[answers.EventLine]) -> str:
    *first, last = dict.fromkeys(_DEPENDENCY_TITLES.get(line.subject, line.subject) for line in lines)
    names = f"{', '.join(first)} and {last}" if first else last
    return f"{lines[0].title}: {names} changed"


def _format_changed(lines: Sequence[answers.EventLine]) -> Iterator[str]:
    for line in lines:
        title = phrases.capitalize(_DEPENDENCY_TITLES.get(line.subject, line.subject))
        yield f"• {title}: {kit.escape(line.before)} → *{kit.escape(line.after)}*"
    first = lines[0]
    if first.replaced_families:
        yield (
            f"Google’s table now lists {kit.codes(first.families)} instead of {kit.codes(first.replaced_families)}. The"
            " old name might stop resolving. Switch references to it (Terraform, `--image-family`) to the new name."
        )
    else:
        yield f"{phrases.format_families(first.families)} New VMs get the change; running VMs don’t."
    dependencies = " or ".join(f"{_get_value_prefix(line)}{kit.escape(line.before)}" for line in lines)
    yield (
        f"*This might break* anything that depends on {dependencies}. Test your jobs before you create VMs. Until then,"
        f" use an older image by name instead of the family: {kit.code(phrases.build_images_command(first.version))}"
        " lists them."
    )


def _get_value_prefix(line: answers.EventLine) -> str:
    if line.subject == "patch_version":
        return f"{format_framework(line.version.partition('-')[0])} "
    return _VALUE_PREFIXES.get(line.subject, "")


def _format_override_conflict(line: answers.EventLine, today: date) -> Iterator[str]:
    if line.day is not None:
        yield f"The table now says *{phrases.format_date(today, line.day)}*."
    if line.before:
        yield f"The overridden date is {kit.escape(line.before)}. It stays in effect until the override is removed."
    if line.text:
        yield kit.escape(line.text)
    if line.families:
        yield phrases.format_families(line.families)


def _format_note_headline(line: answers.EventLine) -> str:
    day = durations.format_date(line.day or line.found_on)
    titles = (line.title, *line.other_titles)
    if len(titles) == 1:
        return f"{line.title} is in the release notes of {day}"
    named, hidden = titles[:_MAX_NAMED], len(titles) - _MAX_NAMED
    if hidden > 0:
        versions = f"{', '.join(named)} and {phrases.pluralize(hidden, 'more version')}"
    else:
        versions = f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{versions} are in the release notes of {day}"


def _format_note(line: answers.EventLine) -> Iterator[str]:
    kind = f"*{kit.escape(line.subject)}:* " if line.subject else ""
    yield f"{kind}{kit.truncate(kit.escape(line.text), _MAX_NOTE_LENGTH)}"
    if line.url.startswith("https://") and not set("<>|") & set(line.url):
        yield f"Read it in the {kit.link(line.url, 'release notes')}."
