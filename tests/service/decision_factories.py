"""Decisions put straight in force, without a message to press a button of."""

from datetime import date, datetime

from sqlmodel import Session

from bot.policy import decisions as deciding
from bot.service.decisions.records import SNOOZE, decided, put, take_back
from bot.service.place import Place, channel_at, days_off, today_at
from storage.database import Database
from storage.facts import Decided, Decision, Milestone, Schedule


class Decisions:
    """Puts decisions of a channel's people in force."""

    def __init__(self, database: Database, default: Schedule) -> None:
        self._database = database
        self._default = default

    def acknowledge(
        self, version: str, milestone: Milestone, milestone_date: date, place: Place, now: datetime
    ) -> Decision:
        """Silences the date's reminders in the channel until the last call."""
        decision = decided(Decided.ACKNOWLEDGED, version, place, now, milestone, milestone_date)
        self._database.run(lambda session: put(session, decision, channel_at(session, place, self._default)))
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
            decision = decided(Decided.SNOOZED, version, place, now, milestone, milestone_date, until=day)
            put(session, decision, channel)
            return decision

        return self._database.run(work)

    def migrate(self, version: str, place: Place, now: datetime) -> Decision:
        """Silences everything about the version in the channel, for good."""
        decision = decided(Decided.MIGRATED, version, place, now)
        self._database.run(lambda session: put(session, decision, channel_at(session, place, self._default)))
        return decision

    def undo(self, decision: Decision, now: datetime) -> bool:
        """Takes a decision back; False where it was not in force any more."""
        place = Place(decision.workspace_id, decision.channel_id)
        return self._database.run(
            lambda session: take_back(session, decision, channel_at(session, place, self._default), now)
        )
