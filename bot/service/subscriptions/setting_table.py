"""The table of a channel's settings: how each is typed, stored, shown and asked for in a form.

To add a setting, add an entry to `SETTINGS`, a field to the channel's facts, and its column.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.policy.durations import WEEKDAYS
from bot.service.subscriptions import setting_values
from storage.facts import Channel, Schedule

SettingValue = tuple[str, str]
"""(setting, text); for an invalid setting, the text is its error message."""


class Widget(StrEnum):
    """The kind of field that a form has for a setting."""

    TEXT = "text"
    PERSON = "person"
    SWITCH = "switch"


class SettingSpec(Struct, frozen=True, kw_only=True):
    """A setting of a channel."""

    name: str
    """The word for it in commands, documents and the audit log."""
    aliases: tuple[str, ...] = ()
    """Other words for it in commands."""
    field: str = ""
    """The field of the channel, or of its schedule, that holds the value; the name if it is empty."""
    parse: Callable[[str], Any]
    """Returns the value of a text. Raises ValueError or LookupError if it is invalid."""
    error: str
    """The error message for an invalid text, with a valid one."""
    format: Callable[[Any], str] = str
    """Returns the text that parses to the value."""
    describe: Callable[[Any], str] | None = None
    """Returns the value in words, if people don't read the text that they type."""
    label: str
    hint: str
    example: str
    widget: Widget = Widget.TEXT
    caption: str = ""
    """The text beside a switch."""

    def get_value(self, channel: Channel) -> Any:  # noqa: ANN401 - each setting has a type of its own
        """Return the value that the channel has."""
        field = self.field or self.name
        return getattr(channel.schedule if field in Schedule.__struct_fields__ else channel, field)

    def replace_value(self, channel: Channel, text: str) -> Channel:
        """Return the channel with the value of a text. Raises ValueError or LookupError if it is invalid."""
        field = self.field or self.name
        change = {field: self.parse(text)}
        if field in Schedule.__struct_fields__:
            return replace(channel, schedule=replace(channel.schedule, **change))
        return replace(channel, **change)

    def format_value(self, channel: Channel) -> str:
        """Return the channel's value as a person would type it."""
        return self.format(self.get_value(channel))

    def describe_value(self, channel: Channel) -> str:
        """Return the channel's value in words."""
        return (self.describe or self.format)(self.get_value(channel))


def apply_settings(channel: Channel, values: Sequence[SettingValue]) -> tuple[Channel, tuple[SettingValue, ...]]:
    """Apply every value, or none. Return the channel and an error message for each invalid setting."""
    has_own_zone = channel.has_own_zone or any(name == "zone" for name, _ in values)
    changed = replace(channel, has_own_zone=has_own_zone)
    errors: list[SettingValue] = []
    for name, text in values:
        setting = _SETTINGS_BY_NAME[name]
        try:
            changed = setting.replace_value(changed, text.strip())
        except (ValueError, LookupError):
            errors.append((name, f"“{text.strip()[:60]}” {setting.error}"))
    return (channel, tuple(errors)) if errors else (changed, ())


def format_settings(channel: Channel) -> dict[str, str]:
    """Return each setting's name and text. `apply_settings` parses the text to the same settings."""
    return {setting.name: setting.format_value(channel) for setting in SETTINGS}


def diff_settings(before: Channel, after: Channel) -> tuple[tuple[str, str, str], ...]:
    """Return (setting, text before, text after) for each setting that differs."""
    old, new = format_settings(before), format_settings(after)
    return tuple((name, old[name], new[name]) for name in new if old[name] != new[name])


