"""New versions and image families in sentences: their dates, what they are built of, and for whom they are."""

from collections.abc import Iterator
from datetime import date

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import target_title
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.reminders import row_dates

MOST_BEFORE = 3
"""Versions that a new one may follow, named in a message."""

TITLES = {
    "python": "Python",
    "os": "operating system",
    "driver": "NVIDIA driver",
    "cuda": "CUDA",
    "patch_version": "patch version",
}
"""What a dependency is called."""


def sentences(line: answers.NewsLine, today: date) -> Iterator[str]:
    """What came, and what it is for."""
    yield from row_dates.both(line, today)
    yield f"Image families: {', '.join(map(kit.code, line.families))}."
    parts = [which if what == "os" else f"{TITLES.get(what, what)} {which}" for what, which in line.built_of]
    if parts:
        yield f"Built of {kit.escape(', '.join(parts))}."
    if not line.is_new_version:
        yield f"The image families that were there before stay as they are. {row_dates.NOTHING_TO_DO}"
        return
    yield from (_may_follow(before, line, today) for before in line.may_follow[:MOST_BEFORE])
    if line.may_follow:
        yield "Test jobs and models fully before you move."
    through = f", because it watches {target_title(line.through)}" if line.through != line.version else ""
    yield (
        f"This channel is reminded before both dates{through}. To watch it in another channel, type"
        f" {kit.code(f'/dlvm subscribe {line.version}')} there."
    )


def _may_follow(before: answers.Predecessor, line: answers.NewsLine, today: date) -> str:
    state = "is deprecated" if before.state is LifecycleState.DEPRECATED else "is near its end"
    ways = "; ".join(f"{what} {kit.escape(was)} → {kit.escape(now)}" for what, was, now in before.differences)
    return (
        f"• *{kit.escape(before.title)}*, which this channel watches, {state}: the"
        f" {phrases.LAST_DAY_OF[before.milestone]} is {phrases.dated(today, before.day)}. {kit.escape(line.title)}"
        f" may be where to go{f' ({ways})' if ways else ''}."
    )
