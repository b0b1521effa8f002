"""What a channel is told now: reminders on their way judged anew at the moment they are sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field
from sqlmodel import Session

from bot import answers
from bot.policy import decisions as deciding
from bot.policy import durations, lifecycle, reminders
from bot.policy import versions as matching
from bot.service.place import Place, get_channel, get_today
from bot.service.reminders import catalogue_events, message_lines
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import catalogue_history, decisions, subscriptions
from storage.facts import (
    Channel,
    DateChange,
    Decision,
    FrameworkVersion,
    MessageKind,
    Milestone,
    OutboxEntry,
    Reminder,
    Schedule,
)

Skipped = tuple[OutboxEntry, str]
"""An entry that is not to be sent, and why."""


class ChannelContext(Struct, frozen=True):
    """All that is known of a channel when a message for it is composed."""

    channel: Channel
    targets: tuple[str, ...]
    decisions: tuple[Decision, ...]
    snapshot: CatalogueSnapshot
    date_changes: Mapping[int, DateChange] = field(default_factory=dict)
    """The changes that notices among the entries are about."""
    event_context: catalogue_events.EventContext = field(default_factory=catalogue_events.EventContext)
    """The events that news among them are about."""


class Composition(Struct, frozen=True):
    """The message for a channel, the entries it carries, and those that are moot by now."""

    message: answers.ReminderMessage | None
    entries: tuple[OutboxEntry, ...]
    skipped: tuple[Skipped, ...]


def load_context(
    session: Session, place: Place, entries: Iterable[OutboxEntry], snapshot: CatalogueSnapshot, default: Schedule
) -> ChannelContext:
    """Reads what is known of the channel."""
    claimed = list(entries)
    watched = subscriptions.list_for_channel(session, place.workspace_id, place.channel_id)
    told = {entry.reminder.rung for entry in claimed if entry.reminder.kind is MessageKind.DATE_CHANGE}
    found = (catalogue_history.find_date_change(session, change_id) for change_id in sorted(told))
    decided = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
    return ChannelContext(
        channel=get_channel(session, place, default),
        targets=tuple(subscription.target for subscription in watched),
        decisions=decided,
        snapshot=snapshot,
        date_changes={change.change_id: change for change in found if change is not None},
        event_context=catalogue_events.load_context(session, claimed, decided),
    )


def compose(entries: Sequence[OutboxEntry], context: ChannelContext, now: datetime) -> Composition:
    """One message from all entries of a channel; true on the channel's local day, whenever they were planned."""
    day = get_today(context.channel, now)
    judged = [(entry, find_skip_reason(entry.reminder, context, day)) for entry in entries]
    moot = [(entry, why) for entry, why in judged if why]
    moot += catalogue_events.find_redundant((entry for entry, why in judged if not why), moot, context.event_context)
    standing, nearer = _keep_most_urgent([entry for entry in entries if entry not in [gone for gone, _ in moot]])
    if not standing:
        return Composition(None, (), (*moot, *nearer))
    counted = [e for e in standing if e.reminder.kind in COUNTDOWN_KINDS]
    told = [
        message_lines.add_decisions(line, context.decisions, context.channel, now)
        for line in message_lines.build_lines(counted, context.channel, context.snapshot, day)
    ]
    weekly = any(entry.reminder.kind is MessageKind.WEEKLY for entry in standing)
    message = answers.ReminderMessage(
        workspace_id=context.channel.workspace_id,
        channel_id=context.channel.channel_id,
        delivery_id=standing[0].delivery_id,
        day=day,
        zone=context.channel.schedule.zone,
        lines=sort_lines(told),
        source=context.snapshot.get_source(now),
        date_changes=tuple(
            message_lines.build_date_change_line(context.date_changes[e.reminder.rung], context.decisions, day)
            for e in standing
            if _is_date_change(e.reminder)
        ),
        events=catalogue_events.build_lines(standing, context.event_context, context.targets, context.snapshot, day),
        weekly=message_lines.build_weekly_summary(
            context.channel, context.targets, context.decisions, context.snapshot, now
        )
        if weekly
        else None,
        mention=get_mention(context.channel, told),
    )
    return Composition(message, tuple(standing), (*moot, *nearer))


