"""What a channel watches: subscribing, unsubscribing, and the list."""

from collections.abc import Sequence
from datetime import date, datetime
from operator import itemgetter

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.decisions.records import begin_again
from bot.service.place import Place, channel_at
from bot.service.reminders import forecast
from bot.service.subscriptions import targets as watching
from bot.service.versions import resolve
from bot.service.versions.snapshot import Known, KnownVersions
from bot.service.workspaces import channel_health
from storage import channels, decisions, outbox, subscriptions
from storage.database import Database
from storage.facts import Channel, Decision, FrameworkVersion, Health, Schedule, Subscription

PAGE = 15
"""Subscriptions on one page of the list."""

_SEEN_TO_BE_OPEN = (Health.NEEDS_INVITE, Health.ARCHIVED, Health.UNREACHABLE)
"""Troubles of which Slack tells when they are over; that a rule was lifted only a post can show."""


class Subscriptions:
    """Changes and shows what the channels of a workspace watch."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def subscribe(
        self, text: str, place: Place, now: datetime, *, reach: answers.Reach, is_public: bool
    ) -> answers.Answer:
        """Watches the targets from now on; those watched already stay as they were."""
        with self._database.transaction() as session:
            return self.subscribe_in(session, text, place, now, reach=reach, is_public=is_public)

    def subscribe_in(
        self, session: Session, text: str, place: Place, now: datetime, *, reach: answers.Reach, is_public: bool
    ) -> answers.Answer:
        """The same within a transaction that does more; one that is not understood changes nothing."""
        known = self._known.read(session)
        targets = resolve.targets(text, known)
        if not isinstance(targets, tuple):
            return targets
        channel = _known_as(channel_at(session, place, self._default), reach, is_public=is_public)
        channels.save(session, channel, now)
        channel_health.seen(session, place, reach, now)
        before = watching.present(session, place)
        new = watching.begin(session, targets, place, now)
        begin_again(session, place, targets, now)
        decided = decisions.of_channel(session, place.workspace_id, place.channel_id)
        return answers.Subscribed(
            day=_today(now, channel),
            zone=channel.schedule.zone,
            watched=tuple(_watched(t, known, channel, decided, now, new=t in new) for t in targets),
            overlaps=_overlaps(targets, before, known),
            reach=reach,
            hour=channel.schedule.hour,
        )

    def unsubscribe(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Ends the targets named; waiting reminders that nothing else covers are dropped."""
        with self._database.transaction() as session:
            known = self._known.read(session)
            present = watching.present(session, place)
            meant = resolve.subscribed_targets(text, known, present)
            if not isinstance(meant, tuple):
                return meant
            ending, missing = meant
            watching.end(session, ending, channel_at(session, place, self._default), known, place, now)
            remaining = tuple(target for target in present if target not in ending)
        return answers.Unsubscribed(
            removed=ending,
            not_watched=(missing,) if missing else (),
            through=_still(known, (*ending, missing), remaining),
            remaining=len(remaining),
        )

    def listing(self, page: int, place: Place, now: datetime, *, reach: answers.Reach) -> answers.SubscriptionList:
        """A page of what the channel watches, the soonest reminder first; a page past the end is the last one."""
        found = self._listed(page, place, now, reach)
        if reach is answers.Reach.OK and found.health in _SEEN_TO_BE_OPEN:  # it gets what was held for it
            self._database.run(lambda session: channel_health.seen(session, place, answers.Reach.OK, now))
            found = self._listed(page, place, now, reach)
        return found

    def _listed(self, page: int, place: Place, now: datetime, reach: answers.Reach) -> answers.SubscriptionList:
        with self._database.reading() as session:
            known = self._known.read(session)
            channel = channel_at(session, place, self._default)
            decided = decisions.of_channel(session, place.workspace_id, place.channel_id)
            targets = subscriptions.targets_in(session, place.workspace_id, place.channel_id)
            coming = _soonest_first(targets, forecast.ahead(now, known, channel, decided))
            pages = max(1, -(-len(coming) // PAGE))
            shown = min(max(page, 1), pages)
            chosen = dict(coming[(shown - 1) * PAGE : shown * PAGE])
            watched = subscriptions.of_targets(session, place.workspace_id, place.channel_id, tuple(chosen))
            delivered = outbox.last_sent(session, place.workspace_id, place.channel_id)
        by_target = {subscription.target: subscription for subscription in watched}
        lines = [_line(by_target[t], known, channel, delivered, n) for t, n in chosen.items() if t in by_target]
        return answers.SubscriptionList(
            day=_today(now, channel),
            zone=channel.schedule.zone,
            lines=tuple(lines),
            page=shown,
            pages=pages,
            total=len(coming),
            reach=reach,
            health=channel.health,
            health_since=channel.health_since.date() if channel.health_since else None,
            health_reason=channel.health_reason,
        )


def watched_versions(targets: Sequence[str], known: Known) -> tuple[FrameworkVersion, ...]:
    """Every version that one of the targets covers, in the catalogue's order."""
    return watching.versions(targets, known)


def _known_as(channel: Channel, reach: answers.Reach, *, is_public: bool) -> Channel:
    return channel if reach is answers.Reach.UNCHECKED else replace(channel, is_public=is_public)


def _today(now: datetime, channel: Channel) -> date:
    return time_zones.day(now, channel.schedule.zone)


def _watched(
    target: str, known: Known, channel: Channel, decided: Sequence[Decision], now: datetime, *, new: bool
) -> answers.Watched:
    covered = watched_versions((target,), known)
    today = _today(now, channel)
    past = tuple((v.name, m.milestone, m.day) for v in covered for m in lifecycle.milestones(v) if m.day < today)
    by_hand, unverified = lifecycle.by_hand(covered), lifecycle.unverified(covered)
    return answers.Watched(
        target=target,
        new=new,
        versions=tuple(v.name for v in covered),
        next=forecast.first(now, covered, channel, decided),
        past=past,
        past_by_hand=tuple(each for each in past if each in by_hand),
        past_unverified=tuple(each for each in past if each in unverified),
    )


def _overlaps(targets: Sequence[str], before: Sequence[str], known: Known) -> tuple[str, ...]:
    """Targets that another target of the channel covers whole."""
    everything = tuple(dict.fromkeys((*before, *targets)))
    covered = {t: {v.name for v in watched_versions((t,), known)} for t in everything}
    return tuple(t for t in targets if any(covered[t] < covered[other] for other in everything))


def _still(known: Known, names: Sequence[str], remaining: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(version, wider target) for versions named whose reminders go on."""
    found: list[tuple[str, str]] = []
    for name in names:
        version = known.find(name)
        wider = [t for t in remaining if version is not None and matching.covers(t, version)]
        found.extend((name, target) for target in wider[:1])
    return tuple(found)


def _line(
    subscription: Subscription,
    known: Known,
    channel: Channel,
    delivered: dict[str, datetime],
    coming: answers.NextReminder | None,
) -> answers.SubscriptionLine:
    covered = known.covered(subscription.target)
    times = [delivered[v.name] for v in covered if v.name in delivered]
    return answers.SubscriptionLine(
        target=subscription.target,
        created_by=subscription.created_by,
        created_on=time_zones.day(subscription.created_at, channel.schedule.zone),
        versions=tuple(v.name for v in covered),
        next=coming,
        last_delivered=max(times, default=None),
    )


def _soonest_first(targets: Sequence[str], ahead: forecast.Ahead) -> list[tuple[str, answers.NextReminder | None]]:
    """The targets with the next reminder of each; those that have none ahead come last."""
    found = [(target, ahead.of(target)) for target in targets]
    coming = sorted([(n.at, target, n) for target, n in found if n is not None], key=itemgetter(0, 1))
    return [*((target, n) for _, target, n in coming), *((target, None) for target, n in found if n is None)]
