"""The text after `/dlvm team` and `/dlvm permissions`, read: pure."""

import re

from bot.answers import TeamAct
from bot.commands.model import ChangePermissions, ChangeTeam, Command, ListTeams, Mistake, ShowPermissions, ShowTeam
from bot.service.subscriptions import setting_values
from storage.facts import Managing

_MENTION = re.compile(r"<(?:@|!subteam\^)([UWS][A-Z0-9]{2,20})(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{1,20})(?:\|[^>]*)?>")
_MANAGING = {
    "anyone": Managing.ANYONE,
    "anybody": Managing.ANYONE,
    "everyone": Managing.ANYONE,
    "creators": Managing.CREATORS,
    "creator": Managing.CREATORS,
    "named": Managing.NAMED,
}
_ACTS = {
    "create": TeamAct.CREATE,
    "new": TeamAct.CREATE,
    "delete": TeamAct.DELETE,
    "add": TeamAct.ADD,
    "remove": TeamAct.REMOVE,
    "owner": TeamAct.OWNER,
    "subscribe": TeamAct.SUBSCRIBE,
    "unsubscribe": TeamAct.UNSUBSCRIBE,
}


def permissions(rest: str) -> Command:
    """`anyone`, `creators` or `named`, and who is named."""
    if not rest:
        return ShowPermissions()
    word, _, who = rest.partition(" ")
    managing = _MANAGING.get(word.lower().rstrip(":"))
    if managing is None:
        return Mistake(
            f"“{word[:60]}” is not a rule: try `/dlvm permissions anyone`, `/dlvm permissions creators` or"
            " `/dlvm permissions named @ana`."
        )
    if not who:
        return ChangePermissions(managing)
    if who.lower() in setting_values.NONE:
        return ChangePermissions(managing, ())
    left = _left_of(_MENTION, who)
    if left:
        return Mistake(f"“{left[:60]}” is neither a person nor a user group: pick each from the list after typing `@`.")
    return ChangePermissions(managing, tuple(dict.fromkeys(_MENTION.findall(who))))


def team(rest: str) -> Command:
    """A team's name and what to do with it, in either order."""
    if not rest:
        return ListTeams()
    first, _, more = rest.partition(" ")
    second, _, last = more.partition(" ")
    if first.lower() in _ACTS:
        act, name, wanted = _ACTS[first.lower()], second, last
    elif not second:
        return ShowTeam(first.lower())
    elif second.lower() in _ACTS:
        act, name, wanted = _ACTS[second.lower()], first, last
    else:
        return Mistake(f"“{second[:60]}” is nothing a team can do: try `/dlvm team {_named(first)} add #channel`.")
    if not name:
        return Mistake(f"Say which team: for example `/dlvm team {act.value} ml-platform`.")
    return _change(act, name.lower(), wanted.strip())


def _change(act: TeamAct, name: str, wanted: str) -> Command:
    match act:
        case TeamAct.CREATE | TeamAct.DELETE if wanted:
            return Mistake(f"A team's name is one word: try `/dlvm team {act.value} {_named(name)}`.")
        case TeamAct.CREATE | TeamAct.DELETE:
            return ChangeTeam(act, name)
        case TeamAct.ADD | TeamAct.REMOVE:
            return _channels(act, name, wanted)
        case TeamAct.OWNER:
            return _owner(name, wanted)
        case TeamAct.SUBSCRIBE | TeamAct.UNSUBSCRIBE:
            example = f"`/dlvm team {_named(name)} {act.value} pytorch-2.7`"
            return ChangeTeam(act, name, tuple(wanted.split())) if wanted else Mistake(f"Say what: {example}.")


def _channels(act: TeamAct, name: str, wanted: str) -> Command:
    left = _left_of(_CHANNEL, wanted)
    if left:
        return Mistake(f"“{left[:60]}” is not a channel: pick each from the list after typing `#`.")
    return ChangeTeam(act, name, tuple(dict.fromkeys(_CHANNEL.findall(wanted))))


def _owner(name: str, wanted: str) -> Command:
    if wanted and wanted.lower() in setting_values.NONE:
        return ChangeTeam(TeamAct.OWNER, name)
    found = _MENTION.fullmatch(wanted)
    if found is None:
        return Mistake(
            "Say who looks after the team: one person or user group from the list after typing `@`, or `nobody`:"
            f" `/dlvm team {_named(name)} owner nobody`."
        )
    return ChangeTeam(TeamAct.OWNER, name, (found[1],))


def _left_of(pattern: re.Pattern[str], text: str) -> str:
    """What is written besides what the pattern finds."""
    return re.sub(r"[\s,;&]+|\band\b", " ", pattern.sub(" ", text)).strip()


def _named(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9-]{2,40}", name) else "ml-platform"
