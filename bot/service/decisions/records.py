"""Decisions of people put in force and taken back: what they replace, what comes back, and who changed what."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace
from sqlmodel import Session

from bot.policy import reminders
from bot.service.place import Place, today_at
from storage import audit_log, decisions, outbox
from storage.facts import DLVM, Change, Channel, Decided, Decision, Kind, Milestone, Reminder

SNOOZE = timedelta(days=7)
"""How long a snooze is where nothing else is said."""


def put(session: Session, decision: Decision, channel: Channel) -> tuple[Decision, ...]:
    """Puts the decision in force, writes who changed what, and gives what it replaces."""
    replaced = same_about(decisions.of_channel(session, channel.workspace_id, channel.channel_id), decision)
    decisions.add(session, decision)
    for each in replaced:
        _drop_return(session, each)
    if decision.decided is Decided.SNOOZED:
        snooze_row(session, decision, channel)
    _write_down(session, _WORDS[decision.decided], decision, replaced, (decision,), decision.decided_by)
    return replaced


def take_back(session: Session, decision: Decision, channel: Channel, now: datetime, by: str = "") -> bool:
    """Ends the decision and puts in force again what it had replaced; False where it was not in force any more."""
    if not decisions.end(session, decision, now, "taken back"):
        return False
    _drop_return(session, decision)
    again = decisions.reopen(session, decision)
    if again is not None and again.until is not None and again.until > today_at(channel, now):
        snooze_row(session, again, channel)
    _write_down(session, "undo", replace(decision, decided_at=now), (decision,), (again,) if again else (), by)
    return True


def begin_again(session: Session, place: Place, targets: Iterable[str], now: datetime) -> None:
    """A version that somebody wants to hear of, by its name, is not migrated from any more."""
    for each in decisions.of_channel(session, place.workspace_id, place.channel_id):
        if each.decided is Decided.MIGRATED and each.version in targets:
            decisions.end(session, each, now, "watched anew")
            _write_down(session, "undo", replace(each, decided_at=now), (each,), (), place.user_id)


def same_about(found: Iterable[Decision], decision: Decision) -> tuple[Decision, ...]:
    """Those that the decision takes the place of; an owner stands beside other decisions."""
    return tuple(each for each in found if _key(each) == _key(decision))


def _key(decision: Decision) -> tuple[object, ...]:
    owned = decision.decided is Decided.OWNED
    return decision.product, decision.version, decision.milestone, decision.milestone_date, owned


_WORDS = {
    Decided.ACKNOWLEDGED: "acknowledge",
    Decided.SNOOZED: "snooze",
    Decided.MIGRATED: "migrate",
    Decided.OWNED: "own",
}
"""What a decision is called where it is written down who changed what."""


def _write_down(
    session: Session,
    what: str,
    decision: Decision,
    before: Iterable[Decision],
    after: Iterable[Decision],
    who: str,
) -> None:
    was, is_now = ("; ".join(map(_told, each)) for each in (before, after))
    change = Change(decision.workspace_id, decision.channel_id, who, what, decision.decided_at, was, is_now)
    audit_log.add(session, change)


def _told(decision: Decision) -> str:
    """A decision in one line: `pytorch-2.7 end_of_availability 2027-04-13: snoozed until 2027-01-20`."""
    about = [decision.version, decision.milestone.value if decision.milestone else ""]
    about.append(str(decision.milestone_date or ""))
    more = f" until {decision.until}" if decision.until else ""
    more += f" to {decision.migrated_to}" if decision.migrated_to else ""
    more += f" by {decision.owner}" if decision.owner else ""
    return f"{' '.join(part for part in about if part)}: {decision.decided.value}{more}"


def _drop_return(session: Session, decision: Decision) -> None:
    """What a snooze would have ended with does not come."""
    if decision.until is not None:
        outbox.forget_return(session, _return(decision))


def snooze_row(session: Session, decision: Decision, channel: Channel) -> None:
    """Writes the reminder that a snooze ends with, for the channel's hour of that day."""
    reminder = _return(decision)
    until = reminder.milestone_date - timedelta(days=reminder.rung)
    outbox.put(session, reminder, reminders.due_instant(until, channel.schedule.hour, channel.schedule.zone))


def _return(decision: Decision) -> Reminder:
    """The reminder that a snooze ends with."""
    if decision.until is None or decision.milestone_date is None:
        raise ValueError("a snooze without an end, or without a date")
    return Reminder(
        decision.workspace_id,
        decision.channel_id,
        decision.product,
        decision.version,
        decision.milestone,
        decision.milestone_date,
        (decision.milestone_date - decision.until).days,
        Kind.SNOOZED,
    )


def decided(  # noqa: PLR0913 - a decision has as many parts
    what: Decided,
    version: str,
    place: Place,
    now: datetime,
    milestone: Milestone | None = None,
    milestone_date: date | None = None,
    *,
    until: date | None = None,
    migrated_to: str = "",
    owner: str = "",
) -> Decision:
    """What somebody decides now for the channel they are in."""
    return Decision(
        workspace_id=place.workspace_id,
        channel_id=place.channel_id,
        product=DLVM,
        version=version,
        decided=what,
        decided_by=place.user_id,
        decided_at=now,
        milestone=milestone,
        milestone_date=milestone_date,
        until=until,
        migrated_to=migrated_to,
        owner=owner,
    )
