"""The text after /dlvm, read into a command: pure, tolerant of case, spacing and synonyms."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from bot.commands import team_parser
from bot.commands.model import (
    DEFAULT_PREVIEW_DAYS,
    DEFAULT_UPCOMING_DAYS,
    ChangeSettings,
    Command,
    Export,
    ListVersions,
    OpenImport,
    ShowAudit,
    ShowHelp,
    ShowHistory,
    ShowInventory,
    ShowPreview,
    ShowStatus,
    ShowSubscriptions,
    ShowSuccessor,
    ShowUpcoming,
    Subscribe,
    Unsubscribe,
)
from bot.policy.names import parser

MAX_TEXT_LENGTH = 1_000
"""Characters; a list of forty image names fits."""

MAX_WINDOW_DAYS = 3_660
"""Days; ten years."""

MAX_PAGE = 99_999


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
_DAYS_BY_UNIT = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "m": 30, "month": 30, "months": 30}
_DAYS_BY_UNIT |= {"y": 365, "year": 365, "years": 365}
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


def parse(text: str) -> Command:
    """What the text after the command asks for; never raises, whatever the text."""
    if len(text) > MAX_TEXT_LENGTH:
        return ShowHelp(f"That is {len(text):,} characters long; at most {MAX_TEXT_LENGTH:,} are read.")
    return _parse_cached(text)


@lru_cache(maxsize=512)
def _parse_cached(text: str) -> Command:
    """Kept, for each listener of the command reads it to know whether it is meant."""
    plain = _normalise(text)
    if not plain:
        return ShowHelp()
    word, _, rest = plain.partition(" ")
    verb = _VERBS.get(word.lower().rstrip(":"))
    return _PARSERS[verb](rest.strip()) if verb else _parse_bare_name(plain)


def is_bare_subscribe(text: str) -> bool:
    """Whether it is `subscribe` without saying what, which a form can ask for where there are forms."""
    return len(text) <= MAX_TEXT_LENGTH and _VERBS.get(_normalise(text).lower().rstrip(":")) == "subscribe"


def _normalise(text: str) -> str:
    """Without control and format characters (phones and copied text bring them), blanks evened."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    kept = "".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Cs"})
    return " ".join(kept.split())


def _parse_status(rest: str) -> Command:
    return ShowStatus(rest) if rest else ShowHelp("Say which version: for example `/dlvm status pytorch-2.7`.")


def _parse_successor(rest: str) -> Command:
    return ShowSuccessor(rest) if rest else ShowHelp("Say from which version: `/dlvm successor pytorch-2.7`.")


def _parse_history(rest: str) -> Command:
    return ShowHistory(rest) if rest else ShowHelp("Say of which version: for example `/dlvm history pytorch-2.7`.")


def _parse_subscribe(rest: str) -> Command:
    return Subscribe(rest) if rest else ShowHelp("Say what to watch: for example `/dlvm subscribe pytorch-2.7`.")


def _parse_bare_name(plain: str) -> Command:
    """A bare name is a question about it; anything else is not understood."""
    if isinstance(parser.parse_name(plain), parser.UnknownName):
        return ShowHelp(f"“{_shorten(plain)}” is not something dlvm understands.")
    return ShowStatus(plain)


def _parse_list(rest: str) -> Command:
    words = rest.split()
    everything = any(word.lower() == "all" for word in words)
    return ListVersions(" ".join(word for word in words if word.lower() != "all"), everything)


def _parse_window(rest: str, verb: str, default: int, build_command: Callable[[int], Command]) -> Command:
    """A number of days, weeks, months or years to look ahead."""
    if not rest:
        return build_command(default)
    found = _WINDOW.fullmatch(rest.lower())
    unit = _DAYS_BY_UNIT.get((found[2] or "d") if found else "")
    days = int(found[1]) * unit if found and unit else 0
    if not 0 < days <= MAX_WINDOW_DAYS:
        return ShowHelp(f"“{_shorten(rest)}” is not a number of days up to {MAX_WINDOW_DAYS}: try `/dlvm {verb} 90d`.")
    return build_command(days)


def _parse_unsubscribe(rest: str) -> Command:
    if not rest:
        return ShowHelp("Say what to stop watching: for example `/dlvm unsubscribe pytorch-2.7`.")
    return Unsubscribe(rest)


def _parse_subscriptions(rest: str) -> Command:
    if rest.lower().split(" ")[0] == "all":
        return _parse_page(rest[3:].strip(), "subscriptions all", ShowInventory)
    return _parse_page(rest, "subscriptions", ShowSubscriptions)


def _parse_page(rest: str, verb: str, build_command: Callable[[int], Command]) -> Command:
    number = rest.lower().removeprefix("page").strip()
    if not number:
        return build_command(1)
    if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) <= MAX_PAGE):
        return ShowHelp(f"“{_shorten(rest)}” is not a page: try `/dlvm {verb} 2`.")
    return build_command(int(number))


def _parse_settings(rest: str) -> Command:
    """Names of settings, each with its value up to the next name."""
    found = list(_SETTING.finditer(rest))
    before = rest[: found[0].start()] if found else rest
    if before.strip(" ,;"):
        return ShowHelp(
            f"“{_shorten(before.strip())}” is not a setting: try `/dlvm settings zone Asia/Taipei hour 09:30`."
        )
    ends = [*(each.start() for each in found[1:]), len(rest)][: len(found)]
    wishes = [
        (_SETTING_NAMES[each[1].lower()], rest[each.end() : end].strip(" ,;"))
        for each, end in zip(found, ends, strict=True)
    ]
    empty = next((name for name, value in wishes if not value), None)
    return ShowHelp(f"Say what `{empty}` should be.") if empty else ChangeSettings(tuple(wishes))


def _shorten(text: str, max_length: int = 60) -> str:
    return text if len(text) <= max_length else text[: max_length - 1] + "…"


_PARSERS: dict[str, Callable[[str], Command]] = {
    "status": _parse_status,
    "successor": _parse_successor,
    "history": _parse_history,
    "list": _parse_list,
    "upcoming": lambda rest: _parse_window(rest, "upcoming", DEFAULT_UPCOMING_DAYS, ShowUpcoming),
    "preview": lambda rest: _parse_window(rest, "preview", DEFAULT_PREVIEW_DAYS, ShowPreview),
    "subscribe": _parse_subscribe,
    "unsubscribe": _parse_unsubscribe,
    "subscriptions": _parse_subscriptions,
    "settings": _parse_settings,
    "permissions": team_parser.parse_permissions,
    "audit": lambda rest: _parse_page(rest, "audit", ShowAudit),
    "team": team_parser.parse_team,
    "export": lambda _: Export(),
    "import": lambda _: OpenImport(),
    "help": lambda _: ShowHelp(),
}
