"""Actions of the buttons and modals on a reminder."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import PressOutcome, PressResult
from bot.policy import lifecycle
from bot.policy.decisions import can_undo, clamp_snooze, find_acknowledgement_end, find_next_rung
from bot.policy.versions import covers, format_title
from bot.service.access import audit
from bot.service.decisions import records
from bot.service.place import Place, get_today
from bot.service.reminders import message_lines, redraw
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot
from bot.service.working_days import get_day_off_check
from storage import decisions, subscriptions
from storage.facts import DLVM, Channel, Decision, DecisionKind, FrameworkVersion, Milestone, Subscription


class ButtonPress(Struct, frozen=True):
    """A press of a button on a reminder: the date it is about, the message, and who pressed it where."""

    version: str
    milestone: Milestone
    milestone_date: date
    message_ts: str
    place: Place


class _PressContext(Struct, frozen=True):
    """A press with the data it is judged by."""

    press: ButtonPress
    now: datetime
    channel: Channel
    snapshot: CatalogueSnapshot
    decisions: tuple[Decision, ...]
    """The channel's decisions in force."""
    milestones: tuple[Milestone, ...]
    """The version's milestones on the date of the press. A decision applies to each of them."""

    @property
    def today(self) -> date:
        return get_today(self.channel, self.now)


class DecisionActions(ChannelService):
    """Decisions of a channel about its reminders."""

    def acknowledge(self, press: ButtonPress, now: datetime) -> PressResult:
        """Silence the date's reminders until the last call."""
        return self._execute(press, now, lambda s, context: _decide(s, context, DecisionKind.ACKNOWLEDGED))

    def snooze(self, press: ButtonPress, now: datetime, *, until_next: bool) -> PressResult:
        """Silence the date's reminders for a week or until the next rung, at most until the last working day before."""

        def work(session: Session, context: _PressContext) -> PressResult:
            snoozed_until = _compute_snooze_end(context, until_next=until_next)
            if snoozed_until <= context.today:
                return build_result(PressOutcome.TOO_LATE, press)
            return _decide(session, context, DecisionKind.SNOOZED, snoozed_until=snoozed_until)

        return self._execute(press, now, work)

    def migrate(self, press: ButtonPress, to: str, now: datetime, *, subscribe: bool) -> PressResult:
        """Silence the version for good, and subscribe the channel to the version it migrated to.

        `to` is empty if the channel moved to another product.
        """

        def work(session: Session, context: _PressContext) -> PressResult:
            if to and (to == press.version or context.snapshot.find(to) is None):
                return replace(build_result(PressOutcome.UNKNOWN, press), version=to, title=to)
            decision = records.make_decision(DecisionKind.MIGRATED, press.version, press.place, now)
            result = _save(session, context, (replace(decision, migrated_to=to),))
            if subscribe and to:
                _subscribe(session, press.place, to, now)
            return replace(result, is_subscribed=bool(subscribe and to))

        return self._execute(press, now, work)

    def assign_owner(self, press: ButtonPress, owner: str, now: datetime) -> PressResult:
        """Mention the owner in the channel's later reminders of the date."""
        return self._execute(press, now, lambda s, context: _decide(s, context, DecisionKind.OWNED, owner=owner))

    def undo(self, press: ButtonPress, kind: DecisionKind, now: datetime) -> PressResult:
        """Undo a decision that is at most ten minutes old, and restore the decisions it had replaced."""

        def work(session: Session, context: _PressContext) -> PressResult:
            about_date = [decision for decision in context.decisions if _is_about_date(decision, context)]
            to_undo = [decision for decision in about_date if decision.kind is kind]
            if not to_undo:
                is_owner = kind is DecisionKind.OWNED
                in_force = [d for d in about_date if (d.kind is DecisionKind.OWNED) == is_owner]
                if not in_force:
                    return build_result(PressOutcome.NOT_IN_FORCE, press)
                return _build_decision_result(PressOutcome.NOT_IN_FORCE, context, in_force[-1])
            if not can_undo(to_undo[0], now):
                return _build_decision_result(PressOutcome.TOO_OLD, context, to_undo[0])
            for decision in to_undo:
                records.undo(session, decision, context.channel, now, press.place.user_id)
            result = _build_decision_result(PressOutcome.UNDONE, context, to_undo[0])
            return replace(result, restored=_list_restored(session, context))

        return self._execute(press, now, work)

    def _execute(
        self, press: ButtonPress, now: datetime, work: Callable[[Session, _PressContext], PressResult]
    ) -> PressResult:
        """Check the press, do the work and update the message. Presses in one channel run one after another."""

        def check_and_work(session: Session) -> PressResult:
            workspace_id, channel_id = press.place.workspace_id, press.place.channel_id
            decisions.lock_channel(session, workspace_id, channel_id)
            snapshot = self._snapshots.read(session)
            version = snapshot.find(press.version)
            milestones = list_milestones_on(version, press) if version else ()
            if version is None or not milestones:
                return build_result(PressOutcome.UNKNOWN, press)
            channel_subscriptions = subscriptions.list_for_channel(session, workspace_id, channel_id)
            if not any(covers(subscription.target, version) for subscription in channel_subscriptions):
                return build_result(PressOutcome.NOT_SUBSCRIBED, press)
            channel = self._get_channel(session, press.place)
            channel_decisions = decisions.list_for_channel(session, workspace_id, channel_id)
            context = _PressContext(press, now, channel, snapshot, channel_decisions, milestones)
            result = work(session, context)
            milestone_key = press.version, press.milestone, press.milestone_date
            redraw.schedule_redraw(session, press.place, press.message_ts, milestone_key, now)
            return result

        return self._database.run(check_and_work)


