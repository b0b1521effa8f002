"""The text after `/dlvm team` and `/dlvm permissions`, read: pure."""

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
    """`anyone`, `creators` or `named`, and who is named."""
    if not rest:
        return ShowPermissions()
    word, _, who = rest.partition(" ")
    managing = _RULES.get(word.lower().rstrip(":"))
    if managing is None:
        return InvalidCommand(
            f"“{word[:60]}” is not a rule: try `/dlvm permissions anyone`, `/dlvm permissions creators` or"
            " `/dlvm permissions named @ana`."
        )
    if not who:
        return ChangePermissions(managing)
    if who.lower() in setting_values.NONE_WORDS:
        return ChangePermissions(managing, ())
    left = _remove_matches(_MENTION, who)
    if left:
        return InvalidCommand(
            f"“{left[:60]}” is neither a person nor a user group: pick each from the list after typing `@`."
        )
    return ChangePermissions(managing, tuple(dict.fromkeys(_MENTION.findall(who))))


def parse_team(rest: str) -> Command:
    """A team's name and what to do with it, in either order."""
    if not rest:
        return ListTeams()
    first, _, more = rest.partition(" ")
    second, _, last = more.partition(" ")
    if first.lower() in _ACTIONS:
        act, name, wanted = _ACTIONS[first.lower()], second, last
    elif not second:
        return ShowTeam(first.lower())
    elif second.lower() in _ACTIONS:
        act, name, wanted = _ACTIONS[second.lower()], first, last
    else:
        return InvalidCommand(
            f"“{second[:60]}” is nothing a team can do: try `/dlvm team {_format_example_name(first)} add #channel`."
        )
    if not name:
        return InvalidCommand(f"Say which team: for example `/dlvm team {act.value} ml-platform`.")
    return _build_change(act, name.lower(), wanted.strip())


def _build_change(action: TeamAction, name: str, arguments: str) -> Command:
    match action:
        case TeamAction.CREATE | TeamAction.DELETE if arguments:
            return InvalidCommand(
                f"A team's name is one word: try `/dlvm team {action.value} {_format_example_name(name)}`."
            )
        case TeamAction.CREATE | TeamAction.DELETE:
            return ChangeTeam(action, name)
        case TeamAction.ADD | TeamAction.REMOVE:
            return _parse_channels(action, name, arguments)
        case TeamAction.OWNER:
            return _parse_owner(name, arguments)
        case TeamAction.SUBSCRIBE | TeamAction.UNSUBSCRIBE:
            example = f"`/dlvm team {_format_example_name(name)} {action.value} pytorch-2.7`"
            return (
                ChangeTeam(action, name, tuple(arguments.split()))
                if arguments
                else InvalidCommand(f"Say what: {example}.")
            )


def _parse_channels(action: TeamAction, name: str, arguments: str) -> Command:
    left = _remove_matches(_CHANNEL, arguments)
    if left:
        return InvalidCommand(f"“{left[:60]}” is not a channel: pick each from the list after typing `#`.")
    return ChangeTeam(action, name, tuple(dict.fromkeys(_CHANNEL.findall(arguments))))


def _parse_owner(name: str, argument: str) -> Command:
    if argument and argument.lower() in setting_values.NONE_WORDS:
        return ChangeTeam(TeamAction.OWNER, name)
    found = _MENTION.fullmatch(argument)
    if found is None:
        return InvalidCommand(
            "Say who looks after the team: one person or user group from the list after typing `@`, or `nobody`:"
            f" `/dlvm team {_format_example_name(name)} owner nobody`."
        )
    return ChangeTeam(TeamAction.OWNER, name, (found[1],))


def _remove_matches(pattern: re.Pattern[str], text: str) -> str:
    """What is written besides what the pattern finds."""
    return re.sub(r"[\s,;&]+|\band\b", " ", pattern.sub(" ", text)).strip()


def _format_example_name(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9-]{2,40}", name) else "ml-platform"
