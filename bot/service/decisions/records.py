"""Storing of decisions: what they replace and restore, the reminders that end snoozes, and the audit log."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace
from sqlmodel import Session

from bot.policy import reminders
from bot.service.access import audit
from bot.service.place import Place, get_today
from storage import decisions, outbox
from storage.facts import DLVM, Channel, Decision, DecisionKind, MessageKind, Milestone, Reminder

DEFAULT_SNOOZE = timedelta(days=7)

_AUDIT_ACTIONS = {
    DecisionKind.ACKNOWLEDGED: "acknowledge",
    DecisionKind.SNOOZED: "snooze",
    DecisionKind.MIGRATED: "migrate",
    DecisionKind.OWNED: "own",
}


def save(session: Session, decision: Decision, channel: Channel) -> tuple[Decision, ...]:
    """Store the decision and an audit entry. Return the decisions it replaces."""
    channel_decisions = decisions.list_for_channel(session, channel.workspace_id, channel.channel_id)
    replaced = tuple(other for other in channel_decisions if _get_subject(other) == _get_subject(decision))
    decisions.add(session, decision)
    for old in replaced:
        _cancel_snooze_reminder(session, old)
    if decision.kind is DecisionKind.SNOOZED:
        plan_snooze_reminder(session, decision, channel)
    _record_change(session, _AUDIT_ACTIONS[decision.kind], decision, replaced, (decision,), decision.decided_by)
    return replaced


def undo(session: Session, decision: Decision, channel: Channel, now: datetime, actor: str = "") -> bool:
    """End the decision and restore the one it had replaced. Return False if it is no longer in force."""
    if not decisions.end(session, decision, now, "undone"):
        return False
    _cancel_snooze_reminder(session, decision)
    restored = decisions.restore_replaced(session, decision)
    if restored is not None and restored.snoozed_until is not None and restored.snoozed_until > get_today(channel, now):
        plan_snooze_reminder(session, restored, channel)
    after = (restored,) if restored else ()
    _record_change(session, "undo", replace(decision, decided_at=now), (decision,), after, actor)
    return True


def reopen_migrated(session: Session, place: Place, targets: Iterable[str], now: datetime) -> None:
    """End the channel's migrations from versions that it subscribes to again by name."""
    for decision in decisions.list_for_channel(session, place.workspace_id, place.channel_id):
        if decision.kind is DecisionKind.MIGRATED and decision.version in targets:
            decisions.end(session, decision, now, "subscribed again")
            _record_change(session, "undo", replace(decision, decided_at=now), (decision,), (), place.user_id)


def _get_subject(decision: Decision) -> tuple[object, ...]:
    """Return what the decision is about. A decision replaces those with an equal subject; owners only owners."""
    is_owner = decision.kind is DecisionKind.OWNED
    return decision.product, decision.version, decision.milestone, decision.milestone_date, is_owner


def _record_change(
    session: Session, action: str, decision: Decision, before: Iterable[Decision], after: Iterable[Decision], actor: str
) -> None:
    before_text, after_text = ("; ".join(map(_format_decision, group)) for group in (before, after))
    place = Place(decision.workspace_id, decision.channel_id, actor)
    audit.record(session, place, decision.decided_at, action, before=before_text, after=after_text)


def _format_decision(decision: Decision) -> str:
    """Format a decision in one line: `pytorch-2.7 end_of_availability 2027-04-13: snoozed until 2027-01-20`."""
    subject = decision.version, decision.milestone, str(decision.milestone_date or "")
    details = f" until {decision.snoozed_until}" if decision.snoozed_until else ""
    details += f" to {decision.migrated_to}" if decision.migrated_to else ""
    details += f" by {decision.owner}" if decision.owner else ""
    return f"{' '.join(filter(None, subject))}: {decision.kind.value}{details}"


def _cancel_snooze_reminder(session: Session, decision: Decision) -> None:
    if decision.snoozed_until is not None:
        outbox.supersede_snoozed(session, _build_snooze_reminder(decision))


def plan_snooze_reminder(session: Session, decision: Decision, channel: Channel) -> None:
    """Add the reminder that ends a snooze to the outbox, due at the channel's hour of its last day."""
    reminder = _build_snooze_reminder(decision)
    day = reminder.milestone_date - timedelta(days=reminder.rung)
    outbox.add(session, reminder, reminders.compute_due_at(day, channel.schedule.hour, channel.schedule.zone))


def _build_snooze_reminder(decision: Decision) -> Reminder:
    """Build the reminder that ends a snooze; raise ValueError for a decision without an end or a date."""
    if decision.snoozed_until is None or decision.milestone_date is None:
        raise ValueError("a snooze without an end, or without a date")
    subject = decision.product, decision.version, decision.milestone, decision.milestone_date
    rung = (decision.milestone_date - decision.snoozed_until).days
    return Reminder(decision.workspace_id, decision.channel_id, *subject, rung, MessageKind.SNOOZED)


def make_decision(
    kind: DecisionKind,
    version: str,
    place: Place,
    now: datetime,
    milestone: Milestone | None = None,
    milestone_date: date | None = None,
) -> Decision:
    """Build a decision made now in a channel; without a milestone it is about the whole version."""
    workspace_id, channel_id, user_id = place.workspace_id, place.channel_id, place.user_id
    return Decision(workspace_id, channel_id, DLVM, version, kind, user_id, now, milestone, milestone_date)
