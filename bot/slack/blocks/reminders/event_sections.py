"""What happened to versions, drawn: what it is, what it means for the reader, what to do; one heading a version."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby

from bot import answers
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.reminders import event_sentences
from storage.facts import EventKind

MAX_IN_FULL = 4
"""Versions drawn with their own heading in a message; news of more are folded into lines."""

LATE_AFTER = timedelta(days=3)
"""After more than a weekend it is said when something was found."""

EventGroup = Sequence[answers.EventLine]
"""The news of one version."""


def render(message: answers.ReminderMessage, others: int) -> list[kit.Block]:
    """All news of a message, beside so many other things that it says in full."""
    groups = [list(lines) for _, lines in groupby(message.events, key=lambda line: line.version)]
    room = max(1, MAX_IN_FULL - others)
    blocks: list[kit.Block] = []
    for group in groups[:room]:
        blocks += [*_in_full(group, message), kit.divider()]
    folded = [line for group in groups[room:] for line in group]
    if folded:
        lines = [
            f"• {kit.escape(event_sentences.format_headline(line, message.day))}{_soonest(line, message)}"
            for line in folded
        ]
        blocks += kit.paragraphs([f"*And {len(folded)} more in Google’s table*", *lines])
    return blocks


def _in_full(group: EventGroup, message: answers.ReminderMessage) -> list[kit.Block]:
    first = group[0]
    status = kit.button("Status", "status", first.version, description=f"Status of {first.title}")
    return [kit.header(_heading(group, message)), *kit.paragraphs(_paragraphs(group, message)), kit.actions([status])]


def _heading(group: EventGroup, message: answers.ReminderMessage) -> str:
    """What happened, in one line; where several things did, how many."""
    parts = list(_parts(group))
    if len(parts) == 1 and parts[0][0].kind is EventKind.DEPENDENCY_CHANGED:
        return event_sentences.format_replaced_headline(parts[0])
    return (
        event_sentences.format_headline(group[0], message.day)
        if len(parts) == 1
        else f"{group[0].title}: {len(parts)} changes"
    )


def _paragraphs(group: EventGroup, message: answers.ReminderMessage) -> Iterator[str]:
    parts = list(_parts(group))
    for part in parts:
        if len(parts) > 1:
            heading = (
                event_sentences.format_headline(part[0], message.day)
                if len(part) == 1
                else event_sentences.format_replaced_headline(part)
            )
            yield f"*{kit.escape(heading)}*"
        yield from event_sentences.format_event(part, message)
        if message.day - part[0].found_on > LATE_AFTER:
            yield f"This was found on {durations.format_date(part[0].found_on)}."


def _parts(group: EventGroup) -> Iterator[EventGroup]:
    """The news one by one; dependencies of the same image families that were replaced together are one."""
    for _, lines in groupby(group, key=_together):
        yield list(lines)


def _together(line: answers.EventLine) -> tuple[object, ...]:
    replaced = line.kind is EventKind.DEPENDENCY_CHANGED
    return (line.kind, line.families) if replaced else (line.kind, line.event_id)


def _soonest(line: answers.EventLine, message: answers.ReminderMessage) -> str:
    """The date that a folded line is about, or that comes first in it."""
    days = [cell.day for row in line.dates for cell in (row.end_of_patch_and_support, row.end_of_availability)]
    ahead = min((day for day in (line.day, *days) if day is not None and day >= message.day), default=None)
    if line.day is not None:
        return f": {phrases.format_date(message.day, line.day)}"
    return f"; next date {durations.format_date(ahead)}" if ahead and line.kind is EventKind.ARRIVED else ""
