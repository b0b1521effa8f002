"""What people decide about a date: acknowledged, snoozed, migrated; and taken back."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.policy import decisions as deciding
from bot.policy import reminders
from bot.service.place import Place, channel_at, days_off, today_at
from storage import decisions, outbox
from storage.database import Database
from storage.facts import DLVM, Channel, Decided, Decision, Kind, Milestone, Reminder, Schedule

SNOOZE = timedelta(days=7)
"""How long a snooze is where nothing else is said."""


class Decisions:
    """Puts decisions of a channel's people in force."""

    def __init__(self, database: Database, default: Schedule) -> None:
        self._database = database
        self._default = default

    def acknowledge(
        self, version: str, milestone: Milestone, milestone_date: date, place: Place, now: datetime
    ) -> Decision:
        """Silences the date's reminders in the channel until the last call."""
        decision = _about(Decided.ACKNOWLEDGED, version, place, now, milestone, milestone_date)
        self._database.run(lambda session: decisions.add(session, decision))
        return decision

    def snooze(
        self, version: str, milestone: Milestone, milestone_date: date, place: Place, now: datetime, until: date | None
    ) -> Decision:
        """Silences them until a day, a week from now by default; that day one comes back.

        Never beyond the last working day before the date: the decision says until when it really holds.
        """

        def work(session: Session) -> Decision:
            channel = channel_at(session, place, self._default)
            wanted = until or today_at(channel, now) + SNOOZE
            day = deciding.clamped(wanted, milestone_date, days_off(channel.schedule))
            decision = _about(Decided.SNOOZED, version, place, now, milestone, milestone_date, day)
            decisions.add(session, decision)
            snooze_row(session, decision, channel)
            return decision

        return self._database.run(work)

    def migrate(self, version: str, place: Place, now: datetime) -> Decision:
        """Silences everything about the version in the channel, for good."""
        decision = _about(Decided.MIGRATED, version, place, now)
        self._database.run(lambda session: decisions.add(session, decision))
        return decision

    def undo(self, decision: Decision, now: datetime) -> bool:
        """Takes a decision back; False where it was not in force any more."""
        return self._database.run(lambda session: decisions.end(session, decision, now, "taken back"))


def snooze_row(session: Session, decision: Decision, channel: Channel) -> None:
    """Writes the reminder that a snooze ends with, for the channel's hour of that day."""
    if decision.until is None or decision.milestone_date is None:
        raise ValueError("a snooze without an end, or without a date")
    rung = (decision.milestone_date - decision.until).days
    reminder = Reminder(
        decision.workspace_id,
        decision.channel_id,
        decision.product,
        decision.version,
        decision.milestone,
        decision.milestone_date,
        rung,
        Kind.SNOOZED,
    )
    outbox.put(session, reminder, reminders.due_instant(decision.until, channel.schedule.hour, channel.schedule.zone))


def _about(
    decided: Decided,
    version: str,
    place: Place,
    now: datetime,
    milestone: Milestone | None = None,
    milestone_date: date | None = None,
    until: date | None = None,
) -> Decision:
    return Decision(
        workspace_id=place.workspace_id,
        channel_id=place.channel_id,
        product=DLVM,
        version=version,
        decided=decided,
        decided_by=place.user_id,
        decided_at=now,
        milestone=milestone,
        milestone_date=milestone_date,
        until=until,
    )
