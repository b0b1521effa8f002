"""Beginning and ceasing to watch, within a transaction: what commands, teams and documents do alike."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.service.access import audit
from bot.service.place import Place
from bot.service.reminders.planning import catch_up
from bot.service.versions.snapshot import Known
from storage import outbox, subscriptions
from storage.facts import DLVM, Channel, FrameworkVersion, Subscription


def present(session: Session, place: Place) -> tuple[str, ...]:
    """The targets that the channel watches."""
    found = subscriptions.of_channel(session, place.workspace_id, place.channel_id)
    return tuple(subscription.target for subscription in found)


def versions(targets: Sequence[str], known: Known) -> tuple[FrameworkVersion, ...]:
    """Every version that one of the targets covers, in the catalogue's order."""
    covered = {version.name for target in targets for version in known.covered(target)}
    return tuple(version for version in known.versions if version.name in covered)


def begin(session: Session, targets: Sequence[str], place: Place, now: datetime, through: str = "") -> tuple[str, ...]:
    """Has the stored channel watch the targets, and says which are new; `through` names the team it is for."""
    new = tuple(t for t in targets if subscriptions.add(session, _subscription(place, t, now)))
    if new:
        audit.note(session, place, now, "subscribe", after=_through(new, through))
    return new


def end(
    session: Session,
    targets: Sequence[str],
    channel: Channel,
    known: Known,
    place: Place,
    now: datetime,
    through: str = "",
) -> tuple[str, ...]:
    """Has the channel watch the targets no longer, and says which it did; what nothing else covers is dropped."""
    watched = present(session, place)
    ending = tuple(target for target in targets if target in watched)
    if not ending:
        return ()
    catch_up(session, channel, known, now)
    subscriptions.remove(session, place.workspace_id, place.channel_id, DLVM, ending)
    kept = {v.name for v in versions([target for target in watched if target not in ending], known)}
    dropped = [v.name for v in versions(ending, known) if v.name not in kept]
    outbox.supersede(session, place.workspace_id, place.channel_id, DLVM, dropped)
    audit.note(session, place, now, "unsubscribe", before=_through(ending, through))
    return ending


def _subscription(place: Place, target: str, now: datetime) -> Subscription:
    return Subscription(place.workspace_id, place.channel_id, DLVM, target, place.user_id, now)


def _through(targets: Sequence[str], team: str) -> str:
    return " ".join(targets) + (f" (team {team})" if team else "")
