"""The parser for the text after /dlvm. It accepts any case and spacing, and synonyms."""

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
from bot.policy.names.parsed_names import UnknownName
from bot.policy.names.parser import parse_name
from bot.service.subscriptions.setting_table import NAMES_BY_WORD

MAX_TEXT_LENGTH = 1_000
"""Characters, enough for 40 image names."""

MAX_WINDOW_DAYS = 3_660
"""About ten years."""

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
_SETTING = re.compile(rf"(?:^|(?<=[\s,;]))({'|'.join(NAMES_BY_WORD)})(?:\s*[=:]\s*|\s+|$)", re.IGNORECASE)


def parse(text: str) -> Command:
    """Parse the text after /dlvm. Text that isn't understood becomes ShowHelp with a reason; never raises."""
    if len(text) > MAX_TEXT_LENGTH:
        return ShowHelp(f"That text is {len(text):,} characters long, and the limit is {MAX_TEXT_LENGTH:,}.")
    return _parse_cached(text)


@lru_cache(maxsize=512)
def _parse_cached(text: str) -> Command:
    """Parse the text once, although several listeners parse it to decide whether they handle the command."""
    words = _normalise(text)
    if not words:
        return ShowHelp()
    word, _, rest = words.partition(" ")
    verb = _VERBS.get(word.lower().rstrip(":"))
    return _PARSERS[verb](rest.strip()) if verb else _parse_bare_name(words)


def is_bare_subscribe(text: str) -> bool:
    """Return True if the text is `subscribe` without a target, which Slack answers with a form."""
    return len(text) <= MAX_TEXT_LENGTH and _VERBS.get(_normalise(text).lower().rstrip(":")) == "subscribe"


def _normalise(text: str) -> str:
    """Return the text with single spaces, without the control and format characters of phones and copied text."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    visible = "".join(c for c in spaced if unicodedata.category(c) not in {"Cf", "Cs"})
    return " ".join(visible.split())


def _parse_status(rest: str) -> Command:
    return ShowStatus(rest) if rest else ShowHelp("Name a version, e.g. `/dlvm status pytorch-2.7`.")


def _parse_successor(rest: str) -> Command:
    return ShowSuccessor(rest) if rest else ShowHelp("Name a version, e.g. `/dlvm successor pytorch-2.7`.")


def _parse_history(rest: str) -> Command:
    return ShowHistory(rest) if rest else ShowHelp("Name a version, e.g. `/dlvm history pytorch-2.7`.")


def _parse_subscribe(rest: str) -> Command:
    return Subscribe(rest) if rest else ShowHelp("Name what to subscribe to, e.g. `/dlvm subscribe pytorch-2.7`.")


def _parse_bare_name(text: str) -> Command:
    """Parse text without a verb, which is a question if it names a version."""
    if isinstance(parse_name(text), UnknownName):
        return ShowHelp(f"dlvm doesn’t understand “{_shorten(text)}”.")
    return ShowStatus(text)


def _parse_list(rest: str) -> Command:
    words = rest.split()
    show_all = any(word.lower() == "all" for word in words)
    return ListVersions(" ".join(word for word in words if word.lower() != "all"), show_all)


def _parse_window(rest: str, verb: str, default: int, build_command: Callable[[int], Command]) -> Command:
    """Parse a number of days, weeks, months or years to look ahead."""
    if not rest:
        return build_command(default)
    match = _WINDOW.fullmatch(rest.lower())
    days = int(match[1]) * _DAYS_BY_UNIT.get(match[2] or "d", 0) if match else 0
    if not 0 < days <= MAX_WINDOW_DAYS:
        return ShowHelp(
            f"“{_shorten(rest)}” isn’t a number of days between 1 and {MAX_WINDOW_DAYS:,}. Try `/dlvm {verb} 90d`."
        )
    return build_command(days)


def _parse_unsubscribe(rest: str) -> Command:
    if not rest:
        return ShowHelp("Name what to unsubscribe from, e.g. `/dlvm unsubscribe pytorch-2.7`.")
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
        return ShowHelp(f"“{_shorten(rest)}” isn’t a page number. Try `/dlvm {verb} 2`.")
    return build_command(int(number))


def _parse_settings(rest: str) -> Command:
    """Parse names of settings. The value of each is the text up to the next name."""
    names = list(_SETTING.finditer(rest))
    prefix = rest[: names[0].start()] if names else rest
    if prefix.strip(" ,;"):
        return ShowHelp(
            f"“{_shorten(prefix.strip())}” isn’t a setting. Try `/dlvm settings zone Asia/Taipei hour 09:30`."
        )
    ends = [*(name.start() for name in names[1:]), len(rest)][: len(names)]
    values = [
        (NAMES_BY_WORD[name[1].lower()], rest[name.end() : end].strip(" ,;"))
        for name, end in zip(names, ends, strict=True)
    ]
    missing = next((name for name, value in values if not value), None)
    return ShowHelp(f"`{missing}` needs a value.") if missing else ChangeSettings(tuple(values))


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
