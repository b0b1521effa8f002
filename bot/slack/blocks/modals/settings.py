"""Rendering of the settings form, and parsing of its values."""

from bot import answers
from bot.policy.durations import WEEKDAYS
from bot.slack.blocks import kit, settings

SETTINGS = "settings"
"""The callback id of the form."""

_FIELDS = (
    ("zone", "Time zone", "Dates and times use this zone, e.g. Europe/Berlin."),
    ("hour", "Hour", "When reminders are sent, in 24-hour format, e.g. 09:30."),
    (
        "ladder",
        "Schedule",
        "When to send reminders, in days before each date. 0 is the day itself, passed is the day after.",
    ),
    ("days-off", "Days off", "Reminders due on these days are sent on the working day before: e.g. sat sun, or none."),
    ("country", "Country", "Its public holidays are days off too. A two-letter code, e.g. DE, or none."),
    (
        "quiet",
        "Quiet hours",
        "Nothing is posted during these hours; messages are sent afterwards. For example 18:00-09:00, or none.",
    ),
    (
        "mention",
        "Mention",
        "Person to mention. Leave empty for no one. To mention a user group, type /dlvm settings mention @group.",
    ),
    ("from", "Mention from", "Start mentioning them this many days before the date, e.g. 7."),
    ("weekly", "Weekly summary", "A summary of upcoming dates, on the first working day of each week."),
    ("notes", "Release notes", "New releases and deprecations of subscribed versions, when Google announces them."),
)
FIELD_NAMES = tuple(name for name, _, _ in _FIELDS)
"""The names of the fields, which are the names of the settings."""

_CHECKBOXES = {"weekly": "Post a weekly summary", "notes": "Post release notes"}
_GROUP_HINT = "The id of the user group to mention, or nobody."


def render_form(
    answer: answers.ChannelSettings, channel_id: str, tried: answers.ChannelSettings | None = None
) -> kit.Block:
    """Render the settings form, with a preview of the tried settings. The channel id travels in the metadata.

    The fields keep the stored values when others are tried: Slack preserves the user's input in them.
    """
    fields = [_render_field(name, label, _render_element(name, answer), hint) for name, label, hint in _FIELDS]
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


def _format_values(answer: answers.ChannelSettings) -> dict[str, str]:
    """Format the settings as a person would type them in a command."""
    schedule = answer.schedule
    return {
        "zone": schedule.zone,
        "hour": f"{schedule.hour:%H:%M}",
        "ladder": " ".join("passed" if rung < 0 else str(rung) for rung in schedule.ladder),
        "days-off": " ".join(WEEKDAYS[day][:3].lower() for day in schedule.days_off) or "none",
        "country": schedule.country or "none",
        "quiet": f"{answer.quiet.start:%H:%M}-{answer.quiet.end:%H:%M}" if answer.quiet else "none",
        "mention": answer.mention,
        "from": str(answer.mention_from),
    }


def _render_field(name: str, label: str, element: kit.Block, hint: str) -> kit.Block:
    """Render a field that updates the preview when its value changes."""
    is_group = name == "mention" and "initial_value" in element
    is_optional = name in {"mention", *_CHECKBOXES}
    field = kit.input_block(name, label, element, _GROUP_HINT if is_group else hint, is_optional=is_optional)
    return field | {"dispatch_action": True}


def _render_element(name: str, answer: answers.ChannelSettings) -> kit.Block:
    if name in _CHECKBOXES:
        option = kit.option(_CHECKBOXES[name], "on")
        is_on = answer.weekly if name == "weekly" else answer.release_notes
        return {"type": "checkboxes", "options": [option], **({"initial_options": [option]} if is_on else {})}
    if name == "mention" and not answer.mention.startswith("S"):
        selected = {"initial_user": answer.mention} if answer.mention else {}
        return {"type": "users_select", "placeholder": kit.plain("No one"), **selected}
    return {
        "type": "plain_text_input",
        "initial_value": _format_values(answer)[name],
        "max_length": 120,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]},
    }
