"""What a channel is told now: reminders on their way judged anew at the moment they are sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field
from sqlmodel import Session

from bot import answers
from bot.policy import decisions as deciding
from bot.policy import durations, lifecycle, reminders
from bot.policy import versions as matching
from bot.service.place import Place, channel_at, today_at
from bot.service.reminders import catalogue_events, message_lines
from bot.service.versions.snapshot import Known
from storage import changes, decisions, subscriptions
from storage.facts import (
    Channel,
    DateChange,
    Decision,
    FrameworkVersion,
    Kind,
    Milestone,
    OutboxEntry,
    Reminder,
    Schedule,
)

Moot = tuple[OutboxEntry, str]
"""An entry that is not to be sent, and why."""


class Desk(Struct, frozen=True):
    """All that is known of a channel when a message for it is composed."""

    channel: Channel
    targets: tuple[str, ...]
    decisions: tuple[Decision, ...]
    known: Known
    moved: Mapping[int, DateChange] = field(default_factory=dict)
    """The changes that notices among the entries are about."""
    told: catalogue_events.Told = field(default_factory=catalogue_events.Told)
    """The events that news among them are about."""


class Composed(Struct, frozen=True):
    """The message for a channel, the entries it carries, and those that are moot by now."""

    message: answers.ReminderMessage | None
    carried: tuple[OutboxEntry, ...]
    moot: tuple[Moot, ...]


def desk(session: Session, place: Place, entries: Iterable[OutboxEntry], known: Known, default: Schedule) -> Desk:
    """Reads what is known of the channel."""
    claimed = list(entries)
    watched = subscriptions.of_channel(session, place.workspace_id, place.channel_id)
    told = {entry.reminder.rung for entry in claimed if entry.reminder.kind is Kind.MOVED}
    found = (changes.find(session, change_id) for change_id in sorted(told))
    decided = decisions.of_channel(session, place.workspace_id, place.channel_id)
    return Desk(
        channel=channel_at(session, place, default),
        targets=tuple(subscription.target for subscription in watched),
        decisions=decided,
        known=known,
        moved={change.change_id: change for change in found if change is not None},
        told=catalogue_events.read(session, claimed, decided),
    )


def compose(entries: Sequence[OutboxEntry], at: Desk, now: datetime) -> Composed:
    """One message from all entries of a channel; true on the channel's local day, whenever they were planned."""
    day = today_at(at.channel, now)
    judged = [(entry, why_not(entry.reminder, at, day)) for entry in entries]
    moot = [(entry, why) for entry, why in judged if why]
    moot += catalogue_events.needless((entry for entry, why in judged if not why), moot, at.told)
    standing, nearer = _most_urgent([entry for entry in entries if entry not in [gone for gone, _ in moot]])
    if not standing:
        return Composed(None, (), (*moot, *nearer))
    counted = [e for e in standing if e.reminder.kind in COUNTED]
    told = [
        message_lines.decided(line, at.decisions, at.channel, now)
        for line in message_lines.of_entries(counted, at.channel, at.known, day)
    ]
    weekly = any(entry.reminder.kind is Kind.WEEKLY for entry in standing)
    message = answers.ReminderMessage(
        workspace_id=at.channel.workspace_id,
        channel_id=at.channel.channel_id,
        delivery_id=standing[0].delivery_id,
        day=day,
        zone=at.channel.schedule.zone,
        lines=in_order(told),
        source=at.known.source_at(now),
        moved=tuple(
            message_lines.moved(at.moved[e.reminder.rung], at.decisions, day)
            for e in standing
            if _is_notice(e.reminder)
        ),
        news=catalogue_events.lines(standing, at.told, at.targets, at.known, day),
        weekly=message_lines.weekly(at.channel, at.targets, at.decisions, at.known, now) if weekly else None,
        mention=mention(at.channel, told),
    )
    return Composed(message, tuple(standing), (*moot, *nearer))


def why_not(reminder: Reminder, at: Desk, day: date) -> str:
    """Why the reminder is not to be sent on a day; empty where it is still true and wanted."""
    if reminder.kind is Kind.WEEKLY:
        return _why_no_summary(reminder, at, day)
    version = at.known.find(reminder.version)
    if version is None or not any(matching.covers(target, version) for target in at.targets):
        return "this channel does not watch it any more"
    untrue = _untrue(reminder, version, at, day)
    decision = None if untrue else deciding.silencing(at.decisions, reminder, day)
    return message_lines.because_of(decision) if decision else untrue


COUNTED = (Kind.REMINDER, Kind.SNOOZED)
"""Kinds that count days before a date."""


def _is_notice(reminder: Reminder) -> bool:
    return reminder.kind is Kind.MOVED


def _outdated(notice: Reminder, at: Desk) -> str:
    change = at.moved.get(notice.rung)
    return "" if change is not None and _still_so(change, at.known) else "the date has moved again since"


def _untrue(reminder: Reminder, version: FrameworkVersion, at: Desk, day: date) -> str:
    """Why what it says is not so any more."""
    if _is_notice(reminder):
        return _outdated(reminder, at)
    if catalogue_events.is_news(reminder):
        unwanted = reminder.kind is Kind.NOTE and not at.channel.notes
        return (
            "this channel wants no release notes" if unwanted else catalogue_events.why_not(reminder, at.told, version)
        )
    if not any(_is(m, reminder.milestone, reminder.milestone_date) for m in lifecycle.milestones(version)):
        return "the date has moved since"
    if (day > reminder.milestone_date) != (reminder.rung == reminders.PASSED):
        return "the date has passed" if day > reminder.milestone_date else "the date has not passed yet"
    return ""


def _why_no_summary(reminder: Reminder, at: Desk, day: date) -> str:
    if not at.channel.weekly:
        return "this channel wants no weekly summaries any more"
    return "" if durations.monday_of(day) == reminder.milestone_date else "its week is over"


def _still_so(change: DateChange, known: Known) -> bool:
    """Whether the version's dates are those that the change brought."""
    version = known.find(change.version)
    rows = [row.date_of(change.milestone).day for row in version.families] if version else []
    return change.after in rows


def _is(milestone: lifecycle.MilestoneDate, kind: Milestone | None, day: date) -> bool:
    return milestone.milestone is kind and milestone.day == day


def _most_urgent(entries: Sequence[OutboxEntry]) -> tuple[list[OutboxEntry], list[Moot]]:
    """Of several about one date only the nearest rung, or the notice that it moved; news stand for themselves."""
    nearest: dict[tuple[str, Milestone | None, date], OutboxEntry] = {}
    dated = [entry for entry in entries if not catalogue_events.is_news(entry.reminder)]
    for entry in sorted(dated, key=lambda e: (_is_notice(e.reminder), -e.reminder.rung)):
        reminder = entry.reminder
        nearest[reminder.version, reminder.milestone, reminder.milestone_date] = entry
    chosen = list(nearest.values())
    nearer = [(entry, "a nearer one stands for it") for entry in dated if entry not in chosen]
    outdone = [entry for entry, _ in nearer]
    return [entry for entry in entries if entry not in outdone], nearer


def in_order(told: Iterable[answers.ReminderLine]) -> tuple[answers.ReminderLine, ...]:
    """The most urgent first."""
    return tuple(sorted(told, key=lambda line: (line.days_left < 0, abs(line.days_left), line.version)))


def mention(channel: Channel, told: Iterable[answers.ReminderLine]) -> str:
    """Whom the channel wants named, where a date is near enough; owners are named in their lines."""
    return channel.mention if any(line.rung <= channel.mention_from for line in told) else ""
