"""Rendering of the settings of a channel."""

from collections.abc import Iterable

from bot import answers
from bot.policy import time_zones
from bot.service.subscriptions.setting_table import SETTINGS, SettingSpec, Widget
from bot.slack.blocks import kit, phrases


def render(answer: answers.ChannelSettings) -> kit.Message:
    """Render the settings, or what is wrong with new ones."""
    title = "Settings updated" if answer.is_changed else "Channel settings"
    blocks = [kit.header("Nothing was changed" if answer.errors else title)]
    blocks += kit.paragraphs(kit.escape(sentence) for _, sentence in answer.errors)
    blocks += render_values(answer)
    blocks.append(
        kit.actions([kit.button("Change", "settings_open", "settings", description="Change this channel’s settings")])
    )
    examples = kit.codes(_format_examples(settings) for settings in (SETTINGS[:2], SETTINGS[2:]))
    return kit.message([*blocks, kit.context(f"To change them with a command: {examples}.")])


def render_values(answer: answers.ChannelSettings) -> list[kit.Block]:
    """Render each setting with its value, and the next reminders."""
    values = [f"*{setting.label}*\n{_format_value(setting, answer)}" for setting in SETTINGS]
    columns = [kit.fields(values[start : start + kit.MAX_FIELDS]) for start in range(0, len(values), kit.MAX_FIELDS)]
    return [*columns, *kit.paragraphs(list_next_reminders(answer))]


def _format_value(setting: SettingSpec, answer: answers.ChannelSettings) -> str:
    if setting.widget is Widget.PERSON:
        return phrases.format_mention(setting.get_value(answer.channel)) or "no one"
    remark = _REMARKS[setting.name](answer) if setting.name in _REMARKS else ""
    return f"{kit.escape(setting.describe_value(answer.channel))}{remark}"


def _format_zone_remark(answer: answers.ChannelSettings) -> str:
    if not time_zones.is_known(answer.channel.schedule.zone):
        return " (no longer a known zone: using UTC; set another)"
    return "" if answer.channel.has_own_zone else " (default)"


def _format_release_notes_remark(answer: answers.ChannelSettings) -> str:
    if not answer.channel.notes:
        return ""
    if answer.are_release_notes_read:
        return ", for subscribed versions"
    return ". Release notes are turned off on this server; ask your dlvm admin to enable them."


_REMARKS = {"zone": _format_zone_remark, "notes": _format_release_notes_remark}
"""Remarks beside a channel's value, by setting."""


def _format_examples(settings: Iterable[SettingSpec]) -> str:
    return " ".join(("/dlvm settings", *(f"{setting.name} {setting.example}" for setting in settings)))


def list_next_reminders(answer: answers.ChannelSettings) -> list[str]:
    """Format the next reminders that follow from the settings."""
    if not answer.next_reminders:
        return ["No upcoming reminders in this channel."]
    zone = answer.channel.schedule.zone
    today = time_zones.to_local_date(answer.now, zone)
    lines = [f"• {phrases.format_next_reminder(reminder, zone, today)}" for reminder in answer.next_reminders]
    return ["*Next reminders*", *lines]
