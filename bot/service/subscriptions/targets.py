"""Subscribing a channel to targets and unsubscribing it, as part of the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.service.access import audit
from bot.service.place import Place
from bot.service.reminders.planning import plan_overdue
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import outbox, subscriptions
from storage.facts import DLVM, Channel, Subscription


def add_targets(
    session: Session, targets: Sequence[str], place: Place, now: datetime, team: str = ""
) -> tuple[str, ...]:
    """Subscribe a stored channel to the targets. Return the new ones; `team` goes into the audit log."""
    new = tuple(target for target in targets if subscriptions.add(session, _build_subscription(place, target, now)))
    if new:
        audit.record(session, place, now, "subscribe", after=_format_targets(new, team))
    return new


def remove_targets(
    session: Session,
    targets: Sequence[str],
    channel: Channel,
    snapshot: CatalogueSnapshot,
    place: Place,
    now: datetime,
    team: str = "",
) -> None:
    """Unsubscribe the channel from those of the targets that it is subscribed to.

    Overdue reminders are planned first. Waiting reminders for versions that no other target covers are then dropped.
    `team` goes into the audit log.
    """
    present = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
    removed = tuple(target for target in targets if target in present)
    if not removed:
        return
    plan_overdue(session, channel, snapshot, now)
    subscriptions.delete(session, place.workspace_id, place.channel_id, DLVM, removed)
    remaining = [target for target in present if target not in removed]
    still_covered = {version.name for version in snapshot.list_covered_by(remaining)}
    dropped = [v.name for v in snapshot.list_covered_by(removed) if v.name not in still_covered]
    outbox.supersede_versions(session, place.workspace_id, place.channel_id, DLVM, dropped)
    audit.record(session, place, now, "unsubscribe", before=_format_targets(removed, team))


def _build_subscription(place: Place, target: str, now: datetime) -> Subscription:
    return Subscription(place.workspace_id, place.channel_id, DLVM, target, place.user_id, now)


def _format_targets(targets: Sequence[str], team: str) -> str:
    return " ".join(targets) + (f" (team {team})" if team else "")
