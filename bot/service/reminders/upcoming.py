"""The next dates of the catalogue, and the next reminders of a channel or a workspace."""

from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlmodel import Session

from bot import answers
from bot.service.place import Place, get_today
from bot.service.reminders import forecast, send_time
from bot.service.versions import status
from bot.service.versions.channel_service import ChannelService
from storage import decisions, subscriptions
from storage.facts import DLVM, Channel, FrameworkVersion

MAX_REMINDERS = 10
"""Reminders listed by `upcoming`."""


class UpcomingReminders(ChannelService):
    """Queries about the dates and reminders ahead."""

    def show(self, days: int, place: Place, now: datetime) -> answers.UpcomingDates:
        """Return the dates within a number of days (today and the last day included), and the channel's reminders."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session)
            channel = self._get_channel(session, place)
            targets = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
            subscribed = snapshot.list_covered_by(targets)
            reminders = _list_reminders(session, channel, subscribed, now)
        today = get_today(channel, now)
        dates = status.list_upcoming(today, snapshot, frozenset(version.name for version in subscribed))
        within = [entry for entry in dates if (entry.day - today).days <= days]
        return answers.UpcomingDates(
            day=today,
            zone=channel.schedule.zone,
            within=days,
            dates=tuple(within),
            first_after=dates[len(within)] if len(dates) > len(within) else None,
            reminders=reminders[:MAX_REMINDERS],
            source=snapshot.with_freshness(now).source,
        )

    def find_next_message_time(self, workspace_id: str, now: datetime) -> datetime | None:
        """Return the time of the workspace's next reminder or weekly summary, or None if nothing is ahead."""
        times: list[datetime] = []
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session)
            pairs = subscriptions.list_workspace_targets(session, workspace_id, DLVM)
            for channel_id, group in groupby(pairs, key=itemgetter(0)):
                channel = self._get_channel(session, Place(workspace_id, channel_id))
                covered = snapshot.list_covered_by(target for _, target in group)
                reminders = _list_reminders(session, channel, covered, now)
                times += [reminder.at for reminder in reminders[:1]]
                if channel.weekly:
                    times.append(send_time.find_next_summary_time(channel.schedule, now))
        return min(times, default=None)


def _list_reminders(
    session: Session, channel: Channel, versions: tuple[FrameworkVersion, ...], now: datetime
) -> tuple[answers.NextReminder, ...]:
    channel_decisions = decisions.list_for_channel(session, channel.workspace_id, channel.channel_id)
    return forecast.list_all(now, versions, channel, channel_decisions)
