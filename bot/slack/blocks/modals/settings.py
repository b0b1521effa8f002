"""Rendering of the settings form, and parsing of its values."""

from bot import answers
from bot.service.subscriptions import setting_table
from bot.service.subscriptions.setting_table import SettingSpec, Widget
from bot.slack.blocks import kit, settings
from storage.facts import Channel

SETTINGS = "settings"
"""The callback id of the form."""

FIELD_NAMES = setting_table.NAMES
"""The names of the fields, which are the names of the settings."""

_GROUP_HINT = "The id of the user group to mention, or nobody."


def render_form(
    answer: answers.ChannelSettings, channel_id: str, tried: answers.ChannelSettings | None = None
) -> kit.Block:
    """Render the settings form, with a preview of the tried settings. The channel id travels in the metadata.

    The fields keep the stored values when others are tried: Slack preserves the user's input in them.
    """
    fields = [_render_field(setting, answer.channel) for setting in setting_table.SETTINGS]
    blocks = [*fields, kit.divider(), *_render_preview(tried or answer)]
    return kit.form("Channel settings", SETTINGS, blocks, submit="Save", metadata=channel_id)


def _render_preview(answer: answers.ChannelSettings) -> list[kit.Block]:
    """Render the next reminders that follow from the settings, or the errors in them."""
    if answer.errors:
        sentences = [f"• {kit.escape(sentence)}" for _, sentence in answer.errors]
        return kit.paragraphs(["*Fix these settings*", *sentences])
    return [
        *kit.paragraphs(settings.list_next_reminders(answer)),
        kit.context("Preview with these settings. Nothing has changed yet."),
    ]


def read_values(view: kit.Block) -> list[tuple[str, str]]:
    """Return (setting, value) for each field of a submitted form, as a person would type it in a command."""
    values = view["state"]["values"]
    return [(name, _read_value(values[name][name])) for name in FIELD_NAMES if name in values]


def _read_value(value: kit.Block) -> str:
    match value.get("type"):
        case "checkboxes":
            return "on" if value.get("selected_options") else "off"
        case "users_select":
            return str(value.get("selected_user") or "nobody")
        case _:
            return str(value.get("value") or "").strip()


def render_saved(answer: answers.ChannelSettings) -> kit.Block:
    """Render the modal with the saved settings."""
    return kit.notice("Saved", "settings_saved", settings.render_values(answer))


def _render_field(setting: SettingSpec, channel: Channel) -> kit.Block:
    """Render a field that updates the preview when its value changes."""
    element, hint = _ELEMENTS[setting.widget](setting, channel), setting.hint
    if setting.widget is Widget.PERSON and element["type"] == "plain_text_input":
        hint = _GROUP_HINT
    is_optional = setting.widget is not Widget.TEXT
    field = kit.input_block(setting.name, setting.label, element, hint, is_optional=is_optional)
    return field | {"dispatch_action": True}


def _render_text(setting: SettingSpec, channel: Channel) -> kit.Block:
    return {
        "type": "plain_text_input",
        "initial_value": setting.format_value(channel),
        "max_length": 120,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]},
    }


def _render_person(setting: SettingSpec, channel: Channel) -> kit.Block:
    """Render a menu of people, or a text for the user group that is set, because Slack has no menu of groups."""
    mention = setting.get_value(channel)
    if mention.startswith("S"):
        return _render_text(setting, channel)
    selected = {"initial_user": mention} if mention else {}
    return {"type": "users_select", "placeholder": kit.plain("No one"), **selected}


def _render_switch(setting: SettingSpec, channel: Channel) -> kit.Block:
    option = kit.option(setting.caption, "on")
    selected = {"initial_options": [option]} if setting.get_value(channel) else {}
    return {"type": "checkboxes", "options": [option], **selected}


_ELEMENTS = {Widget.TEXT: _render_text, Widget.PERSON: _render_person, Widget.SWITCH: _render_switch}