def list_milestones_on(version: FrameworkVersion, press: ButtonPress) -> tuple[Milestone, ...]:
    """Return the version's milestones on the date of the press; none if the press's own milestone has moved."""
    milestones = tuple(m.milestone for m in lifecycle.list_milestones(version) if m.day == press.milestone_date)
    return milestones if press.milestone in milestones else ()


def build_result(outcome: PressOutcome, press: ButtonPress) -> PressResult:
    """Return the result of a press without a decision."""
    title = format_title(press.version)
    return PressResult(outcome, press.version, title, press.milestone, press.milestone_date, press.place.user_id)


def _build_decision_result(outcome: PressOutcome, context: _PressContext, decision: Decision) -> PressResult:
    line = message_lines.build_decision_line(decision, context.channel, context.now)
    return replace(build_result(outcome, context.press), decision=line, age=context.now - decision.decided_at)


def _decide(
    session: Session, context: _PressContext, kind: DecisionKind, *, snoozed_until: date | None = None, owner: str = ""
) -> PressResult:
    """Decide about each milestone of the date, unless the channel has migrated or nothing is left to silence."""
    press, now = context.press, context.now
    for decision in context.decisions:
        if decision.kind is DecisionKind.MIGRATED and decision.version == press.version:
            return _build_decision_result(PressOutcome.MIGRATED, context, decision)
    if kind is not DecisionKind.OWNED and _has_nothing_to_silence(context):
        return build_result(PressOutcome.PASSED, press)
    decision = records.make_decision(kind, press.version, press.place, now, milestone_date=press.milestone_date)
    decision = replace(decision, snoozed_until=snoozed_until, owner=owner)
    return _save(session, context, (replace(decision, milestone=milestone) for milestone in context.milestones))


def _save(session: Session, context: _PressContext, new_decisions: Iterable[Decision]) -> PressResult:
    """Save the decisions that are not in force yet. Return the decisions they replace with the result."""
    existing = [(new, _find_equivalent(new, context.decisions)) for new in new_decisions]
    missing = [new for new, equivalent in existing if equivalent is None]
    if not missing:
        in_force = next(equivalent for _, equivalent in existing if equivalent is not None)
        return _build_decision_result(PressOutcome.ALREADY_DECIDED, context, in_force)
    replaced = [old for new in missing for old in records.save(session, new, context.channel)]
    result = _build_decision_result(PressOutcome.DECIDED, context, missing[0])
    return replace(result, replaced=message_lines.build_decision_lines(replaced, context.channel, context.now))


def _find_equivalent(decision: Decision, candidates: Iterable[Decision]) -> Decision | None:
    """Return the candidate that differs only in who decided it, when, and for which original date."""
    wanted = replace(decision, decided_by="", original_date=None)
    for candidate in candidates:
        if replace(candidate, decided_by="", original_date=None, decided_at=wanted.decided_at) == wanted:
            return candidate
    return None


def _list_restored(session: Session, context: _PressContext) -> tuple[answers.DecisionLine, ...]:
    """Return the decisions about the date that are in force after an undo and were not before."""
    place = context.press.place
    current = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
    restored = [d for d in current if d not in context.decisions and _is_about_date(d, context)]
    return message_lines.build_decision_lines(restored, context.channel, context.now)


def _is_about_date(decision: Decision, context: _PressContext) -> bool:
    """Return True if the decision is about the date of the press, or about the whole version."""
    dates = {(milestone, context.press.milestone_date) for milestone in context.milestones} | {(None, None)}
    return decision.version == context.press.version and (decision.milestone, decision.milestone_date) in dates


def _compute_snooze_end(context: _PressContext, *, until_next: bool) -> date:
    milestone_date, is_day_off = context.press.milestone_date, get_day_off_check(context.channel.schedule)
    snoozed_until = context.today + records.DEFAULT_SNOOZE
    if until_next:
        next_rung = find_next_rung(context.today, milestone_date, context.channel.schedule.ladder, is_day_off)
        snoozed_until = next_rung[1] if next_rung else milestone_date
    return clamp_snooze(snoozed_until, milestone_date, is_day_off)


def _has_nothing_to_silence(context: _PressContext) -> bool:
    """Return True if only reminders are left that an acknowledgement doesn't silence."""
    schedule, milestone_date = context.channel.schedule, context.press.milestone_date
    last_call = find_acknowledgement_end(milestone_date, schedule.ladder, get_day_off_check(schedule))
    return context.today >= milestone_date or (last_call is not None and context.today >= last_call[1])


def _subscribe(session: Session, place: Place, target: str, now: datetime) -> None:
    subscription = Subscription(place.workspace_id, place.channel_id, DLVM, target, place.user_id, now)
    if subscriptions.add(session, subscription):
        audit.record(session, place, now, "subscribe", after=target)
