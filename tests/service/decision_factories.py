"""Decisions put straight in force, without a message to press a button of."""

from datetime import date, datetime

from sqlmodel import Session

from bot.policy import decisions as deciding
from bot.service.decisions.records import DEFAULT_SNOOZE, make_decision, save, undo
from bot.service.place import Place, get_channel, get_today
from bot.service.working_days import get_day_off_check
from storage.database import Database
from storage.facts import Decision, DecisionKind, Milestone, Schedule


class DecisionFactory:
    """Puts decisions of a channel's people in force."""

    def __init__(self, database: Database, default: Schedule) -> None:
        self._database = database
        self._default = default

    def acknowledge(
        self, version: str, milestone: Milestone, milestone_date: date, place: Place, now: datetime
    ) -> Decision:
        """Silences the date's reminders in the channel until the last call."""
        decision = make_decision(DecisionKind.ACKNOWLEDGED, version, place, now, milestone, milestone_date)
        self._database.run(lambda session: save(session, decision, get_channel(session, place, self._default)))
        return decision

    def snooze(
        self,
        version: str,
        milestone: Milestone,
        milestone_date: date,
        place: Place,
        now: datetime,
        snoozed_until: date | None,
    ) -> Decision:
        """Silences them until a day, a week from now by default; that day one comes back.

        Never beyond the last working day before the date: the decision says until when it really holds.
        """

        def work(session: Session) -> Decision:
            channel = get_channel(session, place, self._default)
            wanted = snoozed_until or get_today(channel, now) + DEFAULT_SNOOZE
            day = deciding.clamp_snooze(wanted, milestone_date, get_day_off_check(channel.schedule))
            decision = make_decision(
                DecisionKind.SNOOZED, version, place, now, milestone, milestone_date, snoozed_until=day
            )
            save(session, decision, channel)
            return decision

        return self._database.run(work)

    def migrate(self, version: str, place: Place, now: datetime) -> Decision:
        """Silences everything about the version in the channel, for good."""
        decision = make_decision(DecisionKind.MIGRATED, version, place, now)
        self._database.run(lambda session: save(session, decision, get_channel(session, place, self._default)))
        return decision

    def undo(self, decision: Decision, now: datetime) -> bool:
        """Takes a decision back; False where it was not in force any more."""
        place = Place(decision.workspace_id, decision.channel_id)
        return self._database.run(
            lambda session: undo(session, decision, get_channel(session, place, self._default), now)
        )
