"""Which channels somebody may see: the one they are in, and those that Slack said are public."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.answers import TeamLine
from bot.service.place import Place
from storage import channels, teams
from storage.facts import Team


def filter_visible(session: Session, place: Place, channel_ids: Sequence[str]) -> frozenset[str]:
    """Those of the channels that whoever asks at the place may hear of; the terminal sees all."""
    if not place.user_id:
        return frozenset(channel_ids)
    return channels.filter_public(session, place.workspace_id, channel_ids) | ({place.channel_id} & set(channel_ids))


def build_team_line(session: Session, place: Place, team: Team) -> TeamLine:
    """The team, with no channel that the asker may not see."""
    seen = filter_visible(session, place, team.channels)
    return TeamLine(team.name, team.owner, tuple(c for c in team.channels if c in seen), team.targets)


def list_other_team_targets(session: Session, place: Place, excluded_team: str) -> frozenset[str]:
    """What the channel at the place watches because of other teams."""
    names = [
        name
        for name in teams.list_names_for_channel(session, place.workspace_id, place.channel_id)
        if name != excluded_team
    ]
    found = [teams.find(session, place.workspace_id, name) for name in names]
    return frozenset(target for team in found if team is not None for target in team.targets)
