"""Rendering of catalogue events in a reminder message, with one heading for each version."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from bot import answers
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.reminders import event_sentences
from storage.facts import DateFilledIn, DependencyReplaced, OverrideConflict, ReleaseNoteMention, RowsArrived

MAX_IN_FULL = 4
"""Sections of a message that are rendered in full. Events of further versions are folded into lines."""

LATE_AFTER = timedelta(days=3)
"""After more than a weekend, an event shows when it was found."""

EventGroup = Sequence[answers.EventLine]
"""Events of one version, or dependencies that changed together."""


def render(message: answers.ReminderMessage, other_sections: int) -> list[kit.Block]:
    """Render all events of a message. Other sections in full leave less room for events in full."""
    groups = [list(lines) for _, lines in groupby(message.events, key=lambda line: line.version)]
    room = max(1, MAX_IN_FULL - other_sections)
    blocks: list[kit.Block] = []
    for group in groups[:room]:
        blocks += [*_render_in_full(group, message), kit.divider()]
    folded = [line for group in groups[room:] for line in group]
    if folded:
        lines = [f"• {_format_folded(line, message)}" for line in folded]
        blocks += kit.paragraphs([f"*And {len(folded)} more in Google’s table*", *lines])
    return blocks


def _render_in_full(group: EventGroup, message: answers.ReminderMessage) -> list[kit.Block]:
    events = list(_split_events(group))
    first = group[0]
    heading = (
        event_sentences.format_headline(events[0], message.day)
        if len(events) == 1
        else f"{first.title}: {len(events)} changes"
    )
    status = kit.button("Status", "status", first.version, description=f"Status of {first.title}")
    return [kit.header(heading), *kit.paragraphs(_list_paragraphs(events, message)), kit.actions([status])]


def _list_paragraphs(events: Sequence[EventGroup], message: answers.ReminderMessage) -> Iterator[str]:
    for event in events:
        if len(events) > 1:
            yield f"*{kit.escape(event_sentences.format_headline(event, message.day))}*"
        yield from event_sentences.format_event(event, message)
        if message.day - event[0].found_on > LATE_AFTER:
            yield f"Found on {durations.format_date(event[0].found_on)}."


def _split_events(group: EventGroup) -> Iterator[EventGroup]:
    """Split the events of a version. Dependencies of equal image families that changed together are one event."""
    for _, lines in groupby(group, key=_get_event_key):
        yield list(lines)


def _get_event_key(line: answers.EventLine) -> tuple[object, ...]:
    return (type(line.change), line.families if isinstance(line.change, DependencyReplaced) else line.event_id)


def _format_folded(line: answers.EventLine, message: answers.ReminderMessage) -> str:
    """Format an event in one line, with the date it is about or the next date of new image families."""
    headline = kit.escape(event_sentences.format_headline([line], message.day))
    match line.change:
        case DateFilledIn(day=day) | OverrideConflict(day=date() as day) | ReleaseNoteMention(day=day):
            return f"{headline}: {phrases.format_date(message.day, day)}"
    cells = [cell for row in line.dates for cell in (row.end_of_patch_and_support, row.end_of_availability)]
    upcoming = min((cell.day for cell in cells if cell.day is not None and cell.day >= message.day), default=None)
    if upcoming is None or not isinstance(line.change, RowsArrived):
        return headline
    return f"{headline}; next date {durations.format_date(upcoming)}"
