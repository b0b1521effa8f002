"""Values of settings, parsed from the text that people type and formatted as it.

Each `parse` function raises ValueError or LookupError if the text is invalid.
"""

import re
from datetime import time
from zoneinfo import available_timezones

from bot.policy import reminders
from bot.policy.durations import WEEKDAYS
from bot.service.working_days import list_countries
from storage.facts import QuietHours

MAX_RUNGS = 20
MAX_DAYS_OFF = 5
MAX_DAYS_BEFORE = 730
"""Days before a date, two years."""

NONE_WORDS = frozenset({"", "-", "none", "no", "off", "nobody", "never"})
_YES_WORDS = frozenset({"on", "yes", "true", "monday", "weekly"})
_TIME_PATTERN = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_MENTION_PATTERN = re.compile(r"<?(?:@|!subteam\^)?([UWS][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
_ZONE_ABBREVIATIONS = {"utc": "UTC", "gmt": "UTC", "z": "UTC"}
_WEEKDAYS = tuple(weekday[:3].lower() for weekday in WEEKDAYS)
_RUNG_WORDS = {
    "passed": reminders.PASSED,
    "after": reminders.PASSED,
    "last": reminders.LAST_DAY,
    "day": reminders.LAST_DAY,
}


def parse_zone(text: str) -> str:
    """Parse the name of a time zone, in any case, to its IANA name."""
    key = text.replace(" ", "_").lower()
    return _ZONE_ABBREVIATIONS.get(key) or {name.lower(): name for name in available_timezones()}[key]


def parse_time(text: str) -> time:
    """Parse a time of day in 24 hours, or in 12 hours with am or pm."""
    match = _TIME_PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the hours on a clock face
            raise ValueError(text)
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)


def parse_ladder(text: str) -> tuple[int, ...]:
    """Parse days before a date, or `default`."""
    if text.lower() in {"default", "all"}:
        return reminders.DEFAULT_LADDER
    rungs = {_parse_rung(word) for word in _split_words(text)}
    if not 0 < len(rungs) <= MAX_RUNGS:
        raise ValueError(text)
    return tuple(sorted(rungs, reverse=True))


def _parse_rung(word: str) -> int:
    number = _RUNG_WORDS[word] if word in _RUNG_WORDS else int(word.removesuffix("d"))
    if not reminders.PASSED <= number <= MAX_DAYS_BEFORE:
        raise ValueError(word)
    return number


def format_ladder(ladder: tuple[int, ...]) -> str:
    """Format a ladder as `90 30 7 1 0 passed`."""
    return " ".join("passed" if rung == reminders.PASSED else str(rung) for rung in ladder)


def describe_ladder(ladder: tuple[int, ...]) -> str:
    """Describe when reminders are sent: `90, 30, 7 days before, on the day, the day after`."""
    days = ", ".join(str(rung) for rung in ladder if rung > reminders.LAST_DAY)
    parts = [f"{days} days before"] if days else []
    parts += ["on the day"] if reminders.LAST_DAY in ladder else []
    parts += ["the day after"] if reminders.PASSED in ladder else []
    return ", ".join(parts)


def parse_days_off(text: str) -> tuple[int, ...]:
    """Parse weekdays, by their first three letters. Monday is 0."""
    days = {_WEEKDAYS.index(word[:3]) for word in _split_words(text)} if text.lower() not in NONE_WORDS else set()
    if len(days) > MAX_DAYS_OFF:
        raise ValueError(text)
    return tuple(sorted(days))


def parse_country(text: str) -> str:
    """Parse the ISO code of a country whose public holidays are known."""
    code = "" if text.lower() in NONE_WORDS and text != "NO" else text.upper()  # `NO` is Norway, `no` means none
    if code and code not in list_countries():
        raise ValueError(text)
    return code


def parse_quiet_hours(text: str) -> QuietHours | None:
    """Parse two different times of day."""
    if text.lower() in NONE_WORDS:
        return None
    start, end = map(parse_time, text.replace("–", "-").split("-"))
    if start == end:
        raise ValueError(text)
    return QuietHours(start, end)


def parse_mention(text: str) -> str:
    """Parse a mention to the id of the person or user group."""
    if text.lower() in NONE_WORDS:
        return ""
    match = _MENTION_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return match[1]


def parse_days_before(text: str) -> int:
    """Parse a number of days before a date."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= MAX_DAYS_BEFORE):
        raise ValueError(text)
    return int(text)


def parse_switch(text: str) -> bool:
    """Parse `on` or `off`, or a synonym."""
    if text.lower() not in NONE_WORDS | _YES_WORDS:
        raise ValueError(text)
    return text.lower() in _YES_WORDS


def format_switch(is_on: bool) -> str:  # noqa: FBT001 - the value of the setting
    """Format as `on` or `off`."""
    return "on" if is_on else "off"


def _split_words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text.lower()) if word]
