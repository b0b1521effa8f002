"""What people's decisions silence, how long they hold, and what a moved date makes of them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot.policy import reminders
from storage.facts import Decided, Decision, Kind, Milestone, Reminder

Dated = tuple[str, Milestone | None, date | None]
"""What a decision is about: a version's milestone, and its date."""

UNDO = timedelta(minutes=10)
"""How long a decision can be taken back."""


def may_undo(decision: Decision, now: datetime) -> bool:
    """Whether it is still time to take the decision back."""
    return now - decision.decided_at < UNDO


def dated(found: Decision | Reminder) -> Dated:
    """The date that a decision or a reminder is about."""
    return found.version, found.milestone, found.milestone_date


def silencing(decisions: Iterable[Decision], reminder: Reminder, day: date) -> Decision | None:
    """The decision in force that keeps a reminder, a notice of a move, or news from being sent; None where none does.

    Acknowledged: silent until the last call, which comes, as do the last day and "passed". Snoozed: silent until
    the day it comes back. Migrated: silent for good.
    """
    return next((decision for decision in decisions if _silences(decision, reminder, day)), None)


def _silences(decision: Decision, reminder: Reminder, day: date) -> bool:
    about_it = (decision.product, decision.version) == (reminder.product, reminder.version)
    if not about_it or decision.decided is Decided.OWNED:
        return False
    if decision.decided is Decided.MIGRATED:
        return True
    if reminder.kind in (Kind.MOVED, Kind.NEWS, Kind.NOTE):
        return False
    if (decision.milestone, decision.milestone_date) != (reminder.milestone, reminder.milestone_date):
        return False
    if decision.decided is Decided.ACKNOWLEDGED:
        return reminder.rung > reminders.LAST_CALL
    is_its_return = reminder.kind is Kind.SNOOZED
    return decision.until is not None and day < decision.until and not is_its_return


def latest_snooze(milestone_date: date, is_day_off: reminders.DayOff) -> date:
    """The last working day before the date: no snooze goes beyond it."""
    return reminders.sending_day(milestone_date, 1, is_day_off)


def clamped(until: date, milestone_date: date, is_day_off: reminders.DayOff) -> date:
    """The day a snooze ends."""
    return min(until, latest_snooze(milestone_date, is_day_off))


def next_rung(
    today: date, milestone_date: date, ladder: Iterable[int], is_day_off: reminders.DayOff
) -> tuple[int, date] | None:
    """The next reminder before the date, and its day; None where none is ahead."""
    ahead = (each for each in reminders.rungs(milestone_date, ladder, is_day_off) if each[1] > today)
    return next(((rung, day) for rung, day in ahead if rung != reminders.PASSED), None)


def quiet_until(milestone_date: date, ladder: Iterable[int], is_day_off: reminders.DayOff) -> tuple[int, date] | None:
    """The reminder that ends the quiet of an acknowledgement, and its day; None where the ladder has none so near."""
    heard = (each for each in reminders.rungs(milestone_date, ladder, is_day_off) if each[0] <= reminders.LAST_CALL)
    return next(heard, None)


def after_move(decision: Decision, after: date, today: date, is_day_off: reminders.DayOff) -> Decision | None:
    """The decision for a date that has moved; None where it is void.

    Void where the date moved earlier, or had passed. A later date keeps it, marked with the date it was given for,
    and a snooze ends in time for the new one. An owner stays, whichever way the date moved.
    """
    before = decision.milestone_date
    if decision.decided is Decided.OWNED:
        return replace(decision, milestone_date=after, given_for=decision.given_for or before)
    if before is None or after <= before or today > before:
        return None
    until = clamped(decision.until, after, is_day_off) if decision.until else None
    return replace(decision, milestone_date=after, until=until, given_for=decision.given_for or before)
