"""What somebody decides on a reminder: checked, put in force, answered truthfully, the message drawn anew."""

from collections.abc import Callable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import Came, Pressed
from bot.policy import decisions as policy
from bot.policy import lifecycle
from bot.policy import versions as matching
from bot.service.decisions import records as writing
from bot.service.place import Place, channel_at, days_off, today_at
from bot.service.reminders import message_lines, redraw
from bot.service.versions.snapshot import Known, KnownVersions
from storage import audit_log, decisions, subscriptions
from storage.database import Database
from storage.facts import DLVM, Change, Channel, Decided, Decision, FrameworkVersion, Milestone, Schedule, Subscription


class Pressing(Struct, frozen=True):
    """A press on a reminder: about which date, on which message, where and by whom."""

    version: str
    milestone: Milestone
    milestone_date: date
    message_ts: str
    place: Place


class _Desk(Struct, frozen=True):
    """What a press is judged by."""

    channel: Channel
    known: Known
    found: tuple[Decision, ...]
    milestones: tuple[Milestone, ...]
    """Those of the version that fall on the date: what is decided holds for each."""


_Work = Callable[[Session, _Desk], Pressed]


class Deciding:
    """Decisions of people about what their channel was reminded of."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def acknowledge(self, press: Pressing, now: datetime) -> Pressed:
        """Quiet until the last call."""
        return self._run(press, now, lambda session, desk: self._settle(session, desk, press, now, _acknowledged))

    def snooze(self, press: Pressing, now: datetime, *, until_next: bool) -> Pressed:
        """Quiet for a week, or until the next reminder; never beyond the last working day before the date."""

        def work(session: Session, desk: _Desk) -> Pressed:
            until = _until(desk.channel, press.milestone_date, now, until_next=until_next)
            if until <= today_at(desk.channel, now):
                return answer(Came.TOO_LATE, press)
            return self._settle(
                session, desk, press, now, lambda each: replace(each, decided=Decided.SNOOZED, until=until)
            )

        return self._run(press, now, work)

    def migrate(self, press: Pressing, to: str, now: datetime, *, watch: bool) -> Pressed:
        """Closes the version for the channel, and has it watch where it went; `to` is empty where nobody says."""

        def work(session: Session, desk: _Desk) -> Pressed:
            if to and (to == press.version or desk.known.find(to) is None):
                return replace(answer(Came.UNKNOWN, press), version=to, title=to)
            decision = writing.decided(Decided.MIGRATED, press.version, press.place, now, migrated_to=to)
            done = self._put(session, desk, press, (decision,), now)
            subscribed = bool(watch and to) and _watch(session, press.place, to, now)
            return replace(done, subscribed=subscribed)

        return self._run(press, now, work)

    def own(self, press: Pressing, owner: str, now: datetime) -> Pressed:
        """Somebody is named in the channel's reminders of the date from now on."""
        return self._run(
            press,
            now,
            lambda session, desk: self._settle(
                session, desk, press, now, lambda each: replace(each, decided=Decided.OWNED, owner=owner)
            ),
        )

    def undo(self, press: Pressing, what: Decided, now: datetime) -> Pressed:
        """Takes back what was decided in the last ten minutes; what it had replaced is in force again."""

        def work(session: Session, desk: _Desk) -> Pressed:
            mine = [d for d in desk.found if d.decided is what and _is_about(d, press, desk)]
            if not mine:
                owned = what is Decided.OWNED
                others = [d for d in desk.found if _is_about(d, press, desk) and (d.decided is Decided.OWNED) == owned]
                return _in_force(Came.NOT_IN_FORCE, press, desk, others[-1], now) if others else _nothing(press)
            if not policy.may_undo(mine[0], now):
                return _in_force(Came.TOO_OLD, press, desk, mine[0], now)
            for each in mine:
                writing.take_back(session, each, desk.channel, now, press.place.user_id)
            return replace(
                _in_force(Came.UNDONE, press, desk, mine[0], now),
                restored=self._restored(session, press, desk, now),
            )

        return self._run(press, now, work)

    def _run(self, press: Pressing, now: datetime, work: _Work) -> Pressed:
        """Judges the press and does the work, one after another in a channel; whatever came of it is drawn."""

        def whole(session: Session) -> Pressed:
            decisions.hold(session, press.place.workspace_id, press.place.channel_id)
            known = self._known.read(session)
            version = known.find(press.version)
            milestones = milestones_on(version, press) if version else ()
            if version is None or not milestones:
                return answer(Came.UNKNOWN, press)
            watched = subscriptions.of_channel(session, press.place.workspace_id, press.place.channel_id)
            if not any(matching.covers(each.target, version) for each in watched):
                return answer(Came.NOT_WATCHED, press)
            channel = channel_at(session, press.place, self._default)
            found = decisions.of_channel(session, press.place.workspace_id, press.place.channel_id)
            done = work(session, _Desk(channel, known, found, milestones))
            about = press.version, press.milestone, press.milestone_date
            redraw.put(session, press.place, press.message_ts, about, now)
            return done

        return self._database.run(whole)

    def _settle(
        self, session: Session, desk: _Desk, press: Pressing, now: datetime, made: Callable[[Decision], Decision]
    ) -> Pressed:
        """Decides about each milestone of the date, unless there is nothing left to decide."""
        migrated = [d for d in desk.found if d.decided is Decided.MIGRATED and d.version == press.version]
        if migrated:
            return _in_force(Came.MIGRATED, press, desk, migrated[0], now)
        drafts = (
            writing.decided(Decided.ACKNOWLEDGED, press.version, press.place, now, each, press.milestone_date)
            for each in desk.milestones
        )
        wanted = tuple(map(made, drafts))
        silencing = wanted[0].decided is not Decided.OWNED
        if silencing and _nothing_left(desk.channel, press.milestone_date, today_at(desk.channel, now)):
            return answer(Came.PASSED, press)
        return self._put(session, desk, press, wanted, now)

    def _put(
        self, session: Session, desk: _Desk, press: Pressing, wanted: tuple[Decision, ...], now: datetime
    ) -> Pressed:
        missing = [each for each in wanted if not any(_alike(each, other) for other in desk.found)]
        if not missing:
            first = next(other for other in desk.found if _alike(wanted[0], other))
            return _in_force(Came.ALREADY, press, desk, first, now)
        replaced = [old for each in missing for old in writing.put(session, each, desk.channel)]
        done = _in_force(Came.DECIDED, press, desk, missing[0], now)
        return replace(done, replaced=_shown(replaced, desk, now))

    def _restored(
        self, session: Session, press: Pressing, desk: _Desk, now: datetime
    ) -> tuple[answers.DecisionLine, ...]:
        """What is in force about the date once something was taken back, and was not before."""
        found = decisions.of_channel(session, press.place.workspace_id, press.place.channel_id)
        return _shown([d for d in found if d not in desk.found and _is_about(d, press, desk)], desk, now)


