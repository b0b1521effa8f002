"""What a channel is told now: reminders on their way judged anew at the moment they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import answers
from bot.policy import lifecycle, reminders
from bot.policy import versions as matching
from bot.service import judging
from bot.service.known import Known
from bot.service.place import days_off
from storage.facts import Channel, FrameworkVersion, Milestone, OutboxEntry


@dataclass(frozen=True, slots=True)
class Composed:
    """The message for a channel, the entries it carries, and those that are moot by now."""

    message: answers.ReminderMessage | None
    carried: tuple[OutboxEntry, ...]
    moot: tuple[OutboxEntry, ...]


def compose(
    entries: Sequence[OutboxEntry], channel: Channel, targets: Sequence[str], known: Known, now: datetime
) -> Composed:
    """One message from all entries of a channel; true on the channel's local day, whenever they were planned."""
    day = now.astimezone(ZoneInfo(channel.schedule.zone)).date()
    standing = _most_urgent([e for e in entries if _stands(e, targets, known, day)])
    moot = tuple(e for e in entries if e not in standing)
    if not standing:
        return Composed(None, (), moot)
    lines = _lines(standing, channel, known, day)
    message = answers.ReminderMessage(
        workspace_id=channel.workspace_id,
        channel_id=channel.channel_id,
        delivery_id=standing[0].delivery_id,
        day=day,
        zone=channel.schedule.zone,
        lines=tuple(sorted(lines, key=lambda line: (line.days_left < 0, abs(line.days_left), line.version))),
        source=known.source,
    )
    return Composed(message, tuple(standing), moot)


def _stands(entry: OutboxEntry, targets: Sequence[str], known: Known, day: date) -> bool:
    """Whether the reminder is still true: the date still printed, the version still watched, the day not gone by."""
    reminder = entry.reminder
    version = known.find(reminder.version)
    if version is None or not any(matching.covers(target, version) for target in targets):
        return False
    passed = day > reminder.milestone_date
    if passed != (reminder.rung == reminders.PASSED):
        return False
    return any(_is(m, reminder.milestone, reminder.milestone_date) for m in lifecycle.milestones(version))


def _is(milestone: lifecycle.MilestoneDate, kind: Milestone, day: date) -> bool:
    return milestone.milestone is kind and milestone.day == day


def _most_urgent(entries: Sequence[OutboxEntry]) -> list[OutboxEntry]:
    """Of several rungs of one milestone only the nearest."""
    nearest: dict[tuple[str, Milestone, date], OutboxEntry] = {}
    for entry in sorted(entries, key=lambda e: e.reminder.rung, reverse=True):
        reminder = entry.reminder
        nearest[reminder.version, reminder.milestone, reminder.milestone_date] = entry
    return [entry for entry in entries if entry in nearest.values()]


def _lines(entries: Sequence[OutboxEntry], channel: Channel, known: Known, day: date) -> list[answers.ReminderLine]:
    """A line for each version and date; both milestones on one date make one line."""
    together: dict[tuple[str, date], list[OutboxEntry]] = {}
    for entry in entries:
        together.setdefault((entry.reminder.version, entry.reminder.milestone_date), []).append(entry)
    lines = []
    for (name, _), same_day in together.items():
        version = known.find(name)
        if version is not None:
            lines.append(_line(same_day, version, channel, known, day))
    return lines


def _line(
    entries: Sequence[OutboxEntry], version: FrameworkVersion, channel: Channel, known: Known, day: date
) -> answers.ReminderLine:
    reminder = entries[0].reminder
    kinds = sorted({e.reminder.milestone for e in entries}, key=list(Milestone).index)
    rung = min(e.reminder.rung for e in entries)
    is_day_off = days_off(channel.schedule)
    meant_for = reminders.sending_day(reminder.milestone_date, rung, is_day_off)
    last_working = reminders.sending_day(reminder.milestone_date, reminders.LAST_DAY, is_day_off)
    return answers.ReminderLine(
        version=version.name,
        title=matching.title(version.name),
        milestone=kinds[0],
        also=kinds[1] if len(kinds) > 1 else None,
        milestone_date=reminder.milestone_date,
        rung=rung,
        days_left=lifecycle.days_left(day, reminder.milestone_date),
        last_working_day=last_working if last_working != reminder.milestone_date else None,
        next_availability=_availability_ahead(version, kinds[0], reminder.milestone_date),
        families=_families(version, kinds[0], reminder.milestone_date),
        advice=judging.advice(day, version, known),
        due_on=meant_for,
        late=day > meant_for,
    )


def _availability_ahead(version: FrameworkVersion, milestone: Milestone, day: date) -> date | None:
    """Until when the images whose support ends can still be used by name, the earliest where rows differ."""
    if milestone is Milestone.END_OF_AVAILABILITY:
        return None
    rows = [row for row in version.families if row.end_of_patch_and_support.day == day]
    days = [row.end_of_availability.day for row in rows if row.end_of_availability.day is not None]
    return min(days, default=None)


def _families(version: FrameworkVersion, milestone: Milestone, day: date) -> tuple[str, ...]:
    found = next((m for m in lifecycle.milestones(version) if _is(m, milestone, day)), None)
    return tuple(row.family for row in found.families) if found else ()
