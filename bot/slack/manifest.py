"""The Slack app manifest: the least scopes, and every address the app needs."""

from typing import Any

from bot.slack.listeners import workspace_events

REQUIRED_SCOPES = ("commands", "chat:write", "channels:read", "groups:read", "users:read")
"""What the bot can't do without: the command, posting, and seeing whether it can post where it is asked to."""

OPTIONAL_SCOPES = {
    "app_mentions:read": "questions in channels and threads by @dlvm",
    "im:history": "questions in a direct message",
    "usergroups:read": "naming user groups that may change subscriptions",
    "channels:history": "looking for a message whose answer was lost, instead of repeating it",
    "groups:history": "the same in private channels",
    "chat:write.public": "reminders in public channels without inviting the bot",
}
"""Each with what it buys; a workspace may decline them."""

EVENTS = (*workspace_events.EVENTS, "app_home_opened", "app_mention", "message.im")
"""All that the bot listens to."""

SHORTCUT_ID = "check_images"
SHORTCUT_NAME = "Check for DLVM images"
"""Slack allows 24 characters."""

DESCRIPTION = "Reminds teams before a Deep Learning VM framework version loses patches or its images go."
LONG_DESCRIPTION = (
    "Google's Deep Learning VM images each carry one minor version of an ML framework, and each version has two dates:"
    " the last day of patches and support, and the last day its images can be used. dlvm knows both, answers how a"
    " version stands, and reminds the channels that subscribe in time: 180, 90, 60, 30, 14, 7, 3 and 1 days before, on"
    " the day, and the day after. Type /dlvm help to begin."
)


def build(url: str | None = None) -> dict[str, Any]:
    """The manifest for an app served at the URL over HTTP, or in Socket Mode without one."""
    address = f"{url.rstrip('/')}/slack/events" if url else None
    command: dict[str, Any] = {
        "command": "/dlvm",
        "description": "How a Deep Learning VM framework version stands, and reminders before its dates",
        "usage_hint": "status pytorch-2.7 | subscribe pytorch-2.7 | list | upcoming | help",
        "should_escape": True,
    }
    interactivity: dict[str, Any] = {"is_enabled": True}
    subscriptions: dict[str, Any] = {"bot_events": sorted(EVENTS)}
    oauth: dict[str, Any] = {
        "scopes": {"bot": [*REQUIRED_SCOPES, *OPTIONAL_SCOPES], "bot_optional": list(OPTIONAL_SCOPES)}
    }
    if url and address:
        command["url"] = interactivity["request_url"] = subscriptions["request_url"] = address
        interactivity["message_menu_options_url"] = address  # what menus ask for while somebody types
        oauth["redirect_urls"] = [f"{url.rstrip('/')}/slack/oauth_redirect"]
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "dlvm",
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "dlvm", "always_online": True},
            "slash_commands": [command],
            "shortcuts": [
                {
                    "name": SHORTCUT_NAME,
                    "type": "message",
                    "callback_id": SHORTCUT_ID,
                    "description": "How the Deep Learning VM images that a message names stand",
                }
            ],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": url is not None,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
