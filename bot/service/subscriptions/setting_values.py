"""Text of a channel's settings, parsed and formatted: `hour 09:30`, `quiet 18:00-09:00`."""

import re
from collections.abc import Callable, Sequence
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from msgspec.structs import replace

from bot.policy import reminders
from bot.policy.durations import WEEKDAYS
from bot.service.working_days import list_countries
from storage.facts import Channel, QuietHours

SettingValue = tuple[str, str]
"""(setting, text); for an invalid setting, the text is its error message."""

MAX_RUNGS = 20
MAX_DAYS_OFF = 5
MAX_DAYS_BEFORE = 730
"""Days before a date, two years."""

NONE_WORDS = frozenset({"", "-", "none", "no", "off", "nobody", "never"})
_YES_WORDS = frozenset({"on", "yes", "true", "monday", "weekly"})
_TIME_PATTERN = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_MENTION_PATTERN = re.compile(r"<?(?:@|!subteam\^)?([UWS][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
_ZONE_ABBREVIATIONS = {"utc": "UTC", "gmt": "UTC", "z": "UTC"}
_WEEKDAYS = tuple(name[:3].lower() for name in WEEKDAYS)
_RUNG_WORDS = {
    "passed": reminders.PASSED,
    "after": reminders.PASSED,
    "last": reminders.LAST_DAY,
    "day": reminders.LAST_DAY,
}


class InvalidValueError(ValueError):
    """An invalid value, with an error message that shows a valid one."""


def apply_settings(channel: Channel, values: Sequence[SettingValue]) -> tuple[Channel, tuple[SettingValue, ...]]:
    """Apply every value, or none. Return the channel and an error message for each invalid setting."""
    changed = channel
    errors: list[SettingValue] = []
    for name, text in values:
        try:
            changed = _SETTERS[name](changed, text.strip())
        except InvalidValueError as error:
            errors.append((name, str(error)))
    return (channel, tuple(errors)) if errors else (changed, ())


def format_settings(channel: Channel) -> dict[str, str]:
    """Return each setting's name and text. `apply_settings` parses the text to the same settings."""
    schedule, quiet = channel.schedule, channel.quiet
    return {
        "zone": schedule.zone,
        "hour": f"{schedule.hour:%H:%M}",
        "ladder": " ".join("passed" if rung == reminders.PASSED else str(rung) for rung in schedule.ladder),
        "days-off": " ".join(_WEEKDAYS[day] for day in schedule.days_off) or "none",
        "country": schedule.country or "none",
        "quiet": f"{quiet.start:%H:%M}-{quiet.end:%H:%M}" if quiet else "none",
        "mention": channel.mention or "nobody",
        "from": str(channel.mention_from),
        "weekly": "on" if channel.weekly else "off",
        "notes": "on" if channel.notes else "off",
    }


def diff_settings(before: Channel, after: Channel) -> tuple[tuple[str, str, str], ...]:
    """Return (setting, text before, text after) for each setting that differs."""
    old, new = format_settings(before), format_settings(after)
    return tuple((name, old[name], new[name]) for name in new if old[name] != new[name])


def parse_mention(text: str) -> str | None:
    """Return the id of the person or user group in a Slack mention, or None for any other text."""
    match = _MENTION_PATTERN.fullmatch(text)
    return match[1] if match is not None else None


def _set_zone(channel: Channel, text: str) -> Channel:
    key = text.replace(" ", "_").lower()
    name = _ZONE_ABBREVIATIONS.get(key) or next((n for n in available_timezones() if n.lower() == key), None)
    if name is None:
        raise InvalidValueError(f"“{text[:60]}” is not a time zone. Use one like `Asia/Taipei` or `UTC`.")
    return replace(channel, schedule=replace(channel.schedule, zone=str(ZoneInfo(name))), has_own_zone=True)


def _set_hour(channel: Channel, text: str) -> Channel:
    hour = _parse_time(text)
    if hour is None:
        raise InvalidValueError(f"“{text[:60]}” is not a time of day. Use one like `09:30`.")
    return replace(channel, schedule=replace(channel.schedule, hour=hour))


def _set_ladder(channel: Channel, text: str) -> Channel:
    if text.lower() in {"default", "all"}:
        return replace(channel, schedule=replace(channel.schedule, ladder=reminders.DEFAULT_LADDER))
    try:
        rungs = {_parse_rung(word) for word in re.split(r"[\s,;]+", text.lower()) if word}
    except ValueError:
        rungs = set()
    if not 0 < len(rungs) <= MAX_RUNGS:
        raise InvalidValueError(
            f"“{text[:60]}” is not a schedule. List days before a date, like `90 30 7 1 0 passed`, or use `default`."
        )
    return replace(channel, schedule=replace(channel.schedule, ladder=tuple(sorted(rungs, reverse=True))))


def _parse_rung(word: str) -> int:
    number = _RUNG_WORDS[word] if word in _RUNG_WORDS else int(word.removesuffix("d"))
    if not reminders.PASSED <= number <= MAX_DAYS_BEFORE:
        raise ValueError(word)
    return number


def _set_days_off(channel: Channel, text: str) -> Channel:
    words = {word[:3] for word in re.split(r"[\s,;]+", text.lower()) if word}
    if text.lower() in NONE_WORDS:
        words = set()
    elif not words <= set(_WEEKDAYS) or len(words) > MAX_DAYS_OFF:
        raise InvalidValueError(
            f"“{text[:60]}” are not days off. List at most {MAX_DAYS_OFF} weekdays, like `sat sun`, or use `none`."
        )
    days = tuple(sorted(_WEEKDAYS.index(word) for word in words))
    return replace(channel, schedule=replace(channel.schedule, days_off=days))


def _set_country(channel: Channel, text: str) -> Channel:
    code = "" if text.lower() in NONE_WORDS and text != "NO" else text.upper()  # `NO` is Norway, `no` means none
    if code and code not in list_countries():
        raise InvalidValueError(f"“{text[:60]}” is not a country with known holidays. Use two letters, like `DE`.")
    return replace(channel, schedule=replace(channel.schedule, country=code))


def _set_quiet(channel: Channel, text: str) -> Channel:
    if text.lower() in NONE_WORDS:
        return replace(channel, quiet=None)
    start_text, dash, end_text = text.replace("–", "-").partition("-")
    start, end = _parse_time(start_text), _parse_time(end_text)
    if not dash or start is None or end is None or start == end:
        raise InvalidValueError(f"“{text[:60]}” are not quiet hours. Use two times, like `18:00-09:00`, or `none`.")
    return replace(channel, quiet=QuietHours(start, end))


def _set_mention(channel: Channel, text: str) -> Channel:
    if text.lower() in NONE_WORDS:
        return replace(channel, mention="")
    mention = parse_mention(text)
    if mention is None:
        raise InvalidValueError(
            f"“{text[:60]}” is neither a person nor a user group. Type `@` and pick one, or use `none`."
        )
    return replace(channel, mention=mention)


def _set_mention_from(channel: Channel, text: str) -> Channel:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= MAX_DAYS_BEFORE):
        raise InvalidValueError(f"“{text[:60]}” is not a number of days. Use one up to {MAX_DAYS_BEFORE}, like `7`.")
    return replace(channel, mention_from=int(text))


def _parse_switch(text: str) -> bool:
    if text.lower() not in NONE_WORDS | _YES_WORDS:
        raise InvalidValueError(f"“{text[:60]}” is not a switch. Use `on` or `off`.")
    return text.lower() in _YES_WORDS


def _parse_time(text: str) -> time | None:
    """Parse a time of day in 24 hours, or in 12 hours with am or pm. Return None if it is invalid."""
    match = _TIME_PATTERN.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the hours on a clock face
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours in a day, minutes in an hour


_SETTERS: dict[str, Callable[[Channel, str], Channel]] = {
    "zone": _set_zone,
    "hour": _set_hour,
    "ladder": _set_ladder,
    "days-off": _set_days_off,
    "country": _set_country,
    "quiet": _set_quiet,
    "mention": _set_mention,
    "from": _set_mention_from,
    "weekly": lambda channel, text: replace(channel, weekly=_parse_switch(text)),
    "notes": lambda channel, text: replace(channel, notes=_parse_switch(text)),
}
NAMES = tuple(_SETTERS)
"""The settings of a channel, in the order they are listed."""
