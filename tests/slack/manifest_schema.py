"""A JSON schema for the parts of app manifests, version 2, that dlvm uses.

Keys, lengths, counts and patterns are those of the schema that Slack publishes as slackapi/manifest-schema. Objects
reject keys that Slack doesn't know.
"""

from typing import Any

Schema = dict[str, Any]


def build_string(max_length: int, min_length: int = 1, **more: object) -> Schema:
    return {"type": "string", "minLength": min_length, "maxLength": max_length, **more}


def build_url(max_length: int) -> Schema:
    return build_string(max_length, pattern=r"^https?:\/\/")


def build_array(items: Schema, max_items: int, min_items: int = 0, *, unique: bool = False) -> Schema:
    return {"type": "array", "items": items, "minItems": min_items, "maxItems": max_items, "uniqueItems": unique}


def build_object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


BOOLEAN: Schema = {"type": "boolean"}
INTEGER: Schema = {"type": "integer"}
SCOPES = build_array(build_string(50, 0), 255)
EVENTS = build_array(build_string(50, 0), 100, unique=True)

MANIFEST = build_object(
    ("display_information",),
    _metadata=build_object(schema_version=INTEGER, min_version=INTEGER, major_version=INTEGER, minor_version=INTEGER),
    display_information=build_object(
        ("name",),
        name=build_string(35),
        description=build_string(140),
        background_color=build_string(7, 4, pattern="^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"),
        long_description=build_string(4_000, 175),
    ),
    features=build_object(
        app_home=build_object(
            home_tab_enabled=BOOLEAN, messages_tab_enabled=BOOLEAN, messages_tab_read_only_enabled=BOOLEAN
        ),
        bot_user=build_object(("display_name",), display_name=build_string(80), always_online=BOOLEAN),
        shortcuts=build_array(
            build_object(
                ("name", "type", "callback_id", "description"),
                name=build_string(24),
                type={"enum": ["message", "global"]},
                callback_id=build_string(255),
                description=build_string(150),
            ),
            10,
            1,
        ),
        slash_commands=build_array(
            build_object(
                ("command", "description"),
                command=build_string(32, 2, pattern=r"^\/"),
                url=build_url(3_000),
                description=build_string(2_000),
                usage_hint=build_string(1_000),
                should_escape=BOOLEAN,
            ),
            50,
            1,
        ),
    ),
    oauth_config=build_object(
        redirect_urls=build_array(build_string(2_500, 0), 1_000, unique=True),
        scopes=build_object(user=SCOPES, bot=SCOPES, user_optional=SCOPES, bot_optional=SCOPES),
        token_management_enabled=BOOLEAN,
        pkce_enabled=BOOLEAN,
    ),
    settings=build_object(
        event_subscriptions=build_object(request_url=build_url(3_500), user_events=EVENTS, bot_events=EVENTS),
        interactivity=build_object(
            ("is_enabled",), is_enabled=BOOLEAN, request_url=build_url(3_500), message_menu_options_url=build_url(3_500)
        ),
        org_deploy_enabled=BOOLEAN,
        socket_mode_enabled=BOOLEAN,
        token_rotation_enabled=BOOLEAN,
    ),
)
