"""Decisions stored directly, without a message whose button could be pressed."""

from datetime import date, datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot.policy.decisions import clamp_snooze
from bot.service.decisions.records import DEFAULT_SNOOZE, make_decision, save, undo
from bot.service.place import Place, get_channel, get_today
from bot.service.working_days import get_day_off_check
from storage.database import Database
from storage.facts import Decision, DecisionKind, Milestone, Schedule


class DecisionFactory:
    """Stores decisions of channels."""

    def __init__(self, database: Database, default: Schedule) -> None:
        self._database = database
        self._default = default

    def acknowledge(
        self, version: str, milestone: Milestone, milestone_date: date, place: Place, now: datetime
    ) -> Decision:
        """Silence the date's reminders in the channel until the last call."""
        decision = make_decision(DecisionKind.ACKNOWLEDGED, version, place, now, milestone, milestone_date)
        return self._save(decision, place)

    def snooze(
        self,
        version: str,
        milestone: Milestone,
        milestone_date: date,
        place: Place,
        now: datetime,
        snoozed_until: date | None,
    ) -> Decision:
        """Silence the date's reminders until a day, by default for a week; at most until the last working day before.

        Return the decision with its actual last day.
        """

        def work(session: Session) -> Decision:
            channel = get_channel(session, place, self._default)
            until = snoozed_until or get_today(channel, now) + DEFAULT_SNOOZE
            day = clamp_snooze(until, milestone_date, get_day_off_check(channel.schedule))
            decision = make_decision(DecisionKind.SNOOZED, version, place, now, milestone, milestone_date)
            decision = replace(decision, snoozed_until=day)
            save(session, decision, channel)
            return decision

        return self._database.run(work)

    def migrate(self, version: str, place: Place, now: datetime) -> Decision:
        """Silence the version in the channel for good."""
        return self._save(make_decision(DecisionKind.MIGRATED, version, place, now), place)

    def undo(self, decision: Decision, now: datetime) -> bool:
        """Undo a decision. Return False if it is no longer in force."""
        place = Place(decision.workspace_id, decision.channel_id)
        return self._database.run(
            lambda session: undo(session, decision, get_channel(session, place, self._default), now)
        )

    def _save(self, decision: Decision, place: Place) -> Decision:
        self._database.run(lambda session: save(session, decision, get_channel(session, place, self._default)))
        return decision
