"""Parsers for the text after each verb of /dlvm."""

import re
from collections.abc import Callable

from bot.answers import TeamAction
from bot.commands.model import (
    ChangePermissions,
    ChangeSettings,
    ChangeTeam,
    Command,
    InvalidCommand,
    ListTeams,
    ListVersions,
    ShowAudit,
    ShowHelp,
    ShowInventory,
    ShowPermissions,
    ShowPreview,
    ShowSubscriptions,
    ShowTeam,
    ShowUpcomingDates,
)
from bot.service.subscriptions import setting_values
from bot.service.subscriptions.setting_table import NAMES_BY_WORD
from storage.facts import PermissionRule

MAX_WINDOW_DAYS = 3_660
"""About ten years."""

MAX_PAGE = 99_999

_DAYS_BY_UNIT = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "m": 30, "month": 30, "months": 30}
_DAYS_BY_UNIT |= {"y": 365, "year": 365, "years": 365}
_WINDOW = re.compile(r"(\d{1,5})\s*([a-z]*)")
_SETTING = re.compile(rf"(?:^|(?<=[\s,;]))({'|'.join(NAMES_BY_WORD)})(?:\s*[=:]\s*|\s+|$)", re.IGNORECASE)
_MENTION = re.compile(r"<(?:@|!subteam\^)([UWS][A-Z0-9]{2,20})(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{1,20})(?:\|[^>]*)?>")
_RULES = {rule.value: rule for rule in PermissionRule}
_RULES |= {"anybody": PermissionRule.ANYONE, "everyone": PermissionRule.ANYONE, "creator": PermissionRule.CREATORS}
_ACTIONS = {action.value: action for action in TeamAction} | {"new": TeamAction.CREATE}


def parse_text(build: Callable[[str], Command], hint: str, rest: str) -> Command:
    """Return the command for the text, or help with the hint if there is none."""
    return build(rest) if rest else ShowHelp(hint)


def parse_list(rest: str) -> Command:
    """Parse the name of a framework or product, and `all` anywhere beside it."""
    words = rest.split()
    framework = " ".join(word for word in words if word.lower() != "all")
    return ListVersions(framework, show_all=framework != " ".join(words))


def parse_window(build: type[ShowUpcomingDates | ShowPreview], verb: str, rest: str) -> Command:
    """Parse a number of days, weeks, months or years to look ahead."""
    if not rest:
        return build()
    match = _WINDOW.fullmatch(rest.lower())
    days = int(match[1]) * _DAYS_BY_UNIT.get(match[2] or "d", 0) if match else 0
    if 0 < days <= MAX_WINDOW_DAYS:
        return build(days)
    example = f"Try `/dlvm {verb} 90d`."
    return ShowHelp(f"“{shorten(rest)}” isn’t a number of days between 1 and {MAX_WINDOW_DAYS:,}. {example}")


def parse_page(build: type[ShowSubscriptions | ShowInventory | ShowAudit], verb: str, rest: str) -> Command:
    """Parse a page number, with or without the word “page”."""
    number = rest.lower().removeprefix("page").strip()
    if not number:
        return build()
    if number.isascii() and number.isdigit() and 0 < int(number[:6]) <= MAX_PAGE:
        return build(int(number))
    return ShowHelp(f"“{shorten(rest)}” isn’t a page number. Try `/dlvm {verb} 2`.")


def parse_subscriptions(rest: str) -> Command:
    """Parse a page of the channel's subscriptions or, after `all`, of every channel's."""
    word, _, page = rest.partition(" ")
    if word.lower() == "all":
        return parse_page(ShowInventory, "subscriptions all", page.strip())
    return parse_page(ShowSubscriptions, "subscriptions", rest)


def parse_settings(rest: str) -> Command:
    """Parse names of settings. The value of each is the text up to the next name."""
    names = list(_SETTING.finditer(rest))
    prefix = rest[: names[0].start()] if names else rest
    if prefix.strip(" ,;"):
        return ShowHelp(
            f"“{shorten(prefix.strip())}” isn’t a setting. Try `/dlvm settings zone Asia/Taipei hour 09:30`."
        )
    ends = [*(name.start() for name in names[1:]), len(rest)][: len(names)]
    values = [
        (NAMES_BY_WORD[name[1].lower()], rest[name.end() : end].strip(" ,;"))
        for name, end in zip(names, ends, strict=True)
    ]
    missing = next((name for name, value in values if not value), None)
    return ShowHelp(f"`{missing}` needs a value.") if missing else ChangeSettings(tuple(values))


