"""The Web API methods that the bot calls, on the local workspace.

A method rejects unknown arguments, and raises SlackError with Slack's error code. Each one is documented under
docs.slack.dev/reference/methods.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import sample_workspace
from bot.sandbox.block_kit import validate
from bot.sandbox.models import Channel, Json, Message, SlackError
from bot.sandbox.web_api import payloads, views
from bot.sandbox.web_api.payloads import build_channel_payload
from bot.sandbox.workspace import Workspace, assign_ids

SCOPES = (
    "commands,chat:write,channels:read,groups:read,users:read,usergroups:read,channels:history,groups:history,"
    "app_mentions:read,im:history,im:write"
)
_POST_ARGUMENTS = "channel text blocks metadata thread_ts unfurl_links unfurl_media reply_broadcast"
_PAGING_ARGUMENTS = "limit cursor team_id"
_HISTORY_ARGUMENTS = f"channel oldest latest inclusive include_all_metadata {_PAGING_ARGUMENTS}"

Handler = Callable[[Workspace, Json], Json]


def call(workspace: Workspace, method: str, arguments: Mapping[str, Any]) -> Json:
    """Return Slack's response to a call, including `ok`. Raise SlackError if Slack would reject it."""
    if method not in METHODS:
        raise SlackError("unknown_method", req_method=method)
    handle, known = METHODS[method]
    unknown = sorted(set(arguments) - {*known.split(), "token"})
    if unknown:
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"unknown: {', '.join(unknown)}"]})
    rejection = validate.find_rejection(method, arguments)
    if rejection is not None:
        raise SlackError(rejection.error, response_metadata={"messages": list(rejection.messages)})
    return {"ok": True, **handle(workspace, dict(arguments))}


def _auth_test(_: Workspace, __: Json) -> Json:
    return {
        "url": f"https://{sample_workspace.TEAM_DOMAIN}.sandbox/",
        "team": sample_workspace.TEAM_NAME,
        "team_id": sample_workspace.TEAM_ID,
        "user": "dlvm",
        "user_id": sample_workspace.BOT_USER_ID,
        "bot_id": sample_workspace.BOT_ID,
        "is_enterprise_install": False,
    }


def _team_info(_: Workspace, __: Json) -> Json:
    team = {"id": sample_workspace.TEAM_ID, "name": sample_workspace.TEAM_NAME, "domain": sample_workspace.TEAM_DOMAIN}
    return {"team": team}


