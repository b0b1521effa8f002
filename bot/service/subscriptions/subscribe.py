"""Subscribing, unsubscribing, and the list of a channel's subscriptions."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle, time_zones
from bot.policy.versions import covers
from bot.service.decisions.records import reopen_migrated
from bot.service.place import Place, get_today
from bot.service.reminders import forecast
from bot.service.subscriptions.setting_table import SettingValue
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.targets import add_targets, remove_targets
from bot.service.versions import resolve
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from bot.service.workspaces import channel_health
from storage import channels, decisions, outbox, subscriptions
from storage.database import Database
from storage.facts import Channel, Decision, Health, Schedule, Subscription

PAGE_SIZE = 15
"""Subscriptions on a page of the list."""

_CHECKABLE_PROBLEMS = (Health.NEEDS_INVITE, Health.ARCHIVED, Health.UNREACHABLE)
"""Problems that Slack's description of the channel can show to be over.

Only a post can show that a workspace rule was lifted.
"""


class Subscriptions(ChannelService):
    """Subscribes and unsubscribes channels, and lists their subscriptions."""

    def subscribe(
        self, text: str, place: Place, now: datetime, *, reach: answers.ChannelReach, is_public: bool
    ) -> answers.Answer:
        """Subscribe the channel to every target in the text, or to none if one is unknown."""
        return self._database.run(
            lambda session: self.subscribe_in_session(session, text, place, now, reach=reach, is_public=is_public)
        )

    def subscribe_in_session(
        self, session: Session, text: str, place: Place, now: datetime, *, reach: answers.ChannelReach, is_public: bool
    ) -> answers.Answer:
        """Do what `subscribe` does, in a transaction of the caller."""
        snapshot = self._snapshots.read(session)
        targets = resolve.resolve_targets(text, snapshot)
        if not isinstance(targets, tuple):
            return targets
        channel = self._get_channel(session, place)
        if reach is not answers.ChannelReach.UNCHECKED:
            channel = replace(channel, is_public=is_public)
        channels.save(session, channel, now)
        channel_health.record_reach(session, place, reach, now)
        before = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
        new = add_targets(session, targets, place, now)
        reopen_migrated(session, place, targets, now)
        channel_decisions = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
        described = tuple(
            _describe_target(target, snapshot, channel, channel_decisions, now, is_new=target in new)
            for target in targets
        )
        day, schedule = get_today(channel, now), channel.schedule
        overlaps = _find_overlaps(targets, before, snapshot)
        return answers.Subscribed(day, schedule.zone, described, overlaps, reach, schedule.hour)

    def unsubscribe(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Unsubscribe the channel from every target in the text, or from none if one is unknown."""
        return self._database.run(lambda session: self._unsubscribe(session, text, place, now))

    def _unsubscribe(self, session: Session, text: str, place: Place, now: datetime) -> answers.Answer:
        snapshot = self._snapshots.read(session)
        present = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
        resolved = resolve.resolve_subscribed_targets(text, snapshot, present)
        if not isinstance(resolved, tuple):
            return resolved
        removed, missing = resolved
        remove_targets(session, removed, self._get_channel(session, place), snapshot, place, now)
        remaining = tuple(target for target in present if target not in removed)
        still_covered = _find_wider_targets(snapshot, (*removed, missing), remaining)
        return answers.Unsubscribed(removed, (missing,) if missing else (), still_covered, len(remaining))

    def reopen_if_reachable(self, place: Place, now: datetime, *, reach: answers.ChannelReach) -> None:
        """Release the held reminders of a paused channel if Slack shows that it is open again."""
        if reach is not answers.ChannelReach.OK:
            return
        with self._database.read_only() as session:
            channel = self._get_channel(session, place)
        if channel.health in _CHECKABLE_PROBLEMS:
            self._database.run(lambda session: channel_health.record_reach(session, place, reach, now))

    def list_page(
        self, page: int, place: Place, now: datetime, *, reach: answers.ChannelReach
    ) -> answers.SubscriptionList:
        """Return a page of the channel's subscriptions, soonest reminder first. Past the end it is the last page."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session)
            channel = self._get_channel(session, place)
            channel_decisions = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
            targets = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
            channel_forecast = forecast.build_forecast(now, snapshot, channel, channel_decisions)
            reminders = _sort_by_next_reminder(targets, channel_forecast)
            pages = max(1, -(-len(targets) // PAGE_SIZE))
            page = min(max(page, 1), pages)
            shown = dict(reminders[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
            rows = subscriptions.list_for_targets(session, place.workspace_id, place.channel_id, tuple(shown))
            last_sent = outbox.get_last_sent(session, place.workspace_id, place.channel_id)
        by_target = {row.target: row for row in rows}
        return answers.SubscriptionList(
            day=get_today(channel, now),
            zone=channel.schedule.zone,
            lines=tuple(
                _build_line(by_target[target], snapshot, channel, last_sent, next_reminder)
                for target, next_reminder in shown.items()
                if target in by_target
            ),
            page=page,
            pages=pages,
            total=len(targets),
            reach=reach,
            health=channel.health,
            health_since=channel.health_since.date() if channel.health_since else None,
            health_reason=channel.health_reason,
        )


class SubscribeForm(ChannelService):
    """Submits the subscribe form: subscriptions and settings together, all or nothing."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        super().__init__(database, snapshots, default)
        self._subscriptions = Subscriptions(database, snapshots, default)
        self._settings = SettingsEditor(database, snapshots, default)

    def submit(
        self,
        targets: Sequence[str],
        values: Sequence[SettingValue],
        place: Place,
        now: datetime,
        *,
        reach: answers.ChannelReach,
        is_public: bool,
    ) -> answers.Answer:
        """Apply the settings and subscribe the channel. If anything is invalid, return the answer that says so."""
        text = " ".join(targets)

        def work(session: Session) -> answers.Answer:
            resolved = resolve.resolve_targets(text, self._snapshots.read(session))
            if not isinstance(resolved, tuple):
                return resolved
            settings = self._settings.change_in_session(session, values, place, now) if values else None
            if settings is not None and settings.errors:
                return settings
            return self._subscriptions.subscribe_in_session(session, text, place, now, reach=reach, is_public=is_public)

        return self._database.run(work)


