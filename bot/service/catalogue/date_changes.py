"""Changes of effective dates: recorded, announced, and applied to decisions about the old date."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.policy.changes import DateMoved, find_moved_dates
from bot.policy.decisions import carry_over
from bot.service.decisions.records import plan_snooze_reminder
from bot.service.place import Place, get_channel, get_today
from bot.service.working_days import get_day_off_check
from storage import catalogue_history, decisions, outbox, schedules
from storage.facts import DateChange, DecisionKind, ImageFamily, Schedule


class DateChangeRecorder:
    """Record changes of effective dates. Reminders due by the old dates must be planned before."""

    def __init__(self, default: Schedule) -> None:
        self._default = default

    def record(
        self,
        session: Session,
        before: Sequence[ImageFamily],
        after: Sequence[ImageFamily],
        now: datetime,
        source_url: str,
        remark: str = "",
    ) -> tuple[DateChange, ...]:
        """Record every date that moved, and announce it to subscribed channels.

        The rows before and after have their overrides applied. The remark explains a change made by an override.
        """
        changes = tuple(
            self._record_move(session, move, now, source_url, remark) for move in find_moved_dates(before, after)
        )
        schedules.mark_all_due(session, now)
        return changes

    def _record_move(
        self, session: Session, move: DateMoved, now: datetime, source_url: str, remark: str
    ) -> DateChange:
        key = (move.product, move.version, move.milestone)
        change = DateChange(0, *key, move.before, move.after, now, source_url, move.families, remark)
        change = catalogue_history.add_date_change(session, change)
        if move.is_whole_version:
            outbox.supersede_milestone(session, *key, move.before)
            self._carry_over_decisions(session, change, now)
        outbox.announce_date_change(session, change, now)
        return change

    def _carry_over_decisions(self, session: Session, change: DateChange, now: datetime) -> None:
        """Carry decisions about the old date over to a later one, and end them for an earlier one.

        A withdrawn date leaves them as they are: they apply again if the date comes back.
        """
        if change.after is None:
            return
        for decision in decisions.list_for_milestone(
            session, change.product, change.version, change.milestone, change.before
        ):
            channel = get_channel(session, Place(decision.workspace_id, decision.channel_id), self._default)
            today = get_today(channel, now)
            carried = carry_over(decision, change.after, today, get_day_off_check(channel.schedule))
            decisions.end(session, decision, now, f"the date moved to {change.after}")
            if carried is not None:
                decisions.add(session, carried)
                if carried.kind is DecisionKind.SNOOZED:
                    plan_snooze_reminder(session, carried, channel)
