"""Who asks from where, and which schedule holds there."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.policy import reminders
from storage import subscriptions, workspaces
from storage.facts import Channel, Schedule


@dataclass(frozen=True, slots=True)
class Place:
    """The channel a question comes from, and the person who asks."""

    workspace_id: str
    channel_id: str
    user_id: str = ""


def channel_at(session: Session, place: Place, default: Schedule) -> Channel:
    """The channel as stored, or as it would be: on its workspace's zone, else on the bot's default schedule."""
    found = subscriptions.find_channel(session, place.workspace_id, place.channel_id)
    if found is not None:
        return found
    workspace = workspaces.find(session, place.workspace_id)
    zone = workspace.zone if workspace is not None and workspace.zone else default.zone
    return Channel(place.workspace_id, place.channel_id, replace(default, zone=zone))


def days_off(schedule: Schedule) -> reminders.DayOff:
    """On which days the schedule wants no reminder."""
    return reminders.weekly(schedule.days_off)
