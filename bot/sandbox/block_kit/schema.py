"""Schemas of Block Kit objects: their fields and limits, and the page of docs.slack.dev that documents them.

The schemas are stricter than Slack in three ways. An option's value has at most 75 characters, as in Slack's own types
(150 in its Python SDK). Undocumented fields are rejected, and so are blocks that dlvm doesn't use.
"""

from collections.abc import Mapping

from bot.sandbox.block_kit.types import (
    Array,
    Boolean,
    Choice,
    Integer,
    Object,
    ObjectSchema,
    String,
    TextObject,
    ValueType,
)

_BLOCKS = "/reference/block-kit/blocks/"
_ELEMENTS = "/reference/block-kit/block-elements/"
_OBJECTS = "/reference/block-kit/composition-objects/"

Fields = Mapping[str, ValueType]

TEXT_TYPES = ("plain_text", "mrkdwn")
ID = String(255)
TEXT = TextObject(3_000, TEXT_TYPES)
OPTION = Object(("option",))
OPTIONS = Array(OPTION, 100)
TEN_OPTIONS = Array(OPTION, 10)
IDS = Array(String(30), 100)
DATE = String(10, 10)
TIME = String(5, 5)

MESSAGE_BLOCKS = ("section", "header", "divider", "context", "actions", "image", "rich_text")
VIEW_BLOCKS = (*MESSAGE_BLOCKS, "input")

_CONFIRM_FIELDS: Fields = {"confirm": Object(("confirm",))}
_ACTION_FIELDS: Fields = {"action_id": ID, **_CONFIRM_FIELDS}
_INPUT_FIELDS: Fields = {"action_id": ID, "focus_on_load": Boolean()}
_MENU_FIELDS: Fields = {**_ACTION_FIELDS, **_INPUT_FIELDS, "placeholder": TextObject(150)}
_STATIC_MENU_FIELDS: Fields = {
    **_MENU_FIELDS,
    "options": OPTIONS,
    "option_groups": Array(Object(("option_group",)), 100),
}
_MULTI_SELECT_FIELDS: Fields = {"max_selected_items": Integer(1, 100)}
_TEXT_INPUT_FIELDS: Fields = {
    **_INPUT_FIELDS,
    "placeholder": TextObject(150),
    "dispatch_action_config": Object(("dispatch",)),
}
_QUERY_FIELDS: Fields = {"min_query_length": Integer(0, 100)}

MENUS: Mapping[str, Fields] = {
    "static_select": {**_STATIC_MENU_FIELDS, "initial_option": OPTION},
    "multi_static_select": {**_STATIC_MENU_FIELDS, **_MULTI_SELECT_FIELDS, "initial_options": OPTIONS},
    "external_select": {**_MENU_FIELDS, **_QUERY_FIELDS, "initial_option": OPTION},
    "multi_external_select": {**_MENU_FIELDS, **_QUERY_FIELDS, **_MULTI_SELECT_FIELDS, "initial_options": OPTIONS},
    "users_select": {**_MENU_FIELDS, "initial_user": String(30)},
    "multi_users_select": {**_MENU_FIELDS, **_MULTI_SELECT_FIELDS, "initial_users": IDS},
    "conversations_select": {
        **_MENU_FIELDS,
        "initial_conversation": String(30),
        "default_to_current_conversation": Boolean(),
        "response_url_enabled": Boolean(),
        "filter": Object(("filter",)),
    },
    "multi_conversations_select": {
        **_MENU_FIELDS,
        **_MULTI_SELECT_FIELDS,
        "initial_conversations": IDS,
        "default_to_current_conversation": Boolean(),
        "filter": Object(("filter",)),
    },
    "channels_select": {**_MENU_FIELDS, "initial_channel": String(30), "response_url_enabled": Boolean()},
    "multi_channels_select": {**_MENU_FIELDS, **_MULTI_SELECT_FIELDS, "initial_channels": IDS},
}
PICKERS: Mapping[str, Fields] = {
    "datepicker": {**_MENU_FIELDS, "initial_date": DATE},
    "timepicker": {**_MENU_FIELDS, "initial_time": TIME, "timezone": String(60)},
}
CHOICES = ("checkboxes", "radio_buttons")
TEXT_INPUTS = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
BUTTONS = ("button", "overflow")

ACTIONS_ELEMENTS = (*BUTTONS, *MENUS, *PICKERS, *CHOICES)
SECTION_ACCESSORIES = (*ACTIONS_ELEMENTS, "image")
INPUT_ELEMENTS = (*MENUS, *PICKERS, *CHOICES, *TEXT_INPUTS)

