"""The Slack app manifest: the fewest scopes, and every address the app needs."""

from typing import Any

from bot.slack.listeners import workspace_events

REQUIRED_SCOPES = ("commands", "chat:write", "channels:read", "groups:read", "users:read")
"""The scopes needed to answer the command, post, and check whether dlvm can post in a channel."""

OPTIONAL_SCOPES = {
    "app_mentions:read": "questions in channels and threads by @dlvm",
    "im:history": "questions in a direct message",
    "usergroups:read": "permissions and owners by user group",
    "channels:history": "checking whether an unconfirmed reminder was posted, instead of sending it again",
    "groups:history": "checking whether an unconfirmed reminder was posted in a private channel",
    "chat:write.public": "reminders in public channels without inviting the bot",
}
"""Scopes a workspace can decline, each with what it enables."""

EVENTS = (*workspace_events.EVENTS, "app_home_opened", "app_mention", "message.im")
"""Every event the bot subscribes to."""

SHORTCUT_ID = "check_images"
SHORTCUT_NAME = "Check for DLVM images"
"""Slack allows at most 24 characters."""

DESCRIPTION = (
    "Reminds teams before a Deep Learning VM framework version stops getting patches or its images become unavailable."
)
LONG_DESCRIPTION = (
    "Each of Google's Deep Learning VM images contains one minor version of an ML framework, and each version has two"
    " dates: the last day of patches and support, and the last day you can use its images. dlvm knows both dates, shows"
    " the status of a version, and reminds subscribed channels 180, 90, 60, 30, 14, 7, 3 and 1 days before a date, on"
    " the day, and the day after. Type /dlvm help to get started."
)


def build(url: str | None = None) -> dict[str, Any]:
    """Return the manifest for HTTP at the URL, or for Socket Mode without one."""
    address = f"{url.rstrip('/')}/slack/events" if url else None
    command: dict[str, Any] = {
        "command": "/dlvm",
        "description": "Status of Deep Learning VM framework versions, and reminders before their dates",
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
        interactivity["message_menu_options_url"] = address  # Slack requests menu options here while a person types
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
                    "description": "Status of the Deep Learning VM images named in this message",
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
