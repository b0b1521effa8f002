"""Channels, people and user groups as the Web API returns them."""

from bot.sandbox import sample_workspace
from bot.sandbox.models import Channel, Json, SlackError
from bot.sandbox.workspace import Workspace


def build_channel_payload(channel: Channel) -> Json:
    """Build a channel object."""
    return {
        "id": channel.channel_id,
        "name": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private and not channel.is_im,
        "is_im": channel.is_im,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": sample_workspace.BOT_USER_ID in channel.members,
        "is_ext_shared": False,
        "topic": {"value": channel.topic},
        "num_members": len(channel.members),
    }


def get_user(workspace: Workspace, arguments: Json) -> Json:
    """Handle users.info."""
    person = workspace.people.get(str(arguments.get("user", "")))
    if person is None:
        raise SlackError("user_not_found")
    return {
        "user": {
            "id": person.user_id,
            "team_id": sample_workspace.TEAM_ID,
            "name": person.handle,
            "real_name": person.name,
            "tz": person.time_zone,
            "is_bot": person.is_bot,
            "is_restricted": person.is_guest,
            "is_admin": person.user_id == sample_workspace.DEFAULT_ACTOR,
        }
    }


def list_user_channels(workspace: Workspace, arguments: Json) -> Json:
    """Handle users.conversations. Private channels are listed only if the bot is a member too."""
    person = str(arguments.get("user") or sample_workspace.BOT_USER_ID)
    if person not in workspace.people:
        raise SlackError("user_not_found")
    types = str(arguments.get("types") or "public_channel").split(",")
    exclude_archived = str(arguments.get("exclude_archived", "")).lower() in {"1", "true"}
    channels = [
        channel
        for channel in workspace.channels.values()
        if person in channel.members and _get_channel_type(channel) in types
        if sample_workspace.BOT_USER_ID in channel.members or not channel.is_private
        if not (channel.is_archived and exclude_archived)
    ]
    start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
    next_cursor = str(start + limit) if len(channels) > start + limit else ""
    page = [build_channel_payload(channel) for channel in channels[start : start + limit]]
    return {"channels": page, "response_metadata": {"next_cursor": next_cursor}}


def list_user_groups(_: Workspace, __: Json) -> Json:
    """Handle usergroups.list."""
    groups = [
        {"id": group.group_id, "handle": group.handle, "name": group.name}
        | {"team_id": sample_workspace.TEAM_ID, "date_delete": 0}
        for group in sample_workspace.USER_GROUPS
    ]
    return {"usergroups": groups}


def list_group_members(_: Workspace, arguments: Json) -> Json:
    """Handle usergroups.users.list."""
    group_id = arguments.get("usergroup")
    group = next((group for group in sample_workspace.USER_GROUPS if group.group_id == group_id), None)
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _get_channel_type(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"
