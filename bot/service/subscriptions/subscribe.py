"""What a channel watches: subscribing, unsubscribing, and the list."""

from collections.abc import Sequence
from datetime import date, datetime
from operator import itemgetter

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.decisions.records import reopen_migrated
from bot.service.place import Place, get_channel
from bot.service.reminders import forecast
from bot.service.subscriptions import setting_values
from bot.service.subscriptions import targets as watching
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.versions import resolve
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from bot.service.workspaces import channel_health
from storage import channels, decisions, outbox, subscriptions
from storage.database import Database
from storage.facts import Channel, Decision, Health, Schedule, Subscription

PAGE_SIZE = 15
"""Subscriptions on one page of the list."""

_CHECKABLE_PROBLEMS = (Health.NEEDS_INVITE, Health.ARCHIVED, Health.UNREACHABLE)
"""Troubles of which Slack tells when they are over; that a rule was lifted only a post can show."""


class Subscriptions:
    """Changes and shows what the channels of a workspace watch."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def subscribe(
        self, text: str, place: Place, now: datetime, *, reach: answers.ChannelReach, is_public: bool
    ) -> answers.Answer:
        """Watches the targets from now on; those watched already stay as they were."""
        with self._database.transaction() as session:
            return self.subscribe_in_session(session, text, place, now, reach=reach, is_public=is_public)

    def subscribe_in_session(
        self, session: Session, text: str, place: Place, now: datetime, *, reach: answers.ChannelReach, is_public: bool
    ) -> answers.Answer:
        """The same within a transaction that does more; one that is not understood changes nothing."""
        known = self._snapshots.read(session)
        targets = resolve.resolve_targets(text, known)
        if not isinstance(targets, tuple):
            return targets
        channel = _set_visibility(get_channel(session, place, self._default), reach, is_public=is_public)
        channels.save(session, channel, now)
        channel_health.record_reach(session, place, reach, now)
        before = watching.list_targets(session, place)
        new = watching.add_targets(session, targets, place, now)
        reopen_migrated(session, place, targets, now)
        decided = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
        return answers.Subscribed(
            day=_today(now, channel),
            zone=channel.schedule.zone,
            targets=tuple(_describe_target(t, known, channel, decided, now, new=t in new) for t in targets),
            overlaps=_find_overlaps(targets, before, known),
            reach=reach,
            hour=channel.schedule.hour,
        )

    def unsubscribe(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Ends the targets named; waiting reminders that nothing else covers are dropped."""
        with self._database.transaction() as session:
            known = self._snapshots.read(session)
            present = watching.list_targets(session, place)
            meant = resolve.resolve_subscribed_targets(text, known, present)
            if not isinstance(meant, tuple):
                return meant
            ending, missing = meant
            watching.remove_targets(session, ending, get_channel(session, place, self._default), known, place, now)
            remaining = tuple(target for target in present if target not in ending)
        return answers.Unsubscribed(
            removed=ending,
            not_subscribed=(missing,) if missing else (),
            still_covered=_find_wider_targets(known, (*ending, missing), remaining),
            remaining=len(remaining),
        )

    def list_page(
        self, page: int, place: Place, now: datetime, *, reach: answers.ChannelReach
    ) -> answers.SubscriptionList:
        """A page of what the channel watches, the soonest reminder first; a page past the end is the last one."""
        found = self._read_page(page, place, now, reach)
        if reach is answers.ChannelReach.OK and found.health in _CHECKABLE_PROBLEMS:  # it gets what was held for it
            self._database.run(
                lambda session: channel_health.record_reach(session, place, answers.ChannelReach.OK, now)
            )
            found = self._read_page(page, place, now, reach)
        return found

    def _read_page(
        self, page: int, place: Place, now: datetime, reach: answers.ChannelReach
    ) -> answers.SubscriptionList:
        with self._database.read_only() as session:
            known = self._snapshots.read(session)
            channel = get_channel(session, place, self._default)
            decided = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
            targets = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
            coming = _sort_by_next_reminder(targets, forecast.build_forecast(now, known, channel, decided))
            pages = max(1, -(-len(coming) // PAGE_SIZE))
            shown = min(max(page, 1), pages)
            chosen = dict(coming[(shown - 1) * PAGE_SIZE : shown * PAGE_SIZE])
            watched = subscriptions.list_for_targets(session, place.workspace_id, place.channel_id, tuple(chosen))
            delivered = outbox.get_last_sent(session, place.workspace_id, place.channel_id)
        by_target = {subscription.target: subscription for subscription in watched}
        lines = [_build_line(by_target[t], known, channel, delivered, n) for t, n in chosen.items() if t in by_target]
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


def _set_visibility(channel: Channel, reach: answers.ChannelReach, *, is_public: bool) -> Channel:
    return channel if reach is answers.ChannelReach.UNCHECKED else replace(channel, is_public=is_public)


def _today(now: datetime, channel: Channel) -> date:
    return time_zones.to_local_date(now, channel.schedule.zone)


def _describe_target(
    target: str, snapshot: CatalogueSnapshot, channel: Channel, decided: Sequence[Decision], now: datetime, *, new: bool
) -> answers.SubscribedTarget:
    covered = snapshot.list_covered(target)
    today = _today(now, channel)
    past = tuple((v.name, m.milestone, m.day) for v in covered for m in lifecycle.list_milestones(v) if m.day < today)
    by_hand, unverified = lifecycle.list_overridden_dates(covered), lifecycle.list_unverified_dates(covered)
    return answers.SubscribedTarget(
        target=target,
        is_new=new,
        versions=tuple(v.name for v in covered),
        next_reminder=forecast.find_first(now, covered, channel, decided),
        past_dates=past,
        past_overridden=tuple(each for each in past if each in by_hand),
        past_unverified=tuple(each for each in past if each in unverified),
    )


def _find_overlaps(targets: Sequence[str], before: Sequence[str], snapshot: CatalogueSnapshot) -> tuple[str, ...]:
    """Targets that another target of the channel covers whole."""
    everything = tuple(dict.fromkeys((*before, *targets)))
    covered = {t: {v.name for v in snapshot.list_covered(t)} for t in everything}
    return tuple(t for t in targets if any(covered[t] < covered[other] for other in everything))


def _find_wider_targets(
    snapshot: CatalogueSnapshot, names: Sequence[str], remaining: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """(version, wider target) for versions named whose reminders go on."""
    found: list[tuple[str, str]] = []
    for name in names:
        version = snapshot.find(name)
        wider = [t for t in remaining if version is not None and matching.covers(t, version)]
        found.extend((name, target) for target in wider[:1])
    return tuple(found)


def _build_line(
    subscription: Subscription,
    snapshot: CatalogueSnapshot,
    channel: Channel,
    delivered: dict[str, datetime],
    coming: answers.NextReminder | None,
) -> answers.SubscriptionLine:
    covered = snapshot.list_covered(subscription.target)
    times = [delivered[v.name] for v in covered if v.name in delivered]
    return answers.SubscriptionLine(
        target=subscription.target,
        created_by=subscription.created_by,
        created_on=time_zones.to_local_date(subscription.created_at, channel.schedule.zone),
        versions=tuple(v.name for v in covered),
        next_reminder=coming,
        last_delivered=max(times, default=None),
    )


def _sort_by_next_reminder(
    targets: Sequence[str], ahead: forecast.Forecast
) -> list[tuple[str, answers.NextReminder | None]]:
    """The targets with the next reminder of each; those that have none ahead come last."""
    found = [(target, ahead.get(target)) for target in targets]
    coming = sorted([(n.at, target, n) for target, n in found if n is not None], key=itemgetter(0, 1))
    return [*((target, n) for _, target, n in coming), *((target, None) for target, n in found if n is None)]


class SubscribeForm:
    """What the form for subscribing does."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._subscriptions = Subscriptions(database, snapshots, default)
        self._settings = SettingsEditor(database, snapshots, default)

    def submit(
        self,
        targets: Sequence[str],
        values: Sequence[setting_values.SettingValue],
        place: Place,
        now: datetime,
        *,
        reach: answers.ChannelReach,
        is_public: bool,
    ) -> answers.Answer:
        """Subscribed, on the settings wished; else the answer that says what was not understood."""
        text = " ".join(targets)
        with self._database.transaction() as session:
            meant = resolve.resolve_targets(text, self._snapshots.read(session))
            if not isinstance(meant, tuple):
                return meant
            settings = self._settings.change_in_session(session, values, place, now) if values else None
            if settings is not None and settings.errors:
                return settings
            return self._subscriptions.subscribe_in_session(session, text, place, now, reach=reach, is_public=is_public)
