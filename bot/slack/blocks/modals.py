"""Modals, drawn."""

from bot import answers
from bot.slack.blocks import kit, settings

SETTINGS = "settings"
"""The callback id of the settings modal."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_FIELDS = (
    ("zone", "Time zone", "An IANA name: Asia/Taipei, Europe/Berlin, UTC"),
    ("hour", "Hour", "24 hours: 09:30"),
    ("ladder", "Ladder", "Days before each date, with 0 for the day itself and passed for the day after"),
    ("days-off", "Days off", "Weekdays without reminders: sat sun, or none"),
    ("country", "Country", "Its public holidays are days off too: two letters, like DE, or none"),
    ("quiet", "Quiet hours", "Nothing is posted then: 18:00-09:00, or none"),
    ("weekly", "Weekly summary", "on or off: what is next, at the beginning of each week"),
)
NAMES = tuple(name for name, _, _ in _FIELDS)
"""The fields, which are named like the settings they change."""


def channel_settings(answer: answers.ChannelSettings, channel_id: str) -> kit.Block:
    """The channel's settings to change; the channel travels along."""
    values = _values(answer)
    return {
        "type": "modal",
        "callback_id": SETTINGS,
        "private_metadata": channel_id,
        "title": kit.plain("Reminders here"),
        "submit": kit.plain("Save"),
        "close": kit.plain("Cancel"),
        "blocks": [
            *(_input(name, label, values[name], hint) for name, label, hint in _FIELDS),
            *kit.paragraphs(settings.preview(answer)),
        ],
    }


def saved(answer: answers.ChannelSettings) -> kit.Block:
    """What the settings are now."""
    return {
        "type": "modal",
        "callback_id": "settings_saved",
        "title": kit.plain("Saved"),
        "close": kit.plain("Done"),
        "blocks": [
            kit.fields([f"*{name}*\n{value}" for name, value in settings.described(answer)]),
            *kit.paragraphs(settings.preview(answer)),
        ],
    }


def _values(answer: answers.ChannelSettings) -> dict[str, str]:
    """The settings as a person would type them."""
    schedule = answer.schedule
    return {
        "zone": schedule.zone,
        "hour": f"{schedule.hour:%H:%M}",
        "ladder": " ".join("passed" if rung < 0 else str(rung) for rung in schedule.ladder),
        "days-off": " ".join(_WEEKDAYS[day] for day in schedule.days_off) or "none",
        "country": schedule.country or "none",
        "quiet": f"{answer.quiet.start:%H:%M}-{answer.quiet.end:%H:%M}" if answer.quiet else "none",
        "weekly": "on" if answer.weekly else "off",
    }


def _input(name: str, label: str, value: str, hint: str) -> kit.Block:
    return {
        "type": "input",
        "block_id": name,
        "label": kit.plain(label),
        "hint": kit.plain(hint),
        "element": {
            "type": "plain_text_input",
            "action_id": name,
            "initial_value": value,
            "max_length": 120,
        },
    }
