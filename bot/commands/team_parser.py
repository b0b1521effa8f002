"""Parsers for the text after `/dlvm team` and `/dlvm permissions`."""

import re

from bot.answers import TeamAction
from bot.commands.model import (
    ChangePermissions,
    ChangeTeam,
    Command,
    InvalidCommand,
    ListTeams,
    ShowPermissions,
    ShowTeam,
)
from bot.service.subscriptions import setting_values
from storage.facts import PermissionRule

_MENTION = re.compile(r"<(?:@|!subteam\^)([UWS][A-Z0-9]{2,20})(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{1,20})(?:\|[^>]*)?>")
_RULES = {
    "anyone": PermissionRule.ANYONE,
    "anybody": PermissionRule.ANYONE,
    "everyone": PermissionRule.ANYONE,
    "creators": PermissionRule.CREATORS,
    "creator": PermissionRule.CREATORS,
    "named": PermissionRule.NAMED,
}
_ACTIONS = {
    "create": TeamAction.CREATE,
    "new": TeamAction.CREATE,
    "delete": TeamAction.DELETE,
    "add": TeamAction.ADD,
    "remove": TeamAction.REMOVE,
    "owner": TeamAction.OWNER,
    "subscribe": TeamAction.SUBSCRIBE,
    "unsubscribe": TeamAction.UNSUBSCRIBE,
}


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
    """Return the text without matches of the pattern, separators and the word “and”."""
    return re.sub(r"[\s,;&]+|\band\b", " ", pattern.sub(" ", text)).strip()


def _format_example_name(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9-]{2,40}", name) else "ml-platform"
