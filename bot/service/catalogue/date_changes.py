"""Dates that hold from now on where others held before: recorded, told, and decided anew, whoever moved them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.policy import changes as moving
from bot.policy import decisions as deciding
from bot.service.decisions.records import snooze_row
from bot.service.place import Place, channel_at, days_off, today_at
from storage import changes, decisions, outbox, schedules
from storage.facts import DateChange, Decided, ImageFamily, Schedule


class Moves:
    """Makes of the rows that held and those that hold what channels hear; what was due before is planned before."""

    def __init__(self, default: Schedule) -> None:
        self._default = default

    def tell(
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
        found = tuple(self._moved(session, move, now, source_url, remark) for move in moving.moves(before, after))
        schedules.touch_all(session, now)
        return found

    def _moved(self, session: Session, move: moving.Move, now: datetime, source_url: str, remark: str) -> DateChange:
        change = changes.add(
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
        if move.everywhere:
            outbox.void(session, move.product, move.version, move.milestone, move.before)
            self._move_decisions(session, change, now)
        outbox.announce_move(session, change, now)
        return change

    def _move_decisions(self, session: Session, change: DateChange, now: datetime) -> None:
        """What people decided about the old date holds for a later one; otherwise it is void.

        A date that was withdrawn lets them rest: they hold again if it comes back.
        """
        if change.after is None:
            return
        for decision in decisions.about(session, change.product, change.version, change.milestone, change.before):
            channel = channel_at(session, Place(decision.workspace_id, decision.channel_id), self._default)
            today = today_at(channel, now)
            kept = deciding.after_move(decision, change.after, today, days_off(channel.schedule))
            decisions.end(session, decision, now, f"the date moved to {change.after}")
            if kept is not None:
                decisions.add(session, kept)
                if kept.decided is Decided.SNOOZED:
                    snooze_row(session, kept, channel)
