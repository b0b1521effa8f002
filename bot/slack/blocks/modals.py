"""Modals, drawn."""

from bot import answers
from bot.slack.blocks import kit, subscriptions

SETTINGS = "settings"
"""The callback id of the settings modal."""

ZONE = "zone"
HOUR = "hour"


def settings(answer: answers.ChannelSettings, channel_id: str) -> kit.Block:
    """The channel's zone and hour to change; the channel travels along."""
    return {
        "type": "modal",
        "callback_id": SETTINGS,
        "private_metadata": channel_id,
        "title": kit.plain("Reminders here"),
        "submit": kit.plain("Save"),
        "close": kit.plain("Cancel"),
        "blocks": [
            _input(ZONE, "Time zone", answer.schedule.zone, "An IANA name: Asia/Taipei, Europe/Berlin, UTC"),
            _input(HOUR, "Hour", f"{answer.schedule.hour:%H:%M}", "24 hours: 09:30"),
            *kit.paragraphs(subscriptions.preview(answer)),
        ],
    }


def saved(answer: answers.ChannelSettings) -> kit.Block:
    """What the settings are now."""
    schedule = answer.schedule
    return {
        "type": "modal",
        "callback_id": "settings_saved",
        "title": kit.plain("Saved"),
        "close": kit.plain("Done"),
        "blocks": [
            kit.section(f"Reminders come at *{schedule.hour:%H:%M}* ({kit.escape(schedule.zone)}), on working days."),
            *kit.paragraphs(subscriptions.preview(answer)),
        ],
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
            "max_length": 60,
        },
    }
