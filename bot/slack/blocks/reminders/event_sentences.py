"""The sentences of what happened to a version, by kind: what it is, what it means, what to do."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot import answers
from bot.policy import durations, lifecycle
from bot.policy.versions import framework_title
from bot.slack.blocks import arrivals, kit, phrases
from bot.slack.blocks.reminders import row_dates
from storage.facts import EventKind, Milestone

LONGEST_NOTE = 900
"""Characters of a release note that are quoted."""

MOST_NAMED = 3
"""Versions that the headline of one release note names."""

_NAMED = {"python": "Python ", "driver": "NVIDIA driver ", "cuda": "CUDA "}


def headline(line: answers.NewsLine, today: date) -> str:
    """What happened, in one line."""
    match line.kind:
        case EventKind.ARRIVED:
            return _arrived(line, today)
        case EventKind.VANISHED:
            return _vanished(line)
        case EventKind.REPLACED:
            return replaced_headline([line])
        case EventKind.NOTED:
            return _noted_headline(line)
        case _:
            return f"{line.title}{_rest(line)}"


def replaced_headline(lines: Sequence[answers.NewsLine]) -> str:
    """Which dependencies were replaced, in one line."""
    names = list(dict.fromkeys(arrivals.TITLES.get(line.what, line.what) for line in lines))
    which = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{lines[0].title}: {which} replaced"


def sentences(lines: Sequence[answers.NewsLine], message: answers.ReminderMessage) -> Iterator[str]:
    """All that is to be said of one thing that happened; of replaced dependencies, several are one thing."""
    line, today = lines[0], message.day
    match line.kind:
        case EventKind.ARRIVED:
            yield from arrivals.sentences(line, today)
        case EventKind.FILLED_IN:
            yield from row_dates.filled_in(line, today)
        case EventKind.VANISHED:
            yield from row_dates.vanished(line, today)
        case EventKind.RETURNED:
            yield from row_dates.returned(line, today)
        case EventKind.REPLACED:
            yield from _replaced(lines)
        case EventKind.CONTRADICTED:
            yield from _contradicted(line, today)
        case EventKind.NOTED:
            yield from _noted(line)


def _arrived(line: answers.NewsLine, today: date) -> str:
    if not line.is_new_version:
        count = len(line.families)
        return f"{line.title}: {'a new image family' if count == 1 else f'{count} new image families'}"
    days = [row.end_of_patch_and_support.day for row in line.dates]
    left = min((lifecycle.days_left(today, day) for day in days if day is not None), default=None)
    short = f", with only {phrases.days(left)} left" if left is not None and 0 <= left <= lifecycle.SOON else ""
    return f"{line.title} is new in Google’s table{short}"


def _vanished(line: answers.NewsLine) -> str:
    if line.everywhere:
        return f"{line.title} is no longer listed in Google’s table"
    count = len(line.families)
    return f"{line.title}: {'an image family is' if count == 1 else f'{count} image families are'} no longer listed"


def _rest(line: answers.NewsLine) -> str:
    what = phrases.LAST_DAY_OF[line.milestone or Milestone.END_OF_PATCH_AND_SUPPORT]
    return {
        EventKind.FILLED_IN: f": the {what} is known now",
        EventKind.RETURNED: " is listed again in Google’s table",
        EventKind.CONTRADICTED: f": Google’s table says another {what} than was set by hand",
    }[line.kind]


def _replaced(lines: Sequence[answers.NewsLine]) -> Iterator[str]:
    for line in lines:
        title = arrivals.TITLES.get(line.what, line.what)
        yield f"• {title[:1].upper()}{title[1:]}: {kit.escape(line.before)} → *{kit.escape(line.after)}*"
    first = lines[0]
    families = ", ".join(map(kit.code, first.families))
    if first.instead_of:
        old = ", ".join(map(kit.code, first.instead_of))
        yield (
            f"{old} left Google’s table, and {families} came instead. The old name may stop resolving: what names it"
            " (Terraform, `--image-family`) wants the new one."
        )
    else:
        yield f"Image families: {families}. New VMs made from them get it; VMs that already run stay as they are."
    counted = " or ".join(f"{_named(line)}{kit.escape(line.before)}" for line in lines)
    yield (
        f"*This may break things* that count on {counted}: test your jobs before you make new VMs. Where you can’t yet,"
        f" name an older image instead of the family; {kit.code(phrases.images_command(first.version))} lists them."
    )


def _named(line: answers.NewsLine) -> str:
    """What comes before the value of a dependency in a sentence; an operating system names itself."""
    if line.what == "patch_version":
        return f"{framework_title(line.version.partition('-')[0])} "
    return _NAMED.get(line.what, "")


def _contradicted(line: answers.NewsLine, today: date) -> Iterator[str]:
    if line.day is not None:
        yield f"The table now says *{phrases.dated(today, line.day)}*."
    if line.before:
        yield f"Set by hand: {kit.escape(line.before)}. That is what counts here, until somebody ends it."
    if line.text:
        yield kit.escape(line.text)
    if line.families:
        yield f"Image families: {', '.join(map(kit.code, line.families))}."


def _noted_headline(line: answers.NewsLine) -> str:
    day = durations.plain_date(line.day or line.found_on)
    if not line.also:
        return f"{line.title} is in the release notes of {day}"
    named, more = (line.title, *line.also)[:MOST_NAMED], len(line.also) + 1 - MOST_NAMED
    last = f" and {more} more versions" if more > 1 else " and one more version" if more == 1 else ""
    versions = ", ".join(named) if last else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{versions}{last} are in the release notes of {day}"


def _noted(line: answers.NewsLine) -> Iterator[str]:
    kind = f"*{kit.escape(line.what)}:* " if line.what else ""
    yield f"{kind}{kit.cut(kit.escape(line.text), LONGEST_NOTE)}"
    if line.url.startswith("https://") and not set("<>|") & set(line.url):
        yield f"Read it there: {kit.link(line.url, 'release notes')}."