def _describe_target(
    target: str,
    snapshot: CatalogueSnapshot,
    channel: Channel,
    channel_decisions: Sequence[Decision],
    now: datetime,
    *,
    is_new: bool,
) -> answers.SubscribedTarget:
    versions = snapshot.list_covered(target)
    today = get_today(channel, now)
    past = tuple((v.name, m.milestone, m.day) for v in versions for m in lifecycle.list_milestones(v) if m.day < today)
    overridden, unverified = lifecycle.list_overridden_dates(versions), lifecycle.list_unverified_dates(versions)
    names = tuple(version.name for version in versions)
    next_reminder = forecast.find_first(now, versions, channel, channel_decisions)
    past_overridden = tuple(date for date in past if date in overridden)
    past_unverified = tuple(date for date in past if date in unverified)
    return answers.SubscribedTarget(target, is_new, names, next_reminder, past, past_overridden, past_unverified)


def _find_overlaps(targets: Sequence[str], before: Sequence[str], snapshot: CatalogueSnapshot) -> tuple[str, ...]:
    """Return the targets whose versions another target of the channel covers, along with more."""
    everything = tuple(dict.fromkeys((*before, *targets)))
    covered = {target: {version.name for version in snapshot.list_covered(target)} for target in everything}
    return tuple(target for target in targets if any(covered[target] < covered[other] for other in everything))


def _find_wider_targets(
    snapshot: CatalogueSnapshot, names: Sequence[str], remaining: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return (version, remaining target that covers it) for each named version that is still subscribed."""
    versions = [version for version in map(snapshot.find, names) if version is not None]
    wider = ((v.name, next((target for target in remaining if covers(target, v)), None)) for v in versions)
    return tuple((name, target) for name, target in wider if target is not None)


def _build_line(
    subscription: Subscription,
    snapshot: CatalogueSnapshot,
    channel: Channel,
    last_sent: dict[str, datetime],
    next_reminder: answers.NextReminder | None,
) -> answers.SubscriptionLine:
    versions = snapshot.list_covered(subscription.target)
    created_on = time_zones.to_local_date(subscription.created_at, channel.schedule.zone)
    names = tuple(version.name for version in versions)
    last_delivered = max((last_sent[name] for name in names if name in last_sent), default=None)
    target, created_by = subscription.target, subscription.created_by
    return answers.SubscriptionLine(target, created_by, created_on, names, next_reminder, last_delivered)


def _sort_by_next_reminder(
    targets: Sequence[str], channel_forecast: forecast.Forecast
) -> list[tuple[str, answers.NextReminder | None]]:
    """Return (target, next reminder), soonest first. Targets without a next reminder come last."""
    pairs = [(target, channel_forecast.get(target)) for target in targets]
    upcoming = sorted([(r.at, target, r) for target, r in pairs if r is not None], key=itemgetter(0, 1))
    return [*((target, r) for _, target, r in upcoming), *((target, r) for target, r in pairs if r is None)]