SETTINGS = (
    SettingSpec(
        name="zone",
        aliases=("timezone", "tz"),
        parse=setting_values.parse_zone,
        error="is not a time zone. Use one like `Asia/Taipei` or `UTC`.",
        label="Time zone",
        hint="Dates and times use this zone, e.g. Europe/Berlin.",
        example="Asia/Taipei",
    ),
    SettingSpec(
        name="hour",
        aliases=("time", "at"),
        parse=setting_values.parse_time,
        error="is not a time of day. Use one like `09:30`.",
        format="{:%H:%M}".format,
        label="Hour",
        hint="When reminders are sent, in 24-hour format, e.g. 09:30.",
        example="09:30",
    ),
    SettingSpec(
        name="ladder",
        aliases=("rungs",),
        parse=setting_values.parse_ladder,
        error="is not a schedule. List days before a date, like `90 30 7 1 0 passed`, or use `default`.",
        format=setting_values.format_ladder,
        describe=setting_values.describe_ladder,
        label="Schedule",
        hint="When to send reminders, in days before each date. 0 is the day itself, passed is the day after.",
        example="90 30 7 1 0 passed",
    ),
    SettingSpec(
        name="days-off",
        aliases=("weekend",),
        field="days_off",
        parse=setting_values.parse_days_off,
        error=f"are not days off. List at most {setting_values.MAX_DAYS_OFF} weekdays, like `sat sun`, or use `none`.",
        format=lambda days: " ".join(WEEKDAYS[day][:3].lower() for day in days) or "none",
        describe=lambda days: ", ".join(WEEKDAYS[day][:3] for day in days) or "none",
        label="Days off",
        hint="Reminders due on these days are sent on the working day before: e.g. sat sun, or none.",
        example="fri sat",
    ),
    SettingSpec(
        name="country",
        aliases=("holidays",),
        parse=setting_values.parse_country,
        error="is not a country with known holidays. Use two letters, like `DE`.",
        format=lambda code: code or "none",
        describe=lambda code: f"public holidays in {code}" if code else "none",
        label="Country",
        hint="Its public holidays are days off too. A two-letter code, e.g. DE, or none.",
        example="DE",
    ),
    SettingSpec(
        name="quiet",
        parse=setting_values.parse_quiet_hours,
        error="are not quiet hours. Use two times, like `18:00-09:00`, or `none`.",
        format=lambda quiet: f"{quiet.start:%H:%M}-{quiet.end:%H:%M}" if quiet else "none",
        label="Quiet hours",
        hint="Nothing is posted during these hours; messages are sent afterwards. For example 18:00-09:00, or none.",
        example="18:00-09:00",
    ),
    SettingSpec(
        name="mention",
        parse=setting_values.parse_mention,
        error="is neither a person nor a user group. Type `@` and pick one, or use `none`.",
        format=lambda mention: mention or "nobody",
        label="Mention",
        hint="Person to mention. Leave empty for no one. To mention a user group, type /dlvm settings mention @group.",
        example="@ml-oncall",
        widget=Widget.PERSON,
    ),
    SettingSpec(
        name="from",
        field="mention_from",
        parse=setting_values.parse_days_before,
        error=f"is not a number of days. Use one up to {setting_values.MAX_DAYS_BEFORE}, like `7`.",
        describe=lambda days: f"{days} {'day' if days == 1 else 'days'} before a date",
        label="Mention from",
        hint="Start mentioning them this many days before the date, e.g. 7.",
        example="14",
    ),
    SettingSpec(
        name="weekly",
        aliases=("summary",),
        parse=setting_values.parse_switch,
        error="is not a switch. Use `on` or `off`.",
        format=setting_values.format_switch,
        describe=lambda is_on: "on the first working day of each week" if is_on else "off",
        label="Weekly summary",
        hint="A summary of upcoming dates, on the first working day of each week.",
        example="on",
        widget=Widget.SWITCH,
        caption="Post a weekly summary",
    ),
    SettingSpec(
        name="notes",
        aliases=("release-notes",),
        parse=setting_values.parse_switch,
        error="is not a switch. Use `on` or `off`.",
        format=setting_values.format_switch,
        label="Release notes",
        hint="New releases and deprecations of subscribed versions, when Google announces them.",
        example="on",
        widget=Widget.SWITCH,
        caption="Post release notes",
    ),
)
"""In the order in which they are listed."""

NAMES = tuple(setting.name for setting in SETTINGS)
NAMES_BY_WORD = {word: setting.name for setting in SETTINGS for word in (setting.name, *setting.aliases)}
"""The name of the setting for each word that people type."""
_SETTINGS_BY_NAME = {setting.name: setting for setting in SETTINGS}