def _get_channel(workspace: Workspace, arguments: Json) -> Channel:
    """Return the channel, if the bot can see it: private channels without the bot aren't found."""
    channel = workspace.channels.get(str(arguments.get("channel", "")))
    if channel is None or (channel.is_private and sample_workspace.BOT_USER_ID not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def _get_active_channel(workspace: Workspace, arguments: Json) -> Channel:
    """Return the channel, or the direct message if a person's ID is given, unless it is archived."""
    channel_id = str(arguments.get("channel", ""))
    channel = _get_channel(workspace, {"channel": sample_workspace.DIRECT_MESSAGES.get(channel_id, channel_id)})
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def _get_writable_channel(workspace: Workspace, arguments: Json) -> Channel:
    channel = _get_active_channel(workspace, arguments)
    if sample_workspace.BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _post_message(workspace: Workspace, arguments: Json) -> Json:
    channel = _get_writable_channel(workspace, arguments)
    message = workspace.post_message(
        channel,
        sample_workspace.BOT_USER_ID,
        str(arguments["text"]),
        blocks=arguments.get("blocks") or [],
        metadata=arguments.get("metadata"),
        thread_ts=str(arguments.get("thread_ts") or ""),
    )
    return {"channel": channel.channel_id, "ts": message.ts, "message": _build_message_payload(message)}


def _post_ephemeral(workspace: Workspace, arguments: Json) -> Json:
    channel = _get_writable_channel(workspace, arguments)
    if arguments.get("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks, user = str(arguments["text"]), arguments.get("blocks") or [], str(arguments["user"])
    message = workspace.post_message(channel, sample_workspace.BOT_USER_ID, text, blocks=blocks, only_for=user)
    return {"message_ts": message.ts}


def _get_own_message(workspace: Workspace, arguments: Json, error_code: str) -> tuple[Channel, Message]:
    channel = _get_channel(workspace, arguments)
    message = workspace.find_message(channel, str(arguments.get("ts", "")))
    if message is None or message.only_for:
        raise SlackError("message_not_found")
    if message.author != sample_workspace.BOT_USER_ID:
        raise SlackError(error_code)
    return channel, message


def _update_message(workspace: Workspace, arguments: Json) -> Json:
    channel, message = _get_own_message(workspace, arguments, "cant_update_message")
    message.text = str(arguments["text"])
    message.blocks = assign_ids(arguments.get("blocks") or [])
    message.edited_ts = workspace.create_ts()
    workspace.mark_changed()
    return {"channel": channel.channel_id, "ts": message.ts, "text": message.text}


def _delete_message(workspace: Workspace, arguments: Json) -> Json:
    channel, message = _get_own_message(workspace, arguments, "cant_delete_message")
    workspace.remove_message(channel, message)
    return {"channel": channel.channel_id, "ts": message.ts}


def _get_channel_info(workspace: Workspace, arguments: Json) -> Json:
    return {"channel": build_channel_payload(_get_channel(workspace, arguments))}


def _list_channels(workspace: Workspace, _: Json) -> Json:
    visible = [c for c in workspace.channels.values() if not c.is_private or sample_workspace.BOT_USER_ID in c.members]
    return {"channels": [build_channel_payload(c) for c in visible], "response_metadata": {"next_cursor": ""}}


def _get_history(workspace: Workspace, arguments: Json) -> Json:
    channel = _get_channel(workspace, arguments)
    if sample_workspace.BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    oldest = float(arguments.get("oldest") or 0)
    public = [m for m in channel.messages if not m.only_for and float(m.ts) > oldest]
    with_metadata = str(arguments.get("include_all_metadata", "")).lower() in {"1", "true"}
    messages = [
        _build_message_payload(m) if with_metadata else {**_build_message_payload(m), "metadata": None}
        for m in reversed(public)
    ]
    return {"messages": messages[: int(arguments.get("limit") or 100)], "has_more": False}


def _build_message_payload(message: Message) -> Json:
    payload: Json = {"type": "message", "user": message.author, "text": message.text, "ts": message.ts}
    payload |= {"bot_id": sample_workspace.BOT_ID} if message.author == sample_workspace.BOT_USER_ID else {}
    return payload | {"blocks": message.blocks, "metadata": message.metadata}


def _join_channel(workspace: Workspace, arguments: Json) -> Json:
    channel = _get_active_channel(workspace, arguments)
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if sample_workspace.BOT_USER_ID not in channel.members:
        channel.members.append(sample_workspace.BOT_USER_ID)
        workspace.post_notice(channel, sample_workspace.BOT_USER_ID, "joined the channel")
    return {"channel": build_channel_payload(channel)}


def _open_direct_message(_: Workspace, arguments: Json) -> Json:
    channel_id = sample_workspace.DIRECT_MESSAGES.get(str(arguments.get("users")))
    if channel_id is None:
        raise SlackError("user_not_found")
    return {"channel": {"id": channel_id}}


METHODS: dict[str, tuple[Handler, str]] = {
    "auth.test": (_auth_test, ""),
    "team.info": (_team_info, "team"),
    "chat.postMessage": (_post_message, _POST_ARGUMENTS),
    "chat.postEphemeral": (_post_ephemeral, f"user {_POST_ARGUMENTS}"),
    "chat.update": (_update_message, "channel ts text blocks metadata"),
    "chat.delete": (_delete_message, "channel ts"),
    "conversations.info": (_get_channel_info, "channel include_num_members include_locale"),
    "conversations.list": (_list_channels, f"types exclude_archived {_PAGING_ARGUMENTS}"),
    "conversations.history": (_get_history, _HISTORY_ARGUMENTS),
    "conversations.join": (_join_channel, "channel"),
    "conversations.open": (_open_direct_message, "users return_im"),
    "users.info": (payloads.get_user, "user include_locale"),
    "users.conversations": (payloads.list_user_channels, f"user types exclude_archived {_PAGING_ARGUMENTS}"),
    "usergroups.list": (payloads.list_user_groups, "include_count include_disabled include_users team_id"),
    "usergroups.users.list": (payloads.list_group_members, "usergroup include_disabled team_id"),
    "views.open": (views.open_view, "trigger_id view"),
    "views.push": (views.push_view, "trigger_id view"),
    "views.update": (views.update_view, "view_id external_id hash view"),
    "views.publish": (views.publish_home, "user_id hash view"),
}
"""Handler and arguments of each method."""
