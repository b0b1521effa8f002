"""Composition of a channel's message: its due entries are checked at the moment they are sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field
from sqlmodel import Session

from bot import answers
from bot.policy import durations, lifecycle, reminders
from bot.policy.decisions import MilestoneKey, find_silencing, get_milestone_key
from bot.policy.versions import covers
from bot.service.place import Place, get_channel, get_today
from bot.service.reminders import catalogue_events, message_lines
from bot.service.reminders.catalogue_events import EventContext, Skipped
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import catalogue_history, decisions, subscriptions
from storage.facts import Channel, DateChange, Decision, FrameworkVersion, MessageKind, OutboxEntry, Reminder, Schedule

COUNTDOWN_KINDS = (MessageKind.REMINDER, MessageKind.SNOOZED)
"""Kinds that count the days to a date."""


class ChannelContext(Struct, frozen=True):
    """The data of a channel that a message is composed from."""

    channel: Channel
    targets: tuple[str, ...]
    decisions: tuple[Decision, ...]
    snapshot: CatalogueSnapshot
    date_changes: Mapping[int, DateChange] = field(default_factory=dict)
    """The date changes that entries announce, by id."""
    event_context: EventContext = field(default_factory=EventContext)
    """The catalogue events that entries announce."""


class Composition(Struct, frozen=True):
    """The message for a channel, if any, its entries, and the entries it leaves out."""

    message: answers.ReminderMessage | None
    entries: tuple[OutboxEntry, ...]
    skipped: tuple[Skipped, ...]


def load_context(
    session: Session, place: Place, entries: Sequence[OutboxEntry], snapshot: CatalogueSnapshot, default: Schedule
) -> ChannelContext:
    """Load the data of a channel that its entries need."""
    channel_decisions = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
    return ChannelContext(
        channel=get_channel(session, place, default),
        targets=subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id),
        decisions=channel_decisions,
        snapshot=snapshot,
        date_changes=load_date_changes(session, entries),
        event_context=catalogue_events.load_context(session, entries, channel_decisions),
    )


def load_date_changes(session: Session, entries: Iterable[OutboxEntry]) -> dict[int, DateChange]:
    """Load the date changes that entries announce, by id."""
    change_ids = {entry.reminder.subject_id for entry in entries if _is_date_change(entry.reminder)}
    changes = (catalogue_history.find_date_change(session, change_id) for change_id in sorted(change_ids))
    return {change.change_id: change for change in changes if change is not None}


def compose(entries: Sequence[OutboxEntry], context: ChannelContext, now: datetime) -> Composition:
    """Compose one message from all entries of a channel, as of its local date."""
    day = get_today(context.channel, now)
    reasons = [(entry, _find_skip_reason(entry.reminder, context, day)) for entry in entries]
    skipped = [(entry, reason) for entry, reason in reasons if reason]
    valid = [entry for entry, reason in reasons if not reason]
    skipped += catalogue_events.find_redundant(valid, skipped, context.event_context)
    skipped_entries = [entry for entry, _ in skipped]
    current, superseded = _keep_most_urgent([entry for entry in entries if entry not in skipped_entries])
    skipped += superseded
    if not current:
        return Composition(None, (), tuple(skipped))
    countdowns = [entry for entry in current if entry.reminder.kind in COUNTDOWN_KINDS]
    message = build_message(
        current,
        context,
        message_lines.build_lines(countdowns, context.channel, context.snapshot, day),
        day=day,
        now=now,
        weekly_at=now,
        delivery_id=current[0].delivery_id,
        source=context.snapshot.with_freshness(now).source,
    )
    return Composition(message, tuple(current), tuple(skipped))


def build_message(
    entries: Sequence[OutboxEntry],
    context: ChannelContext,
    lines: Iterable[answers.ReminderLine],
    *,
    day: date,
    now: datetime,
    weekly_at: datetime,
    delivery_id: str,
    source: answers.Source,
) -> answers.ReminderMessage:
    """Build the message of the entries, with decisions as of `now` and the weekly summary as of `weekly_at`."""
    channel = context.channel
    decided_lines = [message_lines.add_decisions(line, context.decisions, channel, now) for line in lines]
    decided_lines.sort(key=lambda line: (line.days_left < 0, abs(line.days_left), line.version))  # passed dates last
    date_changes = [
        context.date_changes[entry.reminder.subject_id]
        for entry in entries
        if _is_date_change(entry.reminder) and entry.reminder.subject_id in context.date_changes
    ]
    weekly = None
    if any(entry.reminder.kind is MessageKind.WEEKLY for entry in entries):
        weekly = message_lines.build_weekly_summary(
            channel, context.targets, context.decisions, context.snapshot, weekly_at
        )
    return answers.ReminderMessage(
        workspace_id=channel.workspace_id,
        channel_id=channel.channel_id,
        delivery_id=delivery_id,
        day=day,
        zone=channel.schedule.zone,
        lines=tuple(decided_lines),
        source=source,
        date_changes=tuple(message_lines.build_date_change_line(change, context.decisions) for change in date_changes),
        events=catalogue_events.build_lines(entries, context.event_context, context.targets, context.snapshot, day),
        weekly=weekly,
        mention=channel.mention if any(line.rung <= channel.mention_from for line in decided_lines) else "",
    )


def _find_skip_reason(reminder: Reminder, context: ChannelContext, day: date) -> str:
    """Return why the reminder is not sent on a day; empty if it still holds and is wanted."""
    if reminder.kind is MessageKind.WEEKLY and not context.channel.weekly:
        return "weekly summaries are turned off in this channel"
    if reminder.kind is MessageKind.WEEKLY:
        return "" if durations.find_monday(day) == reminder.milestone_date else "its week is over"
    version = context.snapshot.find(reminder.version)
    if version is None or not any(covers(target, version) for target in context.targets):
        return "this channel is no longer subscribed"
    if reason := _find_outdated_reason(reminder, version, context, day):
        return reason
    decision = find_silencing(context.decisions, reminder, day)
    return message_lines.explain_silence(decision) if decision else ""


def _find_outdated_reason(reminder: Reminder, version: FrameworkVersion, context: ChannelContext, day: date) -> str:
    """Return why the reminder's content no longer holds; empty if it does."""
    if _is_date_change(reminder):
        change = context.date_changes.get(reminder.subject_id)
        is_current = change is not None and change.after in message_lines.list_days(version, change.milestone)
        return "" if is_current else "the date has changed again"
    if reminder.kind is MessageKind.RELEASE_NOTE and not context.channel.notes:
        return "release notes are turned off in this channel"
    if catalogue_events.is_event(reminder):
        return catalogue_events.find_skip_reason(reminder, context.event_context, version)
    dates = {(milestone.milestone, milestone.day) for milestone in lifecycle.list_milestones(version)}
    if (reminder.milestone, reminder.milestone_date) not in dates:
        return "the date has changed since"
    if (day > reminder.milestone_date) != (reminder.rung == reminders.PASSED):
        return "the date has passed" if day > reminder.milestone_date else "the date has not passed yet"
    return ""


def _is_date_change(reminder: Reminder) -> bool:
    return reminder.kind is MessageKind.DATE_CHANGE


def _keep_most_urgent(entries: Sequence[OutboxEntry]) -> tuple[list[OutboxEntry], list[Skipped]]:
    """Return the entries to send, and the superseded ones.

    Of several entries about one date, the date change is sent, otherwise the reminder with the fewest days left. Events
    are always sent.
    """
    most_urgent: dict[MilestoneKey, OutboxEntry] = {}
    dated = [entry for entry in entries if not catalogue_events.is_event(entry.reminder)]
    for entry in sorted(dated, key=_get_urgency):
        most_urgent[get_milestone_key(entry.reminder)] = entry
    kept = list(most_urgent.values())
    superseded = [entry for entry in dated if entry not in kept]
    return (
        [entry for entry in entries if entry not in superseded],
        [(entry, "replaced by a more urgent message") for entry in superseded],
    )


def _get_urgency(entry: OutboxEntry) -> tuple[bool, int]:
    """Return a sort key: the earliest of several date changes is the most urgent, then the lowest rung."""
    is_date_change = _is_date_change(entry.reminder)
    return is_date_change, -(entry.reminder.subject_id if is_date_change else entry.reminder.rung)
