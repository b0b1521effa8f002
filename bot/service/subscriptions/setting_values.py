"""What a person writes for a channel's settings, read: each value, or a sentence on what is wrong with it."""

import re
from collections.abc import Callable, Sequence
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from msgspec.structs import replace

from bot.policy import reminders
from bot.service.working_days import list_countries
from storage.facts import Channel, QuietHours

SettingValue = tuple[str, str]
"""A setting's name and the text given for it."""

MAX_RUNGS = 20
MAX_DAYS_BEFORE = 730
"""Days; two years."""

NONE_WORDS = frozenset({"", "-", "none", "no", "off", "nobody", "never"})
_YES_WORDS = frozenset({"on", "yes", "true", "monday", "weekly"})
_TIME_PATTERN = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_MENTION_PATTERN = re.compile(r"<?(?:@|!subteam\^)?([UWS][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
_ZONE_ABBREVIATIONS = {"utc": "UTC", "gmt": "UTC", "z": "UTC"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RUNG_WORDS = {
    "passed": reminders.PASSED,
    "after": reminders.PASSED,
    "last": reminders.LAST_DAY,
    "day": reminders.LAST_DAY,
}


class InvalidValueError(ValueError):
    """A value that can't be understood; the sentence says how to write it."""


def apply_settings(channel: Channel, values: Sequence[SettingValue]) -> tuple[Channel, tuple[SettingValue, ...]]:
    """The channel as wished; where a wish was not understood as it was, with each such setting and a sentence."""
    changed = channel
    problems: list[SettingValue] = []
    for name, text in values:
        try:
            changed = _SETTERS[name](changed, text.strip())
        except InvalidValueError as error:
            problems.append((name, str(error)))
    return (channel, tuple(problems)) if problems else (changed, ())


def parse_mention(text: str) -> str | None:
    """The id of the person or user group that Slack wrote for a mention; None for anything else."""
    found = _MENTION_PATTERN.fullmatch(text)
    return found[1] if found is not None else None


def _set_zone(channel: Channel, text: str) -> Channel:
    wanted = text.replace(" ", "_").lower()
    found = _ZONE_ABBREVIATIONS.get(wanted) or next((n for n in available_timezones() if n.lower() == wanted), None)
    if found is None:
        raise InvalidValueError(
            f"“{text[:60]}” is not a time zone: write it like `Asia/Taipei`, `Europe/Berlin` or `UTC`."
        )
    return replace(channel, schedule=replace(channel.schedule, zone=str(ZoneInfo(found))), has_own_zone=True)


def _set_hour(channel: Channel, text: str) -> Channel:
    found = _parse_time(text)
    if found is None:
        raise InvalidValueError(f"“{text[:60]}” is not a time of day: write it like `09:30`.")
    return replace(channel, schedule=replace(channel.schedule, hour=found))


def _set_ladder(channel: Channel, text: str) -> Channel:
    if text.lower() in {"default", "all"}:
        return replace(channel, schedule=replace(channel.schedule, ladder=reminders.DEFAULT_LADDER))
    try:
        rungs = {_parse_rung(word) for word in re.split(r"[\s,;]+", text.lower()) if word}
    except ValueError:
        rungs = set()
    if not 0 < len(rungs) <= MAX_RUNGS:
        raise InvalidValueError(
            f"“{text[:60]}” is not a ladder: write days before a date, like `90 30 7 1 0 passed`, or `default`."
        )
    return replace(channel, schedule=replace(channel.schedule, ladder=tuple(sorted(rungs, reverse=True))))


def _parse_rung(word: str) -> int:
    number = _RUNG_WORDS[word] if word in _RUNG_WORDS else int(word.removesuffix("d"))
    if not reminders.PASSED <= number <= MAX_DAYS_BEFORE:
        raise ValueError(word)
    return number


def _set_days_off(channel: Channel, text: str) -> Channel:
    words = [word[:3] for word in re.split(r"[\s,;]+", text.lower()) if word]
    none = text.lower() in NONE_WORDS
    if not none and (not set(words) <= set(_DAYS) or len(set(words)) > len(_DAYS) - 2):
        raise InvalidValueError(f"“{text[:60]}” are not days off: write them like `sat sun`, at most five, or `none`.")
    off = () if none else tuple(sorted({_DAYS.index(word) for word in words}))
    return replace(channel, schedule=replace(channel.schedule, days_off=off))


def _set_country(channel: Channel, text: str) -> Channel:
    code = "" if text.lower() in NONE_WORDS and text != "NO" else text.upper()  # Norway is a country
    if code and code not in list_countries():
        raise InvalidValueError(
            f"“{text[:60]}” is not a country whose holidays are known: write its two letters, like `DE`."
        )
    return replace(channel, schedule=replace(channel.schedule, country=code))


def _set_quiet(channel: Channel, text: str) -> Channel:
    if text.lower() in NONE_WORDS:
        return replace(channel, quiet=None)
    start, dash, end = text.replace("–", "-").partition("-")
    begins, ends = _parse_time(start), _parse_time(end)
    if not dash or begins is None or ends is None or begins == ends:
        raise InvalidValueError(f"“{text[:60]}” are not quiet hours: write them like `18:00-09:00`, or `none`.")
    return replace(channel, quiet=QuietHours(begins, ends))


def _set_mention(channel: Channel, text: str) -> Channel:
    if text.lower() in NONE_WORDS:
        return replace(channel, mention="")
    found = parse_mention(text)
    if found is None:
        raise InvalidValueError(
            f"“{text[:60]}” is neither a person nor a user group: pick one after typing `@`, or `none`."
        )
    return replace(channel, mention=found)


def _set_mention_from(channel: Channel, text: str) -> Channel:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= MAX_DAYS_BEFORE):
        raise InvalidValueError(f"“{text[:60]}” is not a number of days: write it like `from 7`.")
    return replace(channel, mention_from=int(text))


def _set_weekly(channel: Channel, text: str) -> Channel:
    return replace(channel, weekly=_parse_switch(text))


def _set_notes(channel: Channel, text: str) -> Channel:
    return replace(channel, notes=_parse_switch(text))


def _parse_switch(text: str) -> bool:
    if text.lower() not in NONE_WORDS | _YES_WORDS:
        raise InvalidValueError(f"“{text[:60]}” is neither `on` nor `off`.")
    return text.lower() in _YES_WORDS


def _parse_time(text: str) -> time | None:
    """A time of day; 24 hours, or 12 with am or pm."""
    found = _TIME_PATTERN.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the clock has twelve hours
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours of a day, minutes of an hour


_SETTERS: dict[str, Callable[[Channel, str], Channel]] = {
    "zone": _set_zone,
    "hour": _set_hour,
    "ladder": _set_ladder,
    "days-off": _set_days_off,
    "country": _set_country,
    "quiet": _set_quiet,
    "mention": _set_mention,
    "from": _set_mention_from,
    "weekly": _set_weekly,
    "notes": _set_notes,
}
NAMES = tuple(_SETTERS)
"""Every setting a channel has."""


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def format_settings(channel: Channel) -> dict[str, str]:
    """Each setting's name and text."""
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
    """(setting, before, after) of what differs."""
    then, now = format_settings(before), format_settings(after)
    return tuple((name, then[name], now[name]) for name in now if then[name] != now[name])