def parse_permissions(rest: str) -> Command:
    """Parse a rule (`anyone`, `creators` or `named`) and the people and user groups mentioned after it."""
    if not rest:
        return ShowPermissions()
    word, _, who = rest.partition(" ")
    rule = _RULES.get(word.lower().rstrip(":"))
    if rule is None:
        return InvalidCommand(
            f"“{word[:60]}” isn’t a rule. Try `/dlvm permissions anyone`, `/dlvm permissions creators` or"
            " `/dlvm permissions named @ana`."
        )
    if not who:
        return ChangePermissions(rule)
    if who.lower() in setting_values.NONE_WORDS:
        return ChangePermissions(rule, ())
    leftover = _remove_matches(_MENTION, who)
    if leftover:
        return InvalidCommand(f"“{leftover[:60]}” isn’t a person or user group. Type `@` and pick each from the list.")
    return ChangePermissions(rule, tuple(dict.fromkeys(_MENTION.findall(who))))


def parse_team(rest: str) -> Command:
    """Parse a team name and an action, in either order, and the arguments of the action."""
    if not rest:
        return ListTeams()
    first, _, more = rest.partition(" ")
    second, _, last = more.partition(" ")
    if first.lower() in _ACTIONS:
        action, name, arguments = _ACTIONS[first.lower()], second, last
    elif not second:
        return ShowTeam(first.lower())
    elif second.lower() in _ACTIONS:
        action, name, arguments = _ACTIONS[second.lower()], first, last
    else:
        return InvalidCommand(
            f"Unknown team command: “{second[:60]}”. Try `/dlvm team {_format_example_name(first)} add #channel`."
        )
    if not name:
        return InvalidCommand(f"Name a team, e.g. `/dlvm team {action.value} ml-platform`.")
    return _build_change(action, name.lower(), arguments.strip())


def _build_change(action: TeamAction, name: str, arguments: str) -> Command:
    match action:
        case TeamAction.CREATE | TeamAction.DELETE if arguments:
            return InvalidCommand(
                f"A team name must be one word. Try `/dlvm team {action.value} {_format_example_name(name)}`."
            )
        case TeamAction.CREATE | TeamAction.DELETE:
            return ChangeTeam(action, name)
        case TeamAction.ADD | TeamAction.REMOVE:
            return _parse_channels(action, name, arguments)
        case TeamAction.OWNER:
            return _parse_owner(name, arguments)
        case TeamAction.SUBSCRIBE | TeamAction.UNSUBSCRIBE:
            if not arguments:
                example = f"`/dlvm team {_format_example_name(name)} {action.value} pytorch-2.7`"
                return InvalidCommand(f"Name a version or framework, e.g. {example}.")
            return ChangeTeam(action, name, tuple(arguments.split()))


def _parse_channels(action: TeamAction, name: str, arguments: str) -> Command:
    leftover = _remove_matches(_CHANNEL, arguments)
    if leftover:
        return InvalidCommand(f"“{leftover[:60]}” isn’t a channel. Type `#` and pick each from the list.")
    return ChangeTeam(action, name, tuple(dict.fromkeys(_CHANNEL.findall(arguments))))


def _parse_owner(name: str, argument: str) -> Command:
    if argument and argument.lower() in setting_values.NONE_WORDS:
        return ChangeTeam(TeamAction.OWNER, name)
    mention = _MENTION.fullmatch(argument)
    if mention is None:
        return InvalidCommand(
            "Who owns the team? Type `@` and pick one person or user group from the list, or remove the owner with"
            f" `/dlvm team {_format_example_name(name)} owner nobody`."
        )
    return ChangeTeam(TeamAction.OWNER, name, (mention[1],))


def _remove_matches(pattern: re.Pattern[str], text: str) -> str:
    return re.sub(r"[\s,;&]+|\band\b", " ", pattern.sub(" ", text)).strip()


def _format_example_name(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9-]{2,40}", name) else "ml-platform"


def shorten(text: str, max_length: int = 60) -> str:
    """Return the text, cut to the length."""
    return text if len(text) <= max_length else text[: max_length - 1] + "…"
