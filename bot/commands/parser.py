"""The text after /dlvm, read into a command: pure, tolerant of case, spacing and synonyms."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from bot.commands import team_parser
from bot.commands.model import (
    DEFAULT_PREVIEW,
    DEFAULT_WINDOW,
    ChangeSettings,
    Command,
    Export,
    HistoryOf,
    ListVersions,
    OpenImport,
    ShowAudit,
    ShowHelp,
    ShowInventory,
    ShowPreview,
    ShowSubscriptions,
    ShowUpcoming,
    StatusOf,
    Subscribe,
    SuccessorOf,
    Unsubscribe,
)
from bot.policy.names import parser

LONGEST_TEXT = 1_000
"""Characters; a list of forty image names fits."""

LONGEST_WINDOW = 3_660
"""Days; ten years."""

LAST_PAGE = 99_999


_VERBS = {
    "status": "status",
    "show": "status",
    "check": "status",
    "when": "status",
    "successor": "successor",
    "upgrade": "successor",
    "history": "history",
    "story": "history",
    "list": "list",
    "ls": "list",
    "versions": "list",
    "upcoming": "upcoming",
    "next": "upcoming",
    "preview": "preview",
    "forecast": "preview",
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
    "permissions": "permissions",
    "permission": "permissions",
    "audit": "audit",
    "team": "team",
    "teams": "team",
    "export": "export",
    "import": "import",
    "help": "help",
    "?": "help",
}
_DAYS_IN = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "m": 30, "month": 30, "months": 30}
_DAYS_IN |= {"y": 365, "year": 365, "years": 365}
_WINDOW = re.compile(r"(\d{1,5})\s*([a-z]*)")
_SETTING_NAMES = {
    "zone": "zone",
    "timezone": "zone",
    "tz": "zone",
    "hour": "hour",
    "time": "hour",
    "at": "hour",
    "ladder": "ladder",
    "rungs": "ladder",
    "days-off": "days-off",
    "weekend": "days-off",
    "country": "country",
    "holidays": "country",
    "quiet": "quiet",
    "mention": "mention",
    "from": "from",
    "weekly": "weekly",
    "summary": "weekly",
    "notes": "notes",
    "release-notes": "notes",
}
_SETTING = re.compile(rf"(?:^|(?<=[\s,;]))({'|'.join(_SETTING_NAMES)})(?:\s*[=:]\s*|\s+|$)", re.IGNORECASE)


def read(text: str) -> Command:
    """What the text after the command asks for; never raises, whatever the text."""
    if len(text) > LONGEST_TEXT:
        return ShowHelp(f"That is {len(text):,} characters long; at most {LONGEST_TEXT:,} are read.")
    return _read(text)


@lru_cache(maxsize=512)
def _read(text: str) -> Command:
    """Kept, for each listener of the command reads it to know whether it is meant."""
    plain = _plain(text)
    if not plain:
        return ShowHelp()
    word, _, rest = plain.partition(" ")
    verb = _VERBS.get(word.lower().rstrip(":"))
    return _READERS[verb](rest.strip()) if verb else _without_verb(plain)


def wants_form(text: str) -> bool:
    """Whether it is `subscribe` without saying what, which a form can ask for where there are forms."""
    return len(text) <= LONGEST_TEXT and _VERBS.get(_plain(text).lower().rstrip(":")) == "subscribe"


def _plain(text: str) -> str:
    """Without control and format characters (phones and copied text bring them), blanks evened."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    kept = "".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Cs"})
    return " ".join(kept.split())


def _status(rest: str) -> Command:
    return StatusOf(rest) if rest else ShowHelp("Say which version: for example `/dlvm status pytorch-2.7`.")


def _successor(rest: str) -> Command:
    return SuccessorOf(rest) if rest else ShowHelp("Say from which version: `/dlvm successor pytorch-2.7`.")


def _history(rest: str) -> Command:
    return HistoryOf(rest) if rest else ShowHelp("Say of which version: for example `/dlvm history pytorch-2.7`.")


def _subscribe(rest: str) -> Command:
    return Subscribe(rest) if rest else ShowHelp("Say what to watch: for example `/dlvm subscribe pytorch-2.7`.")


def _without_verb(plain: str) -> Command:
    """A bare name is a question about it; anything else is not understood."""
    if isinstance(parser.read(plain), parser.Unreadable):
        return ShowHelp(f"“{_shortened(plain)}” is not something dlvm understands.")
    return StatusOf(plain)


def _list(rest: str) -> Command:
    words = rest.split()
    everything = any(word.lower() == "all" for word in words)
    return ListVersions(" ".join(word for word in words if word.lower() != "all"), everything)


def _window(rest: str, verb: str, default: int, asked: Callable[[int], Command]) -> Command:
    """A number of days, weeks, months or years to look ahead."""
    if not rest:
        return asked(default)
    found = _WINDOW.fullmatch(rest.lower())
    unit = _DAYS_IN.get((found[2] or "d") if found else "")
    days = int(found[1]) * unit if found and unit else 0
    if not 0 < days <= LONGEST_WINDOW:
        return ShowHelp(f"“{_shortened(rest)}” is not a number of days up to {LONGEST_WINDOW}: try `/dlvm {verb} 90d`.")
    return asked(days)


def _unsubscribe(rest: str) -> Command:
    if not rest:
        return ShowHelp("Say what to stop watching: for example `/dlvm unsubscribe pytorch-2.7`.")
    return Unsubscribe(rest)


def _subscriptions(rest: str) -> Command:
    if rest.lower().split(" ")[0] == "all":
        return _paged(rest[3:].strip(), "subscriptions all", ShowInventory)
    return _paged(rest, "subscriptions", ShowSubscriptions)


def _paged(rest: str, verb: str, asked: Callable[[int], Command]) -> Command:
    number = rest.lower().removeprefix("page").strip()
    if not number:
        return asked(1)
    if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) <= LAST_PAGE):
        return ShowHelp(f"“{_shortened(rest)}” is not a page: try `/dlvm {verb} 2`.")
    return asked(int(number))


def _settings(rest: str) -> Command:
    """Names of settings, each with its value up to the next name."""
    found = list(_SETTING.finditer(rest))
    before = rest[: found[0].start()] if found else rest
    if before.strip(" ,;"):
        return ShowHelp(
            f"“{_shortened(before.strip())}” is not a setting: try `/dlvm settings zone Asia/Taipei hour 09:30`."
        )
    ends = [*(each.start() for each in found[1:]), len(rest)][: len(found)]
    wishes = [
        (_SETTING_NAMES[each[1].lower()], rest[each.end() : end].strip(" ,;"))
        for each, end in zip(found, ends, strict=True)
    ]
    empty = next((name for name, value in wishes if not value), None)
    return ShowHelp(f"Say what `{empty}` should be.") if empty else ChangeSettings(tuple(wishes))


def _shortened(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


_READERS: dict[str, Callable[[str], Command]] = {
    "status": _status,
    "successor": _successor,
    "history": _history,
    "list": _list,
    "upcoming": lambda rest: _window(rest, "upcoming", DEFAULT_WINDOW, ShowUpcoming),
    "preview": lambda rest: _window(rest, "preview", DEFAULT_PREVIEW, ShowPreview),
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "subscriptions": _subscriptions,
    "settings": _settings,
    "permissions": team_parser.permissions,
    "audit": lambda rest: _paged(rest, "audit", ShowAudit),
    "team": team_parser.team,
    "export": lambda _: Export(),
    "import": lambda _: OpenImport(),
    "help": lambda _: ShowHelp(),
}
