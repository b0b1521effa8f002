"""The table of Block Kit as Slack documents it: each object, its page, its keys and their limits.

The pages are those of docs.slack.dev. The stand-in is stricter than Slack in three ways: an option's value ends at
75 characters as in Slack's own types (150 by its Python kit), keys that no page names are refused, and so are
blocks that dlvm has no use for.
"""

from collections.abc import Mapping

from bot.sandbox.block_kit.types import Chars, Flag, Many, Number, One, OneOf, Shape, Slot, Text

_BLOCKS = "/reference/block-kit/blocks/"
_ELEMENTS = "/reference/block-kit/block-elements/"
_OBJECTS = "/reference/block-kit/composition-objects/"

Slots = Mapping[str, Slot]

ANY_TEXT = ("plain_text", "mrkdwn")
ID = Chars(255)
TEXT = Text(3_000, ANY_TEXT)
OPTION = One(("option",))
OPTIONS = Many(OPTION, 100)
TEN_OPTIONS = Many(OPTION, 10)
IDS = Many(Chars(30), 100)
DAY = Chars(10, 10)
CLOCK_TIME = Chars(5, 5)

MESSAGE_BLOCKS = ("section", "header", "divider", "context", "actions", "image", "rich_text")
VIEW_BLOCKS = (*MESSAGE_BLOCKS, "input")

_CONFIRM: Slots = {"confirm": One(("confirm",))}
_PRESSED: Slots = {"action_id": ID, **_CONFIRM}
_FILLED: Slots = {"action_id": ID, "focus_on_load": Flag()}
_MENU: Slots = {**_PRESSED, **_FILLED, "placeholder": Text(150)}
_STATIC: Slots = {**_MENU, "options": OPTIONS, "option_groups": Many(One(("option_group",)), 100)}
_SEVERAL: Slots = {"max_selected_items": Number(1, 100)}
_WRITTEN: Slots = {**_FILLED, "placeholder": Text(150), "dispatch_action_config": One(("dispatch",))}
_QUERY: Slots = {"min_query_length": Number(0, 100)}

MENUS: Mapping[str, Slots] = {
    "static_select": {**_STATIC, "initial_option": OPTION},
    "multi_static_select": {**_STATIC, **_SEVERAL, "initial_options": OPTIONS},
    "external_select": {**_MENU, **_QUERY, "initial_option": OPTION},
    "multi_external_select": {**_MENU, **_QUERY, **_SEVERAL, "initial_options": OPTIONS},
    "users_select": {**_MENU, "initial_user": Chars(30)},
    "multi_users_select": {**_MENU, **_SEVERAL, "initial_users": IDS},
    "conversations_select": {
        **_MENU,
        "initial_conversation": Chars(30),
        "default_to_current_conversation": Flag(),
        "response_url_enabled": Flag(),
        "filter": One(("filter",)),
    },
    "multi_conversations_select": {
        **_MENU,
        **_SEVERAL,
        "initial_conversations": IDS,
        "default_to_current_conversation": Flag(),
        "filter": One(("filter",)),
    },
    "channels_select": {**_MENU, "initial_channel": Chars(30), "response_url_enabled": Flag()},
    "multi_channels_select": {**_MENU, **_SEVERAL, "initial_channels": IDS},
}
PICKERS: Mapping[str, Slots] = {
    "datepicker": {**_MENU, "initial_date": DAY},
    "timepicker": {**_MENU, "initial_time": CLOCK_TIME, "timezone": Chars(60)},
}
CHOICES = ("checkboxes", "radio_buttons")
WRITTEN = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
PRESSED = ("button", "overflow")

IN_ACTIONS = (*PRESSED, *MENUS, *PICKERS, *CHOICES)
IN_SECTION = (*IN_ACTIONS, "image")
IN_INPUT = (*MENUS, *PICKERS, *CHOICES, *WRITTEN)

_STYLE: Slots = {"style": One(("style",))}
_RICH_ELEMENTS = Many(One(("text", "link", "emoji", "user", "channel", "usergroup", "broadcast", "date")), 1_000)
_RICH_PARTS = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")


