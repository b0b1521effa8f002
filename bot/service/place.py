"""Who asks from where, and which schedule holds there."""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.policy import time_zones
from storage import channels, workspaces
from storage.facts import Channel, Schedule


class Place(Struct, frozen=True):
    """The channel a question comes from, and the person who asks."""

    workspace_id: str
    channel_id: str
    user_id: str = ""


def get_channel(session: Session, place: Place, default: Schedule) -> Channel:
    """The channel as stored, or as it would be: on its workspace's zone, else on the bot's default schedule."""
    found = channels.find(session, place.workspace_id, place.channel_id)
    if found is not None:
        return found
    workspace = workspaces.find(session, place.workspace_id)
    zone = workspace.zone if workspace is not None and workspace.zone else default.zone
    return Channel(place.workspace_id, place.channel_id, replace(default, zone=zone))


def get_today(channel: Channel, now: datetime) -> date:
    """The local day in the channel's zone."""
    return time_zones.to_local_date(now, channel.schedule.zone)
