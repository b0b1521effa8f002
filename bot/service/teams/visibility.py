"""Channels that a person can see: the one they type in, and those that Slack says are public."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.answers import TeamLine
from bot.service.place import Place
from storage import channels, teams
from storage.facts import Team


def filter_visible(session: Session, place: Place, channel_ids: Sequence[str]) -> frozenset[str]:
    """Return the channels that the person at the place can see. The command line sees all of them."""
    if not place.user_id:
        return frozenset(channel_ids)
    return channels.filter_public(session, place.workspace_id, channel_ids) | ({place.channel_id} & set(channel_ids))


def build_team_line(session: Session, place: Place, team: Team) -> TeamLine:
    """Return the team without the channels that the person at the place can't see."""
    visible = filter_visible(session, place, team.channels)
    return TeamLine(team.name, team.owner, tuple(c for c in team.channels if c in visible), team.targets)


def list_other_team_targets(session: Session, place: Place, excluded_team: str) -> frozenset[str]:
    """Return the targets of the channel's teams, without those of one team."""
    names = teams.list_names_for_channel(session, place.workspace_id, place.channel_id)
    other_teams = (teams.find(session, place.workspace_id, name) for name in names if name != excluded_team)
    return frozenset(target for team in other_teams if team is not None for target in team.targets)
