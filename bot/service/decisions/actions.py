"""What somebody decides on a reminder: checked, put in force, answered truthfully, the message drawn anew."""

from collections.abc import Callable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import PressOutcome, PressResult
from bot.policy import decisions as policy
from bot.policy import lifecycle
from bot.policy import versions as matching
from bot.service.decisions import records as writing
from bot.service.place import Place, get_channel, get_today
from bot.service.reminders import message_lines, redraw
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from bot.service.working_days import get_day_off_check
from storage import audit_log, decisions, subscriptions
from storage.database import Database
from storage.facts import (
    DLVM,
    AuditEntry,
    Channel,
    Decision,
    DecisionKind,
    FrameworkVersion,
    Milestone,
    Schedule,
    Subscription,
)


class ButtonPress(Struct, frozen=True):
    """A press on a reminder: about which date, on which message, where and by whom."""

    version: str
    milestone: Milestone
    milestone_date: date
    message_ts: str
    place: Place


class _PressContext(Struct, frozen=True):
    """What a press is judged by."""

    channel: Channel
    snapshot: CatalogueSnapshot
    decisions: tuple[Decision, ...]
    milestones: tuple[Milestone, ...]
    """Those of the version that fall on the date: what is decided holds for each."""


_Work = Callable[[Session, _PressContext], PressResult]


class DecisionActions:
    """Decisions of people about what their channel was reminded of."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def acknowledge(self, press: ButtonPress, now: datetime) -> PressResult:
        """Quiet until the last call."""
        return self._execute(press, now, lambda session, desk: self._decide(session, desk, press, now, _keep_unchanged))

    def snooze(self, press: ButtonPress, now: datetime, *, until_next: bool) -> PressResult:
        """Quiet for a week, or until the next reminder; never beyond the last working day before the date."""

        def work(session: Session, desk: _PressContext) -> PressResult:
            until = _compute_snooze_end(desk.channel, press.milestone_date, now, until_next=until_next)
            if until <= get_today(desk.channel, now):
                return build_result(PressOutcome.TOO_LATE, press)
            return self._decide(
                session, desk, press, now, lambda each: replace(each, kind=DecisionKind.SNOOZED, snoozed_until=until)
            )

        return self._execute(press, now, work)

    def migrate(self, press: ButtonPress, to: str, now: datetime, *, subscribe: bool) -> PressResult:
        """Closes the version for the channel, and has it watch where it went; `to` is empty where nobody says."""

        def work(session: Session, desk: _PressContext) -> PressResult:
            if to and (to == press.version or desk.snapshot.find(to) is None):
                return replace(build_result(PressOutcome.UNKNOWN, press), version=to, title=to)
            decision = writing.make_decision(DecisionKind.MIGRATED, press.version, press.place, now, migrated_to=to)
            done = self._save(session, desk, press, (decision,), now)
            subscribed = bool(subscribe and to) and _subscribe(session, press.place, to, now)
            return replace(done, is_subscribed=subscribed)

        return self._execute(press, now, work)

    def assign_owner(self, press: ButtonPress, owner: str, now: datetime) -> PressResult:
        """Somebody is named in the channel's reminders of the date from now on."""
        return self._execute(
            press,
            now,
            lambda session, desk: self._decide(
                session, desk, press, now, lambda each: replace(each, kind=DecisionKind.OWNED, owner=owner)
            ),
        )

    def undo(self, press: ButtonPress, kind: DecisionKind, now: datetime) -> PressResult:
        """Takes back what was decided in the last ten minutes; what it had replaced is in force again."""

        def work(session: Session, desk: _PressContext) -> PressResult:
            mine = [d for d in desk.decisions if d.kind is kind and _concerns(d, press, desk)]
            if not mine:
                owned = kind is DecisionKind.OWNED
                others = [
                    d for d in desk.decisions if _concerns(d, press, desk) and (d.kind is DecisionKind.OWNED) == owned
                ]
                return (
                    _build_decision_result(PressOutcome.NOT_IN_FORCE, press, desk, others[-1], now)
                    if others
                    else _build_not_in_force(press)
                )
            if not policy.can_undo(mine[0], now):
                return _build_decision_result(PressOutcome.TOO_OLD, press, desk, mine[0], now)
            for each in mine:
                writing.undo(session, each, desk.channel, now, press.place.user_id)
            return replace(
                _build_decision_result(PressOutcome.UNDONE, press, desk, mine[0], now),
                restored=self._list_restored(session, press, desk, now),
            )

        return self._execute(press, now, work)

    def _execute(self, press: ButtonPress, now: datetime, work: _Work) -> PressResult:
        """Judges the press and does the work, one after another in a channel; whatever came of it is drawn."""

        def whole(session: Session) -> PressResult:
            decisions.lock_channel(session, press.place.workspace_id, press.place.channel_id)
            known = self._snapshots.read(session)
            version = known.find(press.version)
            milestones = list_milestones_on(version, press) if version else ()
            if version is None or not milestones:
                return build_result(PressOutcome.UNKNOWN, press)
            watched = subscriptions.list_for_channel(session, press.place.workspace_id, press.place.channel_id)
            if not any(matching.covers(each.target, version) for each in watched):
                return build_result(PressOutcome.NOT_SUBSCRIBED, press)
            channel = get_channel(session, press.place, self._default)
            found = decisions.list_for_channel(session, press.place.workspace_id, press.place.channel_id)
            done = work(session, _PressContext(channel, known, found, milestones))
            about = press.version, press.milestone, press.milestone_date
            redraw.schedule_redraw(session, press.place, press.message_ts, about, now)
            return done

        return self._database.run(whole)

    def _decide(
        self,
        session: Session,
        context: _PressContext,
        press: ButtonPress,
        now: datetime,
        complete: Callable[[Decision], Decision],
    ) -> PressResult:
        """Decides about each milestone of the date, unless there is nothing left to decide."""
        migrated = [d for d in context.decisions if d.kind is DecisionKind.MIGRATED and d.version == press.version]
        if migrated:
            return _build_decision_result(PressOutcome.MIGRATED, press, context, migrated[0], now)
        drafts = (
            writing.make_decision(
                DecisionKind.ACKNOWLEDGED, press.version, press.place, now, each, press.milestone_date
            )
            for each in context.milestones
        )
        wanted = tuple(map(complete, drafts))
        silencing = wanted[0].kind is not DecisionKind.OWNED
        if silencing and _has_nothing_to_silence(
            context.channel, press.milestone_date, get_today(context.channel, now)
        ):
            return build_result(PressOutcome.PASSED, press)
        return self._save(session, context, press, wanted, now)

    def _save(
        self,
        session: Session,
        context: _PressContext,
        press: ButtonPress,
        new_decisions: tuple[Decision, ...],
        now: datetime,
    ) -> PressResult:
        missing = [
            each for each in new_decisions if not any(_is_equivalent(each, other) for other in context.decisions)
        ]
        if not missing:
            first = next(other for other in context.decisions if _is_equivalent(new_decisions[0], other))
            return _build_decision_result(PressOutcome.ALREADY_DECIDED, press, context, first, now)
        replaced = [old for each in missing for old in writing.save(session, each, context.channel)]
        done = _build_decision_result(PressOutcome.DECIDED, press, context, missing[0], now)
        return replace(done, replaced=_build_lines(replaced, context, now))

    def _list_restored(
        self, session: Session, press: ButtonPress, context: _PressContext, now: datetime
    ) -> tuple[answers.DecisionLine, ...]:
        """What is in force about the date once something was taken back, and was not before."""
        found = decisions.list_for_channel(session, press.place.workspace_id, press.place.channel_id)
        return _build_lines(
            [d for d in found if d not in context.decisions and _concerns(d, press, context)], context, now
        )