def _acknowledged(decision: Decision) -> Decision:
    return decision


def _alike(one: Decision, other: Decision) -> bool:
    """Whether both say the same about the same, whoever said it when."""
    same = replace(one, decided_by="", decided_at=other.decided_at, given_for=None)
    return same == replace(other, decided_by="", given_for=None)


def _is_about(decision: Decision, press: Pressing, desk: _Desk) -> bool:
    dates = {(each, press.milestone_date) for each in desk.milestones} | {(None, None)}
    return decision.version == press.version and (decision.milestone, decision.milestone_date) in dates


def milestones_on(version: FrameworkVersion, press: Pressing) -> tuple[Milestone, ...]:
    """The version's milestones on the date of the press; none where the one pressed is not among them."""
    found = tuple(m.milestone for m in lifecycle.milestones(version) if m.day == press.milestone_date)
    return found if press.milestone in found else ()


def _until(channel: Channel, milestone_date: date, now: datetime, *, until_next: bool) -> date:
    today, is_day_off = today_at(channel, now), days_off(channel.schedule)
    wanted = today + writing.SNOOZE
    if until_next:
        ahead = policy.next_rung(today, milestone_date, channel.schedule.ladder, is_day_off)
        wanted = ahead[1] if ahead else milestone_date
    return policy.clamped(wanted, milestone_date, is_day_off)


def _nothing_left(channel: Channel, milestone_date: date, today: date) -> bool:
    """Whether only reminders are left that an acknowledgement lets through."""
    heard = policy.quiet_until(milestone_date, channel.schedule.ladder, days_off(channel.schedule))
    return today >= milestone_date or (heard is not None and today >= heard[1])


def _watch(session: Session, place: Place, target: str, now: datetime) -> bool:
    """Has the channel watch the version it went to."""
    new = subscriptions.add(
        session, Subscription(place.workspace_id, place.channel_id, DLVM, target, place.user_id, now)
    )
    if new:
        where = place.workspace_id, place.channel_id, place.user_id
        audit_log.add(session, Change(*where, "subscribe", now, "", target))
    return True


def _shown(found: list[Decision], desk: _Desk, now: datetime) -> tuple[answers.DecisionLine, ...]:
    return tuple(dict.fromkeys(message_lines.decision(each, desk.channel, now) for each in found))


def answer(came: Came, press: Pressing) -> Pressed:
    """What came of a press that decided nothing."""
    title = matching.title(press.version)
    return Pressed(came, press.version, title, press.milestone, press.milestone_date, press.place.user_id)


def _nothing(press: Pressing) -> Pressed:
    return answer(Came.NOT_IN_FORCE, press)


def _in_force(came: Came, press: Pressing, desk: _Desk, decision: Decision, now: datetime) -> Pressed:
    shown = message_lines.decision(decision, desk.channel, now)
    return replace(answer(came, press), decision=shown, ago=now - decision.decided_at)