_STYLE_FIELDS: Fields = {"style": Object(("style",))}
_RICH_TEXT_ELEMENTS = Array(
    Object(("text", "link", "emoji", "user", "channel", "usergroup", "broadcast", "date")), 1_000
)
_RICH_TEXT_PARTS = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")


def _build_menu_schemas(menus: Mapping[str, Fields]) -> dict[str, ObjectSchema]:
    """Build the schemas of menus or pickers, which have only optional fields."""
    return {
        menu_type: ObjectSchema(f"{_ELEMENTS}{menu_type.replace('_', '-')}-element", {}, fields)
        for menu_type, fields in menus.items()
    }


SCHEMAS: Mapping[str, ObjectSchema] = {
    # Messages and views
    "message": ObjectSchema(
        "/reference/methods/chat.postMessage", {"text": String(40_000)}, {"blocks": Array(Object(MESSAGE_BLOCKS), 50)}
    ),
    "modal": ObjectSchema(
        "/reference/views/modal-views",
        {"title": TextObject(24), "blocks": Array(Object(VIEW_BLOCKS), 100)},
        {
            "submit": TextObject(24),
            "close": TextObject(24),
            "private_metadata": String(3_000, 0),
            "callback_id": ID,
            "external_id": ID,
            "clear_on_close": Boolean(),
            "notify_on_close": Boolean(),
            "submit_disabled": Boolean(),
        },
    ),
    "home": ObjectSchema(
        "/reference/views/home-tab-views",
        {"blocks": Array(Object(VIEW_BLOCKS), 100)},
        {"private_metadata": String(3_000, 0), "callback_id": ID, "external_id": ID},
    ),
    # Blocks
    "section": ObjectSchema(
        _BLOCKS + "section-block",
        {},
        {
            "text": TEXT,
            "fields": Array(TextObject(2_000, TEXT_TYPES), 10),
            "accessory": Object(SECTION_ACCESSORIES),
            "expand": Boolean(),
            "block_id": ID,
        },
    ),
    "header": ObjectSchema(_BLOCKS + "header-block", {"text": TextObject(150)}, {"block_id": ID}),
    "divider": ObjectSchema(_BLOCKS + "divider-block", {}, {"block_id": ID}),
    "context": ObjectSchema(
        _BLOCKS + "context-block", {"elements": Array(Object((*TEXT_TYPES, "image")), 10)}, {"block_id": ID}
    ),
    "actions": ObjectSchema(
        _BLOCKS + "actions-block", {"elements": Array(Object(ACTIONS_ELEMENTS), 25)}, {"block_id": ID}
    ),
    "input": ObjectSchema(
        _BLOCKS + "input-block",
        {"label": TextObject(2_000), "element": Object(INPUT_ELEMENTS)},
        {"hint": TextObject(2_000), "optional": Boolean(), "dispatch_action": Boolean(), "block_id": ID},
    ),
    "image": ObjectSchema(
        _BLOCKS + "image-block",
        {"alt_text": String(2_000), "image_url": String(3_000)},
        {"title": TextObject(2_000), "block_id": ID},
    ),
    "rich_text": ObjectSchema(
        _BLOCKS + "rich-text-block", {"elements": Array(Object(_RICH_TEXT_PARTS), 100)}, {"block_id": ID}
    ),
    # Parts of rich text
    "rich_text_section": ObjectSchema(_BLOCKS + "rich-text-block", {"elements": _RICH_TEXT_ELEMENTS}),
    "rich_text_quote": ObjectSchema(
        _BLOCKS + "rich-text-block", {"elements": _RICH_TEXT_ELEMENTS}, {"border": Integer(0, 1)}
    ),
    "rich_text_preformatted": ObjectSchema(
        _BLOCKS + "rich-text-block", {"elements": _RICH_TEXT_ELEMENTS}, {"border": Integer(0, 1)}
    ),
    "rich_text_list": ObjectSchema(
        _BLOCKS + "rich-text-block",
        {"style": Choice(("bullet", "ordered")), "elements": Array(Object(("rich_text_section",)), 100)},
        {"indent": Integer(0, 8), "offset": Integer(0, 10_000), "border": Integer(0, 1)},
    ),
    "text": ObjectSchema(_BLOCKS + "rich-text-block", {"text": String(3_000)}, _STYLE_FIELDS),
    "link": ObjectSchema(
        _BLOCKS + "rich-text-block",
        {"url": String(3_000)},
        {"text": String(3_000), "unsafe": Boolean(), **_STYLE_FIELDS},
    ),
    "emoji": ObjectSchema(_BLOCKS + "rich-text-block", {"name": String(100)}, {"unicode": String(100)}),
    "user": ObjectSchema(_BLOCKS + "rich-text-block", {"user_id": String(30)}, _STYLE_FIELDS),
    "channel": ObjectSchema(_BLOCKS + "rich-text-block", {"channel_id": String(30)}, _STYLE_FIELDS),
    "usergroup": ObjectSchema(_BLOCKS + "rich-text-block", {"usergroup_id": String(30)}, _STYLE_FIELDS),
    "broadcast": ObjectSchema(_BLOCKS + "rich-text-block", {"range": Choice(("here", "channel", "everyone"))}),
    "date": ObjectSchema(
        _BLOCKS + "rich-text-block",
        {"timestamp": Integer(0, 99_999_999_999), "format": String(300)},
        {"url": String(3_000), "fallback": String(300)},
    ),
    "style": ObjectSchema(
        _BLOCKS + "rich-text-block",
        {},
        {"bold": Boolean(), "italic": Boolean(), "strike": Boolean(), "code": Boolean()},
    ),
    # Elements
    "button": ObjectSchema(
        _ELEMENTS + "button-element",
        {"text": TextObject(75)},
        {
            **_ACTION_FIELDS,
            "value": String(2_000),
            "url": String(3_000),
            "style": Choice(("primary", "danger")),
            "accessibility_label": String(75),
        },
    ),
    "overflow": ObjectSchema(_ELEMENTS + "overflow-menu-element", {"options": Array(OPTION, 5)}, _ACTION_FIELDS),
    "checkboxes": ObjectSchema(
        _ELEMENTS + "checkboxes-element",
        {"options": TEN_OPTIONS},
        {**_ACTION_FIELDS, **_INPUT_FIELDS, "initial_options": TEN_OPTIONS},
    ),
    "radio_buttons": ObjectSchema(
        _ELEMENTS + "radio-button-group-element",
        {"options": TEN_OPTIONS},
        {**_ACTION_FIELDS, **_INPUT_FIELDS, "initial_option": OPTION},
    ),
    "plain_text_input": ObjectSchema(
        _ELEMENTS + "plain-text-input-element",
        {},
        {
            **_TEXT_INPUT_FIELDS,
            "initial_value": String(3_000, 0),
            "multiline": Boolean(),
            "min_length": Integer(0, 3_000),
            "max_length": Integer(1, 3_000),
        },
    ),
    "number_input": ObjectSchema(
        _ELEMENTS + "number-input-element",
        {"is_decimal_allowed": Boolean()},
        {**_TEXT_INPUT_FIELDS, "initial_value": String(30), "min_value": String(30), "max_value": String(30)},
    ),
    "email_text_input": ObjectSchema(
        _ELEMENTS + "email-input-element", {}, {**_TEXT_INPUT_FIELDS, "initial_value": String(3_000)}
    ),
    "url_text_input": ObjectSchema(
        _ELEMENTS + "url-input-element", {}, {**_TEXT_INPUT_FIELDS, "initial_value": String(3_000)}
    ),
    **_build_menu_schemas(MENUS),
    **_build_menu_schemas(PICKERS),
    # Composition objects
    "plain_text": ObjectSchema(_OBJECTS + "text-object", {"text": String(3_000)}, {"emoji": Boolean()}),
    "mrkdwn": ObjectSchema(_OBJECTS + "text-object", {"text": String(3_000)}, {"verbatim": Boolean()}),
    "option": ObjectSchema(
        _OBJECTS + "option-object",
        {"text": TextObject(75, TEXT_TYPES), "value": String(75)},
        {"description": TextObject(75, TEXT_TYPES), "url": String(3_000)},
    ),
    "option_group": ObjectSchema(_OBJECTS + "option-group-object", {"label": TextObject(75), "options": OPTIONS}),
    "confirm": ObjectSchema(
        _OBJECTS + "confirmation-dialog-object",
        {
            "title": TextObject(100),
            "text": TextObject(300, TEXT_TYPES),
            "confirm": TextObject(30),
            "deny": TextObject(30),
        },
        {"style": Choice(("primary", "danger"))},
    ),
    "filter": ObjectSchema(
        _OBJECTS + "conversation-filter-object",
        {},
        {
            "include": Array(Choice(("im", "mpim", "private", "public")), 4),
            "exclude_external_shared_channels": Boolean(),
            "exclude_bot_users": Boolean(),
        },
    ),
    "dispatch": ObjectSchema(
        _OBJECTS + "dispatch-action-configuration-object",
        {},
        {"trigger_actions_on": Array(Choice(("on_enter_pressed", "on_character_entered")), 2)},
    ),
}
