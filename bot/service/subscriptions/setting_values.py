"""What a person writes for a channel's settings, read: each value, or a sentence on what is wrong with it."""

import re
from collections.abc import Callable, Sequence
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from msgspec.structs import replace

from bot.policy import reminders
from bot.service.place import countries
from storage.facts import Channel, QuietHours

Wish = tuple[str, str]
"""A setting's name and the text given for it."""

LONGEST_LADDER = 20
FARTHEST_RUNG = 730
"""Days; two years."""

NONE = frozenset({"", "-", "none", "no", "off", "nobody", "never"})
_YES = frozenset({"on", "yes", "true", "monday", "weekly"})
_HOUR = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_MENTION = re.compile(r"<?(?:@|!subteam\^)?([UWS][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
_ABBREVIATIONS = {"utc": "UTC", "gmt": "UTC", "z": "UTC"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RUNGS = {"passed": reminders.PASSED, "after": reminders.PASSED, "last": reminders.LAST_DAY, "day": reminders.LAST_DAY}


class MistakenError(ValueError):
    """A value that can't be understood; the sentence says how to write it."""


def grant(channel: Channel, wishes: Sequence[Wish]) -> tuple[Channel, tuple[Wish, ...]]:
    """The channel as wished; where a wish was not understood as it was, with each such setting and a sentence."""
    changed = channel
    problems: list[Wish] = []
    for name, text in wishes:
        try:
            changed = _READERS[name](changed, text.strip())
        except MistakenError as error:
            problems.append((name, str(error)))
    return (channel, tuple(problems)) if problems else (changed, ())


def mentioned(text: str) -> str | None:
    """The id of the person or user group that Slack wrote for a mention; None for anything else."""
    found = _MENTION.fullmatch(text)
    return found[1] if found is not None else None


def _zone(channel: Channel, text: str) -> Channel:
    wanted = text.replace(" ", "_").lower()
    found = _ABBREVIATIONS.get(wanted) or next((n for n in available_timezones() if n.lower() == wanted), None)
    if found is None:
        raise MistakenError(f"“{text[:60]}” is not a time zone: write it like `Asia/Taipei`, `Europe/Berlin` or `UTC`.")
    return replace(channel, schedule=replace(channel.schedule, zone=str(ZoneInfo(found))), zone_set=True)


def _hour(channel: Channel, text: str) -> Channel:
    found = _time_of_day(text)
    if found is None:
        raise MistakenError(f"“{text[:60]}” is not a time of day: write it like `09:30`.")
    return replace(channel, schedule=replace(channel.schedule, hour=found))


def _ladder(channel: Channel, text: str) -> Channel:
    if text.lower() in {"default", "all"}:
        return replace(channel, schedule=replace(channel.schedule, ladder=reminders.LADDER))
    try:
        rungs = {_rung(word) for word in re.split(r"[\s,;]+", text.lower()) if word}
    except ValueError:
        rungs = set()
    if not 0 < len(rungs) <= LONGEST_LADDER:
        raise MistakenError(
            f"“{text[:60]}” is not a ladder: write days before a date, like `90 30 7 1 0 passed`, or `default`."
        )
    return replace(channel, schedule=replace(channel.schedule, ladder=tuple(sorted(rungs, reverse=True))))


def _rung(word: str) -> int:
    number = _RUNGS[word] if word in _RUNGS else int(word.removesuffix("d"))
    if not reminders.PASSED <= number <= FARTHEST_RUNG:
        raise ValueError(word)
    return number


def _days_off(channel: Channel, text: str) -> Channel:
    words = [word[:3] for word in re.split(r"[\s,;]+", text.lower()) if word]
    none = text.lower() in NONE
    if not none and (not set(words) <= set(_DAYS) or len(set(words)) > len(_DAYS) - 2):
        raise MistakenError(f"“{text[:60]}” are not days off: write them like `sat sun`, at most five, or `none`.")
    off = () if none else tuple(sorted({_DAYS.index(word) for word in words}))
    return replace(channel, schedule=replace(channel.schedule, days_off=off))


def _country(channel: Channel, text: str) -> Channel:
    code = "" if text.lower() in NONE and text != "NO" else text.upper()  # Norway is a country
    if code and code not in countries():
        raise MistakenError(
            f"“{text[:60]}” is not a country whose holidays are known: write its two letters, like `DE`."
        )
    return replace(channel, schedule=replace(channel.schedule, country=code))


def _quiet(channel: Channel, text: str) -> Channel:
    if text.lower() in NONE:
        return replace(channel, quiet=None)
    start, dash, end = text.replace("–", "-").partition("-")
    begins, ends = _time_of_day(start), _time_of_day(end)
    if not dash or begins is None or ends is None or begins == ends:
        raise MistakenError(f"“{text[:60]}” are not quiet hours: write them like `18:00-09:00`, or `none`.")
    return replace(channel, quiet=QuietHours(begins, ends))


def _mention(channel: Channel, text: str) -> Channel:
    if text.lower() in NONE:
        return replace(channel, mention="")
    found = mentioned(text)
    if found is None:
        raise MistakenError(
            f"“{text[:60]}” is neither a person nor a user group: pick one after typing `@`, or `none`."
        )
    return replace(channel, mention=found)


def _mention_from(channel: Channel, text: str) -> Channel:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= FARTHEST_RUNG):
        raise MistakenError(f"“{text[:60]}” is not a number of days: write it like `from 7`.")
    return replace(channel, mention_from=int(text))


def _weekly(channel: Channel, text: str) -> Channel:
    return replace(channel, weekly=_is_on(text))


def _notes(channel: Channel, text: str) -> Channel:
    return replace(channel, notes=_is_on(text))


def _is_on(text: str) -> bool:
    if text.lower() not in NONE | _YES:
        raise MistakenError(f"“{text[:60]}” is neither `on` nor `off`.")
    return text.lower() in _YES


def _time_of_day(text: str) -> time | None:
    """A time of day; 24 hours, or 12 with am or pm."""
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the clock has twelve hours
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours of a day, minutes of an hour


_READERS: dict[str, Callable[[Channel, str], Channel]] = {
    "zone": _zone,
    "hour": _hour,
    "ladder": _ladder,
    "days-off": _days_off,
    "country": _country,
    "quiet": _quiet,
    "mention": _mention,
    "from": _mention_from,
    "weekly": _weekly,
    "notes": _notes,
}
NAMES = tuple(_READERS)
"""Every setting a channel has."""
