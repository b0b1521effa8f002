"""Decisions of people put in force and taken back: what they replace, what comes back, and who changed what."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace
from sqlmodel import Session

from bot.policy import reminders
from bot.service.place import Place, get_today
from storage import audit_log, decisions, outbox
from storage.facts import DLVM, AuditEntry, Channel, Decision, DecisionKind, MessageKind, Milestone, Reminder

DEFAULT_SNOOZE = timedelta(days=7)
"""How long a snooze is where nothing else is said."""


def save(session: Session, decision: Decision, channel: Channel) -> tuple[Decision, ...]:
    """Puts the decision in force, writes who changed what, and gives what it replaces."""
    replaced = find_replaced(decisions.list_for_channel(session, channel.workspace_id, channel.channel_id), decision)
    decisions.add(session, decision)
    for each in replaced:
        _cancel_snooze_reminder(session, each)
    if decision.kind is DecisionKind.SNOOZED:
        plan_snooze_reminder(session, decision, channel)
    _record_change(session, _AUDIT_ACTIONS[decision.kind], decision, replaced, (decision,), decision.decided_by)
    return replaced


def undo(session: Session, decision: Decision, channel: Channel, now: datetime, actor: str = "") -> bool:
    """Ends the decision and puts in force again what it had replaced; False where it was not in force any more."""
    if not decisions.end(session, decision, now, "taken back"):
        return False
    _cancel_snooze_reminder(session, decision)
    again = decisions.restore_replaced(session, decision)
    if again is not None and again.snoozed_until is not None and again.snoozed_until > get_today(channel, now):
        plan_snooze_reminder(session, again, channel)
    _record_change(session, "undo", replace(decision, decided_at=now), (decision,), (again,) if again else (), actor)
    return True


def reopen_migrated(session: Session, place: Place, targets: Iterable[str], now: datetime) -> None:
    """A version that somebody wants to hear of, by its name, is not migrated from any more."""
    for each in decisions.list_for_channel(session, place.workspace_id, place.channel_id):
        if each.kind is DecisionKind.MIGRATED and each.version in targets:
            decisions.end(session, each, now, "watched anew")
            _record_change(session, "undo", replace(each, decided_at=now), (each,), (), place.user_id)


def find_replaced(candidates: Iterable[Decision], decision: Decision) -> tuple[Decision, ...]:
    """Those that the decision takes the place of; an owner stands beside other decisions."""
    return tuple(each for each in candidates if _get_subject(each) == _get_subject(decision))


def _get_subject(decision: Decision) -> tuple[object, ...]:
    owned = decision.kind is DecisionKind.OWNED
    return decision.product, decision.version, decision.milestone, decision.milestone_date, owned


_AUDIT_ACTIONS = {
    DecisionKind.ACKNOWLEDGED: "acknowledge",
    DecisionKind.SNOOZED: "snooze",
    DecisionKind.MIGRATED: "migrate",
    DecisionKind.OWNED: "own",
}
"""What a decision is called where it is written down who changed what."""


def _record_change(
    session: Session,
    action: str,
    decision: Decision,
    before: Iterable[Decision],
    after: Iterable[Decision],
    actor: str,
) -> None:
    was, is_now = ("; ".join(map(_format_decision, each)) for each in (before, after))
    change = AuditEntry(decision.workspace_id, decision.channel_id, actor, action, decision.decided_at, was, is_now)
    audit_log.add(session, change)


def _format_decision(decision: Decision) -> str:
    """A decision in one line: `pytorch-2.7 end_of_availability 2027-04-13: snoozed until 2027-01-20`."""
    about = [decision.version, decision.milestone.value if decision.milestone else ""]
    about.append(str(decision.milestone_date or ""))
    more = f" until {decision.snoozed_until}" if decision.snoozed_until else ""
    more += f" to {decision.migrated_to}" if decision.migrated_to else ""
    more += f" by {decision.owner}" if decision.owner else ""
    return f"{' '.join(part for part in about if part)}: {decision.kind.value}{more}"


def _cancel_snooze_reminder(session: Session, decision: Decision) -> None:
    """What a snooze would have ended with does not come."""
    if decision.snoozed_until is not None:
        outbox.supersede_snoozed(session, _build_snooze_reminder(decision))


def plan_snooze_reminder(session: Session, decision: Decision, channel: Channel) -> None:
    """Writes the reminder that a snooze ends with, for the channel's hour of that day."""
    reminder = _build_snooze_reminder(decision)
    until = reminder.milestone_date - timedelta(days=reminder.rung)
    outbox.add(session, reminder, reminders.compute_due_at(until, channel.schedule.hour, channel.schedule.zone))


def _build_snooze_reminder(decision: Decision) -> Reminder:
    """The reminder that a snooze ends with."""
    if decision.snoozed_until is None or decision.milestone_date is None:
        raise ValueError("a snooze without an end, or without a date")
    return Reminder(
        decision.workspace_id,
        decision.channel_id,
        decision.product,
        decision.version,
        decision.milestone,
        decision.milestone_date,
        (decision.milestone_date - decision.snoozed_until).days,
        MessageKind.SNOOZED,
    )


def make_decision(  # noqa: PLR0913 - a decision has as many parts
    kind: DecisionKind,
    version: str,
    place: Place,
    now: datetime,
    milestone: Milestone | None = None,
    milestone_date: date | None = None,
    *,
    snoozed_until: date | None = None,
    migrated_to: str = "",
    owner: str = "",
) -> Decision:
    """What somebody decides now for the channel they are in."""
    return Decision(
        workspace_id=place.workspace_id,
        channel_id=place.channel_id,
        product=DLVM,
        version=version,
        kind=kind,
        decided_by=place.user_id,
        decided_at=now,
        milestone=milestone,
        milestone_date=milestone_date,
        snoozed_until=snoozed_until,
        migrated_to=migrated_to,
        owner=owner,
    )
