"""The text after /dlvm, read into a command: pure, tolerant of case, spacing and synonyms."""

import re
import unicodedata
from dataclasses import dataclass

from bot.policy import names

LONGEST_TEXT = 1_000
"""Characters; a list of forty image names fits."""

DEFAULT_WINDOW = 90
"""Days that `upcoming` looks ahead."""

LONGEST_WINDOW = 3_660
"""Days; ten years."""

LAST_PAGE = 99_999


@dataclass(frozen=True, slots=True)
class StatusOf:
    """How a version stands."""

    text: str


@dataclass(frozen=True, slots=True)
class SuccessorOf:
    """Where to go from a version."""

    text: str


@dataclass(frozen=True, slots=True)
class ListVersions:
    """Which versions there are."""

    framework: str = ""
    everything: bool = False


@dataclass(frozen=True, slots=True)
class ShowUpcoming:
    """Which dates come next."""

    days: int = DEFAULT_WINDOW


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Watch these."""

    text: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Watch these no longer."""

    text: str


@dataclass(frozen=True, slots=True)
class ShowSubscriptions:
    """What this channel watches."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """This channel's zone and hour; None leaves one as it is."""

    zone: str | None = None
    hour: str | None = None


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """How to use the command, and why it is shown where the text was not understood."""

    reason: str = ""


Command = (
    StatusOf
    | SuccessorOf
    | ListVersions
    | ShowUpcoming
    | Subscribe
    | Unsubscribe
    | ShowSubscriptions
    | ChangeSettings
    | ShowHelp
)

_VERBS = {
    "status": "status",
    "show": "status",
    "check": "status",
    "when": "status",
    "successor": "successor",
    "upgrade": "successor",
    "list": "list",
    "ls": "list",
    "versions": "list",
    "upcoming": "upcoming",
    "next": "upcoming",
    "subscribe": "subscribe",
    "sub": "subscribe",
    "watch": "subscribe",
    "unsubscribe": "unsubscribe",
    "unsub": "unsubscribe",
    "unwatch": "unsubscribe",
    "subscriptions": "subscriptions",
    "subs": "subscriptions",
    "watching": "subscriptions",
    "settings": "settings",
    "setting": "settings",
    "set": "settings",
    "help": "help",
    "?": "help",
}
_DAYS_IN = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "m": 30, "month": 30, "months": 30}
_DAYS_IN |= {"y": 365, "year": 365, "years": 365}
_WINDOW = re.compile(r"(\d{1,5})\s*([a-z]*)")
_SETTING = re.compile(r"(?P<key>[a-z]+)\s*[=: ]\s*(?P<value>[^\s,;]+)", re.IGNORECASE)


def read(text: str) -> Command:
    """What the text after the command asks for; never raises, whatever the text."""
    if len(text) > LONGEST_TEXT:
        return ShowHelp(f"That is {len(text):,} characters long; at most {LONGEST_TEXT:,} are read.")
    plain = _plain(text)
    if not plain:
        return ShowHelp()
    word, _, rest = plain.partition(" ")
    verb = _VERBS.get(word.lower().rstrip(":"))
    return _read_verb(verb, rest.strip()) if verb else _without_verb(plain)


def _plain(text: str) -> str:
    """Without control and format characters (phones and copied text bring them), blanks evened."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    kept = "".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Cs"})
    return " ".join(kept.split())


def _read_verb(verb: str, rest: str) -> Command:  # noqa: PLR0911 - one return a verb is the table it stands for
    match verb:
        case "status":
            return StatusOf(rest) if rest else ShowHelp("Say which version: for example `/dlvm status pytorch-2.7`.")
        case "successor":
            return SuccessorOf(rest) if rest else ShowHelp("Say from which version: `/dlvm successor pytorch-2.7`.")
        case "list":
            return _list(rest)
        case "upcoming":
            return _upcoming(rest)
        case "subscribe":
            return (
                Subscribe(rest) if rest else ShowHelp("Say what to watch: for example `/dlvm subscribe pytorch-2.7`.")
            )
        case "unsubscribe":
            return _unsubscribe(rest)
        case "subscriptions":
            return _subscriptions(rest)
        case "settings":
            return _settings(rest)
        case _:
            return ShowHelp()


def _without_verb(plain: str) -> Command:
    """A bare name is a question about it; anything else is not understood."""
    if isinstance(names.read(plain), names.Unreadable):
        return ShowHelp(f"“{_shortened(plain)}” is not something dlvm understands.")
    return StatusOf(plain)


def _list(rest: str) -> Command:
    words = rest.split()
    everything = any(word.lower() == "all" for word in words)
    return ListVersions(" ".join(word for word in words if word.lower() != "all"), everything)


def _upcoming(rest: str) -> Command:
    if not rest:
        return ShowUpcoming()
    found = _WINDOW.fullmatch(rest.lower())
    unit = _DAYS_IN.get((found[2] or "d") if found else "")
    days = int(found[1]) * unit if found and unit else 0
    if not 0 < days <= LONGEST_WINDOW:
        return ShowHelp(
            f"“{_shortened(rest)}” is not a number of days up to {LONGEST_WINDOW}: try `/dlvm upcoming 90d`."
        )
    return ShowUpcoming(days)


def _unsubscribe(rest: str) -> Command:
    if not rest:
        return ShowHelp("Say what to stop watching: for example `/dlvm unsubscribe pytorch-2.7`.")
    return Unsubscribe(rest)


def _subscriptions(rest: str) -> Command:
    number = rest.lower().removeprefix("page").strip()
    if not number:
        return ShowSubscriptions()
    if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) <= LAST_PAGE):
        return ShowHelp(f"“{_shortened(rest)}” is not a page: try `/dlvm subscriptions 2`.")
    return ShowSubscriptions(int(number))


def _settings(rest: str) -> Command:
    zone: str | None = None
    hour: str | None = None
    left = rest
    for found in _SETTING.finditer(rest):
        match found["key"].lower():
            case "zone" | "timezone" | "tz":
                zone = found["value"]
            case "hour" | "time" | "at":
                hour = found["value"]
            case _:
                break
        left = left.replace(found[0], "", 1)
    if left.strip(" ,;"):
        return ShowHelp(
            f"“{_shortened(left.strip())}” is not a setting: try `/dlvm settings zone Asia/Taipei hour 09:30`."
        )
    return ChangeSettings(zone, hour)


def _shortened(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
