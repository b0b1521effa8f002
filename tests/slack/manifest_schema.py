"""What Slack's schema of app manifests, version 2, demands of the parts we use, in a JSON schema of our own.

The facts (keys, lengths, counts, patterns) are those of the schema that Slack publishes as slackapi/manifest-schema.
Every object is closed: a key that Slack does not know is refused.
"""

from typing import Any

Schema = dict[str, Any]


def text(most: int, least: int = 1, **more: object) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most, **more}


def address(most: int) -> Schema:
    return text(most, pattern=r"^https?:\/\/")


def several(of: Schema, most: int, least: int = 0, *, unique: bool = False) -> Schema:
    return {"type": "array", "items": of, "minItems": least, "maxItems": most, "uniqueItems": unique}


def closed(needs: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(needs),
        "properties": properties,
        "additionalProperties": False,
    }


FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
SCOPES = several(text(50, 0), 255)
EVENTS = several(text(50, 0), 100, unique=True)

MANIFEST = closed(
    ("display_information",),
    _metadata=closed(schema_version=WHOLE, min_version=WHOLE, major_version=WHOLE, minor_version=WHOLE),
    display_information=closed(
        ("name",),
        name=text(35),
        description=text(140),
        background_color=text(7, 4, pattern="^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"),
        long_description=text(4_000, 175),
    ),
    features=closed(
        app_home=closed(home_tab_enabled=FLAG, messages_tab_enabled=FLAG, messages_tab_read_only_enabled=FLAG),
        bot_user=closed(("display_name",), display_name=text(80), always_online=FLAG),
        shortcuts=several(
            closed(
                ("name", "type", "callback_id", "description"),
                name=text(24),
                type={"enum": ["message", "global"]},
                callback_id=text(255),
                description=text(150),
            ),
            10,
            1,
        ),
        slash_commands=several(
            closed(
                ("command", "description"),
                command=text(32, 2, pattern=r"^\/"),
                url=address(3_000),
                description=text(2_000),
                usage_hint=text(1_000),
                should_escape=FLAG,
            ),
            50,
            1,
        ),
    ),
    oauth_config=closed(
        redirect_urls=several(text(2_500, 0), 1_000, unique=True),
        scopes=closed(user=SCOPES, bot=SCOPES, user_optional=SCOPES, bot_optional=SCOPES),
        token_management_enabled=FLAG,
        pkce_enabled=FLAG,
    ),
    settings=closed(
        event_subscriptions=closed(request_url=address(3_500), user_events=EVENTS, bot_events=EVENTS),
        interactivity=closed(
            ("is_enabled",), is_enabled=FLAG, request_url=address(3_500), message_menu_options_url=address(3_500)
        ),
        org_deploy_enabled=FLAG,
        socket_mode_enabled=FLAG,
        token_rotation_enabled=FLAG,
    ),
)