def _menus(menus: Mapping[str, Slots]) -> dict[str, Shape]:
    """A menu's page is called after it, without `multi_`; only static ones bring their options."""
    return {kind: Shape(_ELEMENTS + kind.replace("_", "-") + "-element", {}, may) for kind, may in menus.items()}


SHAPES: Mapping[str, Shape] = {
    # What stands for itself
    "message": Shape(
        "/reference/methods/chat.postMessage", {"text": Chars(40_000)}, {"blocks": Many(One(MESSAGE_BLOCKS), 50)}
    ),
    "modal": Shape(
        "/reference/views/modal-views",
        {"title": Text(24), "blocks": Many(One(VIEW_BLOCKS), 100)},
        {
            "submit": Text(24),
            "close": Text(24),
            "private_metadata": Chars(3_000, 0),
            "callback_id": ID,
            "external_id": ID,
            "clear_on_close": Flag(),
            "notify_on_close": Flag(),
            "submit_disabled": Flag(),
        },
    ),
    "home": Shape(
        "/reference/views/home-tab-views",
        {"blocks": Many(One(VIEW_BLOCKS), 100)},
        {"private_metadata": Chars(3_000, 0), "callback_id": ID, "external_id": ID},
    ),
    # Blocks
    "section": Shape(
        _BLOCKS + "section-block",
        {},
        {
            "text": TEXT,
            "fields": Many(Text(2_000, ANY_TEXT), 10),
            "accessory": One(IN_SECTION),
            "expand": Flag(),
            "block_id": ID,
        },
    ),
    "header": Shape(_BLOCKS + "header-block", {"text": Text(150)}, {"block_id": ID}),
    "divider": Shape(_BLOCKS + "divider-block", {}, {"block_id": ID}),
    "context": Shape(_BLOCKS + "context-block", {"elements": Many(One((*ANY_TEXT, "image")), 10)}, {"block_id": ID}),
    "actions": Shape(_BLOCKS + "actions-block", {"elements": Many(One(IN_ACTIONS), 25)}, {"block_id": ID}),
    "input": Shape(
        _BLOCKS + "input-block",
        {"label": Text(2_000), "element": One(IN_INPUT)},
        {"hint": Text(2_000), "optional": Flag(), "dispatch_action": Flag(), "block_id": ID},
    ),
    "image": Shape(
        _BLOCKS + "image-block",
        {"alt_text": Chars(2_000), "image_url": Chars(3_000)},
        {"title": Text(2_000), "block_id": ID},
    ),
    "rich_text": Shape(_BLOCKS + "rich-text-block", {"elements": Many(One(_RICH_PARTS), 100)}, {"block_id": ID}),
    # Parts of rich text
    "rich_text_section": Shape(_BLOCKS + "rich-text-block", {"elements": _RICH_ELEMENTS}),
    "rich_text_quote": Shape(_BLOCKS + "rich-text-block", {"elements": _RICH_ELEMENTS}, {"border": Number(0, 1)}),
    "rich_text_preformatted": Shape(
        _BLOCKS + "rich-text-block", {"elements": _RICH_ELEMENTS}, {"border": Number(0, 1)}
    ),
    "rich_text_list": Shape(
        _BLOCKS + "rich-text-block",
        {"style": OneOf(("bullet", "ordered")), "elements": Many(One(("rich_text_section",)), 100)},
        {"indent": Number(0, 8), "offset": Number(0, 10_000), "border": Number(0, 1)},
    ),
    "text": Shape(_BLOCKS + "rich-text-block", {"text": Chars(3_000)}, _STYLE),
    "link": Shape(
        _BLOCKS + "rich-text-block", {"url": Chars(3_000)}, {"text": Chars(3_000), "unsafe": Flag(), **_STYLE}
    ),
    "emoji": Shape(_BLOCKS + "rich-text-block", {"name": Chars(100)}, {"unicode": Chars(100)}),
    "user": Shape(_BLOCKS + "rich-text-block", {"user_id": Chars(30)}, _STYLE),
    "channel": Shape(_BLOCKS + "rich-text-block", {"channel_id": Chars(30)}, _STYLE),
    "usergroup": Shape(_BLOCKS + "rich-text-block", {"usergroup_id": Chars(30)}, _STYLE),
    "broadcast": Shape(_BLOCKS + "rich-text-block", {"range": OneOf(("here", "channel", "everyone"))}),
    "date": Shape(
        _BLOCKS + "rich-text-block",
        {"timestamp": Number(0, 99_999_999_999), "format": Chars(300)},
        {"url": Chars(3_000), "fallback": Chars(300)},
    ),
    "style": Shape(
        _BLOCKS + "rich-text-block", {}, {"bold": Flag(), "italic": Flag(), "strike": Flag(), "code": Flag()}
    ),
    # Elements
    "button": Shape(
        _ELEMENTS + "button-element",
        {"text": Text(75)},
        {
            **_PRESSED,
            "value": Chars(2_000),
            "url": Chars(3_000),
            "style": OneOf(("primary", "danger")),
            "accessibility_label": Chars(75),
        },
    ),
    "overflow": Shape(_ELEMENTS + "overflow-menu-element", {"options": Many(OPTION, 5)}, _PRESSED),
    "checkboxes": Shape(
        _ELEMENTS + "checkboxes-element",
        {"options": TEN_OPTIONS},
        {**_PRESSED, **_FILLED, "initial_options": TEN_OPTIONS},
    ),
    "radio_buttons": Shape(
        _ELEMENTS + "radio-button-group-element",
        {"options": TEN_OPTIONS},
        {**_PRESSED, **_FILLED, "initial_option": OPTION},
    ),
    "plain_text_input": Shape(
        _ELEMENTS + "plain-text-input-element",
        {},
        {
            **_WRITTEN,
            "initial_value": Chars(3_000, 0),
            "multiline": Flag(),
            "min_length": Number(0, 3_000),
            "max_length": Number(1, 3_000),
        },
    ),
    "number_input": Shape(
        _ELEMENTS + "number-input-element",
        {"is_decimal_allowed": Flag()},
        {**_WRITTEN, "initial_value": Chars(30), "min_value": Chars(30), "max_value": Chars(30)},
    ),
    "email_text_input": Shape(_ELEMENTS + "email-input-element", {}, {**_WRITTEN, "initial_value": Chars(3_000)}),
    "url_text_input": Shape(_ELEMENTS + "url-input-element", {}, {**_WRITTEN, "initial_value": Chars(3_000)}),
    **_menus(MENUS),
    **_menus(PICKERS),
    # What several share
    "plain_text": Shape(_OBJECTS + "text-object", {"text": Chars(3_000)}, {"emoji": Flag()}),
    "mrkdwn": Shape(_OBJECTS + "text-object", {"text": Chars(3_000)}, {"verbatim": Flag()}),
    "option": Shape(
        _OBJECTS + "option-object",
        {"text": Text(75, ANY_TEXT), "value": Chars(75)},
        {"description": Text(75, ANY_TEXT), "url": Chars(3_000)},
    ),
    "option_group": Shape(_OBJECTS + "option-group-object", {"label": Text(75), "options": OPTIONS}),
    "confirm": Shape(
        _OBJECTS + "confirmation-dialog-object",
        {"title": Text(100), "text": Text(300, ANY_TEXT), "confirm": Text(30), "deny": Text(30)},
        {"style": OneOf(("primary", "danger"))},
    ),
    "filter": Shape(
        _OBJECTS + "conversation-filter-object",
        {},
        {
            "include": Many(OneOf(("im", "mpim", "private", "public")), 4),
            "exclude_external_shared_channels": Flag(),
            "exclude_bot_users": Flag(),
        },
    ),
    "dispatch": Shape(
        _OBJECTS + "dispatch-action-configuration-object",
        {},
        {"trigger_actions_on": Many(OneOf(("on_enter_pressed", "on_character_entered")), 2)},
    ),
}
