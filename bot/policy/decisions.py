"""What people's decisions silence, how long they hold, and what a moved date makes of them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot.policy import reminders
from storage.facts import Decision, DecisionKind, MessageKind, Milestone, Reminder

MilestoneKey = tuple[str, Milestone | None, date | None]
"""What a decision is about: a version's milestone, and its date."""

UNDO_WINDOW = timedelta(minutes=10)
"""How long a decision can be taken back."""


def can_undo(decision: Decision, now: datetime) -> bool:
    """Whether it is still time to take the decision back."""
    return now - decision.decided_at < UNDO_WINDOW


def get_milestone_key(subject: Decision | Reminder) -> MilestoneKey:
    """The date that a decision or a reminder is about."""
    return subject.version, subject.milestone, subject.milestone_date


def find_silencing(decisions: Iterable[Decision], reminder: Reminder, day: date) -> Decision | None:
    """The decision in force that keeps a reminder, a notice of a move, or news from being sent; None where none does.

    Acknowledged: silent until the last call, which comes, as do the last day and "passed". Snoozed: silent until
    the day it comes back. Migrated: silent for good.
    """
    return next((decision for decision in decisions if _silences(decision, reminder, day)), None)


def _silences(decision: Decision, reminder: Reminder, day: date) -> bool:
    about_it = (decision.product, decision.version) == (reminder.product, reminder.version)
    if not about_it or decision.kind is DecisionKind.OWNED:
        return False
    if decision.kind is DecisionKind.MIGRATED:
        return True
    if reminder.kind in (MessageKind.DATE_CHANGE, MessageKind.EVENT, MessageKind.RELEASE_NOTE):
        return False
    if (decision.milestone, decision.milestone_date) != (reminder.milestone, reminder.milestone_date):
        return False
    if decision.kind is DecisionKind.ACKNOWLEDGED:
        return reminder.rung > reminders.LAST_CALL
    is_its_return = reminder.kind is MessageKind.SNOOZED
    return decision.snoozed_until is not None and day < decision.snoozed_until and not is_its_return


def compute_latest_snooze(milestone_date: date, is_day_off: reminders.IsDayOff) -> date:
    """The last working day before the date: no snooze goes beyond it."""
    return reminders.find_sending_day(milestone_date, 1, is_day_off)


def clamp_snooze(until: date, milestone_date: date, is_day_off: reminders.IsDayOff) -> date:
    """The day a snooze ends."""
    return min(until, compute_latest_snooze(milestone_date, is_day_off))


def find_next_rung(
    today: date, milestone_date: date, ladder: Iterable[int], is_day_off: reminders.IsDayOff
) -> tuple[int, date] | None:
    """The next reminder before the date, and its day; None where none is ahead."""
    ahead = (each for each in reminders.list_rungs(milestone_date, ladder, is_day_off) if each[1] > today)
    return next(((rung, day) for rung, day in ahead if rung != reminders.PASSED), None)


def find_acknowledgement_end(
    milestone_date: date, ladder: Iterable[int], is_day_off: reminders.IsDayOff
) -> tuple[int, date] | None:
    """The reminder that ends the quiet of an acknowledgement, and its day; None where the ladder has none so near."""
    heard = (
        each for each in reminders.list_rungs(milestone_date, ladder, is_day_off) if each[0] <= reminders.LAST_CALL
    )
    return next(heard, None)


def carry_over(decision: Decision, after: date, today: date, is_day_off: reminders.IsDayOff) -> Decision | None:
    """The decision for a date that has moved; None where it is void.

    Void where the date moved earlier, or had passed. A later date keeps it, marked with the date it was given for,
    and a snooze ends in time for the new one. An owner stays, whichever way the date moved.
    """
    before = decision.milestone_date
    if decision.kind is DecisionKind.OWNED:
        return replace(decision, milestone_date=after, original_date=decision.original_date or before)
    if before is None or after <= before or today > before:
        return None
    until = clamp_snooze(decision.snoozed_until, after, is_day_off) if decision.snoozed_until else None
    return replace(decision, milestone_date=after, snoozed_until=until, original_date=decision.original_date or before)
