"""The channel and the person a request comes from, or a message goes to."""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.policy import time_zones
from storage import channels, workspaces
from storage.facts import DLVM, Channel, Health, MessageKind, Reminder, Schedule


class Place(Struct, frozen=True):
    """A channel of a workspace, and the person who acts there, if any."""

    workspace_id: str
    channel_id: str
    user_id: str = ""


def get_channel(session: Session, place: Place, default: Schedule) -> Channel:
    """Return the stored channel, or one with default settings if none is stored.

    The default schedule takes the workspace's time zone, if that is known.
    """
    channel = channels.find(session, place.workspace_id, place.channel_id)
    if channel is not None:
        return channel
    workspace = workspaces.find(session, place.workspace_id)
    zone = workspace.zone if workspace is not None and workspace.zone else default.zone
    return Channel(place.workspace_id, place.channel_id, replace(default, zone=zone))


def build_notice(place: Place, day: date, kind: MessageKind, subject: str, health: Health | None = None) -> Reminder:
    """Return the outbox entry of a message to a channel or a person that is about no version."""
    return Reminder(place.workspace_id, place.channel_id, DLVM, "", None, day, 0, kind, subject, health)


def get_today(channel: Channel, now: datetime) -> date:
    """Return the local date in the channel's time zone."""
    return time_zones.to_local_date(now, channel.schedule.zone)
