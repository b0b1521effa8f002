"""Dates that hold from now on where others held before: recorded, told, and decided anew, whoever moved them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.policy import changes as moving
from bot.policy import decisions as deciding
from bot.service.decisions.records import plan_snooze_reminder
from bot.service.place import Place, get_channel, get_today
from bot.service.working_days import get_day_off_check
from storage import catalogue_history, decisions, outbox, schedules
from storage.facts import DateChange, DecisionKind, ImageFamily, Schedule


class DateChangeRecorder:
    """Makes of the rows that held and those that hold what channels hear; what was due before is planned before."""

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
        """Records every date that is another one now, and puts it on its way to the channels that watch it.

        Before and after are the rows as they hold, with what is set by hand. The remark says who moved them by hand.
        """
        found = tuple(
            self._record_move(session, move, now, source_url, remark) for move in moving.find_moved_dates(before, after)
        )
        schedules.mark_all_due(session, now)
        return found

    def _record_move(
        self, session: Session, move: moving.DateMoved, now: datetime, source_url: str, remark: str
    ) -> DateChange:
        change = catalogue_history.add_date_change(
            session,
            DateChange(
                change_id=0,
                product=move.product,
                version=move.version,
                milestone=move.milestone,
                before=move.before,
                after=move.after,
                found_at=now,
                source_url=source_url,
                families=move.families,
                remark=remark,
            ),
        )
        if move.is_whole_version:
            outbox.supersede_milestone(session, move.product, move.version, move.milestone, move.before)
            self._carry_over_decisions(session, change, now)
        outbox.announce_date_change(session, change, now)
        return change

    def _carry_over_decisions(self, session: Session, change: DateChange, now: datetime) -> None:
        """What people decided about the old date holds for a later one; otherwise it is void.

        A date that was withdrawn lets them rest: they hold again if it comes back.
        """
        if change.after is None:
            return
        for decision in decisions.list_for_milestone(
            session, change.product, change.version, change.milestone, change.before
        ):
            channel = get_channel(session, Place(decision.workspace_id, decision.channel_id), self._default)
            today = get_today(channel, now)
            kept = deciding.carry_over(decision, change.after, today, get_day_off_check(channel.schedule))
            decisions.end(session, decision, now, f"the date moved to {change.after}")
            if kept is not None:
                decisions.add(session, kept)
                if kept.kind is DecisionKind.SNOOZED:
                    plan_snooze_reminder(session, kept, channel)
