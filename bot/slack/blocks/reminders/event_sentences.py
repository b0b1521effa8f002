"""The sentences of what happened to a version, by kind: what it is, what it means, what to do."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot import answers
from bot.policy import durations, lifecycle
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework, format_target
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.reminders import row_dates
from storage.facts import EventKind, Milestone

MAX_NOTE_LENGTH = 900
"""Characters of a release note that are quoted."""

MAX_NAMED = 3
"""Versions that the headline of one release note names."""

_NAMED = {"python": "Python ", "driver": "NVIDIA driver ", "cuda": "CUDA "}


def format_headline(line: answers.EventLine, today: date) -> str:
    """What happened, in one line."""
    match line.kind:
        case EventKind.ARRIVED:
            return _arrived(line, today)
        case EventKind.VANISHED:
            return _vanished(line)
        case EventKind.DEPENDENCY_CHANGED:
            return format_replaced_headline([line])
        case EventKind.RELEASE_NOTE:
            return _noted_headline(line)
        case _:
            return f"{line.title}{_rest(line)}"


def format_replaced_headline(lines: Sequence[answers.EventLine]) -> str:
    """Which dependencies were replaced, in one line."""
    names = list(dict.fromkeys(DEPENDENCY_TITLES.get(line.subject, line.subject) for line in lines))
    which = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{lines[0].title}: {which} replaced"


def format_event(lines: Sequence[answers.EventLine], message: answers.ReminderMessage) -> Iterator[str]:
    """All that is to be said of one thing that happened; of replaced dependencies, several are one thing."""
    line, today = lines[0], message.day
    match line.kind:
        case EventKind.ARRIVED:
            yield from format_new_version(line, today)
        case EventKind.FILLED_IN:
            yield from row_dates.format_filled_in(line, today)
        case EventKind.VANISHED:
            yield from row_dates.format_vanished(line, today)
        case EventKind.RETURNED:
            yield from row_dates.format_returned(line, today)
        case EventKind.DEPENDENCY_CHANGED:
            yield from _replaced(lines)
        case EventKind.OVERRIDE_CONFLICT:
            yield from _contradicted(line, today)
        case EventKind.RELEASE_NOTE:
            yield from _noted(line)


def _arrived(line: answers.EventLine, today: date) -> str:
    if not line.is_new_version:
        count = len(line.families)
        return f"{line.title}: {'a new image family' if count == 1 else f'{count} new image families'}"
    days = [row.end_of_patch_and_support.day for row in line.dates]
    left = min((lifecycle.count_days_left(today, day) for day in days if day is not None), default=None)
    short = (
        f", with only {phrases.format_days(left)} left" if left is not None and 0 <= left <= lifecycle.SOON_DAYS else ""
    )
    return f"{line.title} is new in Google’s table{short}"


def _vanished(line: answers.EventLine) -> str:
    if line.is_whole_version:
        return f"{line.title} is no longer listed in Google’s table"
    count = len(line.families)
    return f"{line.title}: {'an image family is' if count == 1 else f'{count} image families are'} no longer listed"


def _rest(line: answers.EventLine) -> str:
    what = phrases.MILESTONE_NAMES[line.milestone or Milestone.END_OF_PATCH_AND_SUPPORT]
    return {
        EventKind.FILLED_IN: f": the {what} is known now",
        EventKind.RETURNED: " is listed again in Google’s table",
        EventKind.OVERRIDE_CONFLICT: f": Google’s table says another {what} than was set by hand",
    }[line.kind]


def _replaced(lines: Sequence[answers.EventLine]) -> Iterator[str]:
    for line in lines:
        title = DEPENDENCY_TITLES.get(line.subject, line.subject)
        yield f"• {title[:1].upper()}{title[1:]}: {kit.escape(line.before)} → *{kit.escape(line.after)}*"
    first = lines[0]
    families = ", ".join(map(kit.code, first.families))
    if first.replaced_families:
        old = ", ".join(map(kit.code, first.replaced_families))
        yield (
            f"{old} left Google’s table, and {families} came instead. The old name may stop resolving: what names it"
            " (Terraform, `--image-family`) wants the new one."
        )
    else:
        yield f"Image families: {families}. New VMs made from them get it; VMs that already run stay as they are."
    counted = " or ".join(f"{_named(line)}{kit.escape(line.before)}" for line in lines)
    yield (
        f"*This may break things* that count on {counted}: test your jobs before you make new VMs. Where you can’t yet,"
        f" name an older image instead of the family; {kit.code(phrases.build_images_command(first.version))} lists them."
    )


def _named(line: answers.EventLine) -> str:
    """What comes before the value of a dependency in a sentence; an operating system names itself."""
    if line.subject == "patch_version":
        return f"{format_framework(line.version.partition('-')[0])} "
    return _NAMED.get(line.subject, "")


def _contradicted(line: answers.EventLine, today: date) -> Iterator[str]:
    if line.day is not None:
        yield f"The table now says *{phrases.format_date(today, line.day)}*."
    if line.before:
        yield f"Set by hand: {kit.escape(line.before)}. That is what counts here, until somebody ends it."
    if line.text:
        yield kit.escape(line.text)
    if line.families:
        yield f"Image families: {', '.join(map(kit.code, line.families))}."


def _noted_headline(line: answers.EventLine) -> str:
    day = durations.format_date(line.day or line.found_on)
    if not line.other_titles:
        return f"{line.title} is in the release notes of {day}"
    named, more = (line.title, *line.other_titles)[:MAX_NAMED], len(line.other_titles) + 1 - MAX_NAMED
    last = f" and {more} more versions" if more > 1 else " and one more version" if more == 1 else ""
    versions = ", ".join(named) if last else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{versions}{last} are in the release notes of {day}"


def _noted(line: answers.EventLine) -> Iterator[str]:
    kind = f"*{kit.escape(line.subject)}:* " if line.subject else ""
    yield f"{kind}{kit.truncate(kit.escape(line.text), MAX_NOTE_LENGTH)}"
    if line.url.startswith("https://") and not set("<>|") & set(line.url):
        yield f"Read it there: {kit.link(line.url, 'release notes')}."


MAX_PREDECESSORS = 3
"""Versions that a new one may follow, named in a message."""

DEPENDENCY_TITLES = {
    "python": "Python",
    "os": "operating system",
    "driver": "NVIDIA driver",
    "cuda": "CUDA",
    "patch_version": "patch version",
}
"""What a dependency is called."""


def format_new_version(line: answers.EventLine, today: date) -> Iterator[str]:
    """What came, and what it is for."""
    yield from row_dates.format_row_dates(line, today)
    yield f"Image families: {', '.join(map(kit.code, line.families))}."
    parts = [
        which if what == "os" else f"{DEPENDENCY_TITLES.get(what, what)} {which}" for what, which in line.dependencies
    ]
    if parts:
        yield f"Built of {kit.escape(', '.join(parts))}."
    if not line.is_new_version:
        yield f"The image families that were there before stay as they are. {row_dates.NOTHING_TO_DO}"
        return
    yield from (_format_predecessor(before, line, today) for before in line.predecessors[:MAX_PREDECESSORS])
    if line.predecessors:
        yield "Test jobs and models fully before you move."
    through = f", because it watches {format_target(line.target)}" if line.target != line.version else ""
    yield (
        f"This channel is reminded before both dates{through}. To watch it in another channel, type"
        f" {kit.code(f'/dlvm subscribe {line.version}')} there."
    )


def _format_predecessor(before: answers.Predecessor, line: answers.EventLine, today: date) -> str:
    state = "is deprecated" if before.state is LifecycleState.DEPRECATED else "is near its end"
    ways = "; ".join(f"{what} {kit.escape(was)} → {kit.escape(now)}" for what, was, now in before.differences)
    return (
        f"• *{kit.escape(before.title)}*, which this channel watches, {state}: the"
        f" {phrases.MILESTONE_NAMES[before.milestone]} is {phrases.format_date(today, before.day)}. {kit.escape(line.title)}"
        f" may be where to go{f' ({ways})' if ways else ''}."
    )
