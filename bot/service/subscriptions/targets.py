"""Beginning and ceasing to watch, within a transaction: what commands, teams and documents do alike."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.service.access import audit
from bot.service.place import Place
from bot.service.reminders.planning import plan_overdue
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import outbox, subscriptions
from storage.facts import DLVM, Channel, Subscription


def list_targets(session: Session, place: Place) -> tuple[str, ...]:
    """The targets that the channel watches."""
    found = subscriptions.list_for_channel(session, place.workspace_id, place.channel_id)
    return tuple(subscription.target for subscription in found)


def add_targets(
    session: Session, targets: Sequence[str], place: Place, now: datetime, team: str = ""
) -> tuple[str, ...]:
    """Has the stored channel watch the targets, and says which are new; `through` names the team it is for."""
    new = tuple(t for t in targets if subscriptions.add(session, _build_subscription(place, t, now)))
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
) -> tuple[str, ...]:
    """Has the channel watch the targets no longer, and says which it did; what nothing else covers is dropped."""
    watched = list_targets(session, place)
    ending = tuple(target for target in targets if target in watched)
    if not ending:
        return ()
    plan_overdue(session, channel, snapshot, now)
    subscriptions.delete(session, place.workspace_id, place.channel_id, DLVM, ending)
    kept = {v.name for v in snapshot.list_covered_by(t for t in watched if t not in ending)}
    dropped = [v.name for v in snapshot.list_covered_by(ending) if v.name not in kept]
    outbox.supersede_versions(session, place.workspace_id, place.channel_id, DLVM, dropped)
    audit.record(session, place, now, "unsubscribe", before=_format_targets(ending, team))
    return ending


def _build_subscription(place: Place, target: str, now: datetime) -> Subscription:
    return Subscription(place.workspace_id, place.channel_id, DLVM, target, place.user_id, now)


def _format_targets(targets: Sequence[str], team: str) -> str:
    return " ".join(targets) + (f" (team {team})" if team else "")