def find_skip_reason(reminder: Reminder, context: ChannelContext, day: date) -> str:
    """Why the reminder is not to be sent on a day; empty where it is still true and wanted."""
    if reminder.kind is MessageKind.WEEKLY:
        return _find_summary_skip_reason(reminder, context, day)
    version = context.snapshot.find(reminder.version)
    if version is None or not any(matching.covers(target, version) for target in context.targets):
        return "this channel does not watch it any more"
    untrue = _find_outdated_reason(reminder, version, context, day)
    decision = None if untrue else deciding.find_silencing(context.decisions, reminder, day)
    return message_lines.explain_silence(decision) if decision else untrue


COUNTDOWN_KINDS = (MessageKind.REMINDER, MessageKind.SNOOZED)
"""Kinds that count days before a date."""


def _is_date_change(reminder: Reminder) -> bool:
    return reminder.kind is MessageKind.DATE_CHANGE


def _find_date_change_skip_reason(notice: Reminder, context: ChannelContext) -> str:
    change = context.date_changes.get(notice.rung)
    return "" if change is not None and _is_current(change, context.snapshot) else "the date has moved again since"


def _find_outdated_reason(reminder: Reminder, version: FrameworkVersion, context: ChannelContext, day: date) -> str:
    """Why what it says is not so any more."""
    if _is_date_change(reminder):
        return _find_date_change_skip_reason(reminder, context)
    if catalogue_events.is_event(reminder):
        unwanted = reminder.kind is MessageKind.RELEASE_NOTE and not context.channel.notes
        return (
            "this channel wants no release notes"
            if unwanted
            else catalogue_events.find_skip_reason(reminder, context.event_context, version)
        )
    if not any(_matches(m, reminder.milestone, reminder.milestone_date) for m in lifecycle.list_milestones(version)):
        return "the date has moved since"
    if (day > reminder.milestone_date) != (reminder.rung == reminders.PASSED):
        return "the date has passed" if day > reminder.milestone_date else "the date has not passed yet"
    return ""


def _find_summary_skip_reason(reminder: Reminder, context: ChannelContext, day: date) -> str:
    if not context.channel.weekly:
        return "this channel wants no weekly summaries any more"
    return "" if durations.find_monday(day) == reminder.milestone_date else "its week is over"


def _is_current(change: DateChange, snapshot: CatalogueSnapshot) -> bool:
    """Whether the version's dates are those that the change brought."""
    version = snapshot.find(change.version)
    rows = [row.get_date(change.milestone).day for row in version.families] if version else []
    return change.after in rows


def _matches(milestone: lifecycle.MilestoneDate, kind: Milestone | None, day: date) -> bool:
    return milestone.milestone is kind and milestone.day == day


def _keep_most_urgent(entries: Sequence[OutboxEntry]) -> tuple[list[OutboxEntry], list[Skipped]]:
    """Of several about one date only the nearest rung, or the notice that it moved; news stand for themselves."""
    nearest: dict[tuple[str, Milestone | None, date], OutboxEntry] = {}
    dated = [entry for entry in entries if not catalogue_events.is_event(entry.reminder)]
    for entry in sorted(dated, key=lambda e: (_is_date_change(e.reminder), -e.reminder.rung)):
        reminder = entry.reminder
        nearest[reminder.version, reminder.milestone, reminder.milestone_date] = entry
    chosen = list(nearest.values())
    nearer = [(entry, "a nearer one stands for it") for entry in dated if entry not in chosen]
    outdone = [entry for entry, _ in nearer]
    return [entry for entry in entries if entry not in outdone], nearer


def sort_lines(lines: Iterable[answers.ReminderLine]) -> tuple[answers.ReminderLine, ...]:
    """The most urgent first."""
    return tuple(sorted(lines, key=lambda line: (line.days_left < 0, abs(line.days_left), line.version)))


def get_mention(channel: Channel, lines: Iterable[answers.ReminderLine]) -> str:
    """Whom the channel wants named, where a date is near enough; owners are named in their lines."""
    return channel.mention if any(line.rung <= channel.mention_from for line in lines) else ""
