"""Who asks from where, and which schedule holds there."""

from collections.abc import Container
from datetime import date, datetime
from functools import cache, lru_cache

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.policy import reminders, time_zones
from storage import channels, workspaces
from storage.facts import Channel, Schedule


class Place(Struct, frozen=True):
    """The channel a question comes from, and the person who asks."""

    workspace_id: str
    channel_id: str
    user_id: str = ""


def channel_at(session: Session, place: Place, default: Schedule) -> Channel:
    """The channel as stored, or as it would be: on its workspace's zone, else on the bot's default schedule."""
    found = channels.find(session, place.workspace_id, place.channel_id)
    if found is not None:
        return found
    workspace = workspaces.find(session, place.workspace_id)
    zone = workspace.zone if workspace is not None and workspace.zone else default.zone
    return Channel(place.workspace_id, place.channel_id, replace(default, zone=zone))


def today_at(channel: Channel, now: datetime) -> date:
    """The local day in the channel's zone."""
    return time_zones.day(now, channel.schedule.zone)


@lru_cache(maxsize=256)
def days_off(schedule: Schedule) -> reminders.DayOff:
    """On which days the schedule wants no reminder: weekdays, and its country's holidays as they are observed."""
    weekly = reminders.weekly(schedule.days_off)
    if not schedule.country:
        return weekly
    public = _holidays(schedule.country)
    return lambda day: weekly(day) or day in public


def countries() -> frozenset[str]:
    """The ISO codes of the countries whose public holidays are known."""
    import holidays  # noqa: PLC0415 - only channels that name a country need it

    return frozenset(holidays.list_supported_countries())


@cache
def _holidays(country: str) -> Container[date]:
    import holidays  # noqa: PLC0415 - the same

    public: Container[date] = holidays.country_holidays(country)  # finds a year's days when one of them is asked for
    return public
