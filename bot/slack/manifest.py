"""The Slack app manifest: the least scopes, and every address the app needs."""

from typing import Any

REQUIRED_SCOPES = ("commands", "chat:write", "channels:read", "groups:read", "users:read")
"""What the bot can't do without: the command, posting, and seeing whether it can post where it is asked to."""

OPTIONAL_SCOPES = {
    "channels:history": "looking for a message whose answer was lost, instead of repeating it",
    "groups:history": "the same in private channels",
    "chat:write.public": "reminders in public channels without inviting the bot",
}
"""Each with what it buys; a workspace may decline them."""

EVENTS = ("app_uninstalled", "tokens_revoked")
"""Events that need no scope of their own."""

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
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    if address:
        command["url"] = interactivity["request_url"] = events["request_url"] = address
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
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "dlvm", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {
            "scopes": {
                "bot": [*REQUIRED_SCOPES, *OPTIONAL_SCOPES],
                "bot_optional": list(OPTIONAL_SCOPES),
            }
        },
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
