"""Effects of people's decisions: which reminders they silence, until when, and how they survive a moved date."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot.policy import reminders
from storage.facts import Decision, DecisionKind, MessageKind, Milestone, Reminder

MilestoneKey = tuple[str, Milestone | None, date | None]
"""A version, one of its milestones, and the date of that milestone."""

UNDO_WINDOW = timedelta(minutes=10)
"""Time during which a decision can be undone."""


def can_undo(decision: Decision, now: datetime) -> bool:
    """Return True if the decision is recent enough to be undone."""
    return now - decision.decided_at < UNDO_WINDOW


def get_milestone_key(subject: Decision | Reminder) -> MilestoneKey:
    """Return the version, milestone and date that a decision or a reminder is about."""
    return subject.version, subject.milestone, subject.milestone_date


def find_silencing(decisions: Iterable[Decision], reminder: Reminder, day: date) -> Decision | None:
    """Return the decision that silences a reminder, date change or event on a day, or None.

    An acknowledgement silences reminders before the last call. A snooze silences reminders until its last day. A
    migration silences everything about the version.
    """
    return next((decision for decision in decisions if _silences(decision, reminder, day)), None)


def _silences(decision: Decision, reminder: Reminder, day: date) -> bool:
    is_about_version = (decision.product, decision.version) == (reminder.product, reminder.version)
    if not is_about_version or decision.kind is DecisionKind.OWNED:
        return False
    if decision.kind is DecisionKind.MIGRATED:
        return True
    if reminder.kind in (MessageKind.DATE_CHANGE, MessageKind.EVENT, MessageKind.RELEASE_NOTE):
        return False
    if get_milestone_key(decision) != get_milestone_key(reminder):
        return False
    if decision.kind is DecisionKind.ACKNOWLEDGED:
        return reminder.rung > reminders.LAST_CALL
    ends_snooze = reminder.kind is MessageKind.SNOOZED
    return decision.snoozed_until is not None and day < decision.snoozed_until and not ends_snooze


def compute_latest_snooze(milestone_date: date, is_day_off: reminders.IsDayOff) -> date:
    """Return the last day a snooze can end: the last working day before the milestone date."""
    return reminders.find_sending_day(milestone_date, 1, is_day_off)


def clamp_snooze(until: date, milestone_date: date, is_day_off: reminders.IsDayOff) -> date:
    """Return the requested end of a snooze, or the latest possible one if that is earlier."""
    return min(until, compute_latest_snooze(milestone_date, is_day_off))


def find_next_rung(
    today: date, milestone_date: date, ladder: Iterable[int], is_day_off: reminders.IsDayOff
) -> tuple[int, date] | None:
    """Return the next rung after today and its sending day, or None. "Passed" doesn't count."""
    rungs = reminders.list_rungs(milestone_date, ladder, is_day_off)
    return next(((rung, day) for rung, day in rungs if day > today and rung != reminders.PASSED), None)


def find_acknowledgement_end(
    milestone_date: date, ladder: Iterable[int], is_day_off: reminders.IsDayOff
) -> tuple[int, date] | None:
    """Return the first rung that an acknowledgement doesn't silence and its sending day, or None."""
    rungs = reminders.list_rungs(milestone_date, ladder, is_day_off)
    return next(((rung, day) for rung, day in rungs if rung <= reminders.LAST_CALL), None)


def carry_over(decision: Decision, after: date, today: date, is_day_off: reminders.IsDayOff) -> Decision | None:
    """Return the decision for a date that has moved, or None if the move voids it.

    A move to an earlier date, or of a date that had passed, voids every decision except an owner. The result keeps
    the date the decision was made for, and a snooze ends before the new date.
    """
    before = decision.milestone_date
    original_date = decision.original_date or before
    if decision.kind is DecisionKind.OWNED:
        return replace(decision, milestone_date=after, original_date=original_date)
    if before is None or after <= before or today > before:
        return None
    until = clamp_snooze(decision.snoozed_until, after, is_day_off) if decision.snoozed_until else None
    return replace(decision, milestone_date=after, snoozed_until=until, original_date=original_date)