def _keep_unchanged(decision: Decision) -> Decision:
    return decision


def _is_equivalent(one: Decision, other: Decision) -> bool:
    """Whether both say the same about the same, whoever said it when."""
    same = replace(one, decided_by="", decided_at=other.decided_at, original_date=None)
    return same == replace(other, decided_by="", original_date=None)


def _concerns(decision: Decision, press: ButtonPress, context: _PressContext) -> bool:
    dates = {(each, press.milestone_date) for each in context.milestones} | {(None, None)}
    return decision.version == press.version and (decision.milestone, decision.milestone_date) in dates


def list_milestones_on(version: FrameworkVersion, press: ButtonPress) -> tuple[Milestone, ...]:
    """The version's milestones on the date of the press; none where the one pressed is not among them."""
    found = tuple(m.milestone for m in lifecycle.list_milestones(version) if m.day == press.milestone_date)
    return found if press.milestone in found else ()


def _compute_snooze_end(channel: Channel, milestone_date: date, now: datetime, *, until_next: bool) -> date:
    today, is_day_off = get_today(channel, now), get_day_off_check(channel.schedule)
    wanted = today + writing.DEFAULT_SNOOZE
    if until_next:
        ahead = policy.find_next_rung(today, milestone_date, channel.schedule.ladder, is_day_off)
        wanted = ahead[1] if ahead else milestone_date
    return policy.clamp_snooze(wanted, milestone_date, is_day_off)


def _has_nothing_to_silence(channel: Channel, milestone_date: date, today: date) -> bool:
    """Whether only reminders are left that an acknowledgement lets through."""
    heard = policy.find_acknowledgement_end(
        milestone_date, channel.schedule.ladder, get_day_off_check(channel.schedule)
    )
    return today >= milestone_date or (heard is not None and today >= heard[1])


def _subscribe(session: Session, place: Place, target: str, now: datetime) -> bool:
    """Has the channel watch the version it went to."""
    new = subscriptions.add(
        session, Subscription(place.workspace_id, place.channel_id, DLVM, target, place.user_id, now)
    )
    if new:
        where = place.workspace_id, place.channel_id, place.user_id
        audit_log.add(session, AuditEntry(*where, "subscribe", now, "", target))
    return True


def _build_lines(to_show: list[Decision], context: _PressContext, now: datetime) -> tuple[answers.DecisionLine, ...]:
    return tuple(dict.fromkeys(message_lines.build_decision_line(each, context.channel, now) for each in to_show))


def build_result(outcome: PressOutcome, press: ButtonPress) -> PressResult:
    """What came of a press that decided nothing."""
    title = matching.format_title(press.version)
    return PressResult(outcome, press.version, title, press.milestone, press.milestone_date, press.place.user_id)


def _build_not_in_force(press: ButtonPress) -> PressResult:
    return build_result(PressOutcome.NOT_IN_FORCE, press)


def _build_decision_result(
    outcome: PressOutcome, press: ButtonPress, context: _PressContext, decision: Decision, now: datetime
) -> PressResult:
    shown = message_lines.build_decision_line(decision, context.channel, now)
    return replace(build_result(outcome, press), decision=shown, age=now - decision.decided_at)
