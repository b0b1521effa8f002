"""What the channels of a workspace watch, for those who look after several: teams, their progress, the inventory."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle
from bot.service.place import Place, channel_at, today_at
from bot.service.reminders import forecast
from bot.service.subscriptions import targets as watching
from bot.service.teams import visibility
from bot.service.versions.snapshot import Known, KnownVersions
from storage import decisions, subscriptions, teams
from storage.database import Database
from storage.facts import DLVM, Decided, Decision, FrameworkVersion, Schedule, Subscription

LATELY = timedelta(days=90)
"""How long a date that has passed is still shown: whoever is not migrated by then has other troubles."""

PAGE = 15
"""Channels on one page of the inventory."""


class Overview:
    """Shows teams and channels to somebody, and of them only what that person may see."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def teams(self, place: Place) -> answers.TeamList:
        """Every team."""
        with self._database.reading() as session:
            found = teams.all(session, place.workspace_id)
            return answers.TeamList(tuple(visibility.team_to(session, place, team) for team in found))

    def team(self, name: str, place: Place, now: datetime) -> answers.TeamShown | answers.Mistaken:
        """What the team's channels watch, and who of them has migrated."""
        with self._database.reading() as session:
            team = teams.find(session, place.workspace_id, name)
            if team is None:
                return answers.Mistaken(
                    f"There is no team `{name[:40]}`: `/dlvm team` lists them, `/dlvm team create` makes one."
                )
            line = visibility.team_to(session, place, team)
            day = today_at(channel_at(session, place, self._default), now)
            watched = _by_channel(subscriptions.of_channels(session, place.workspace_id, line.channels))
            decided = decisions.of_channels(session, place.workspace_id, line.channels)
            known = self._known.read(session)
        return answers.TeamShown(day, line, _progress(day, known, watched, decided))

    def inventory(self, page: int, place: Place, now: datetime) -> answers.Inventory:
        """What each channel watches that the person may see; others are neither named nor counted."""
        with self._database.reading() as session:
            known = self._known.read(session)
            here = channel_at(session, place, self._default)
            watched = _by_channel(subscriptions.of_workspace(session, place.workspace_id))
            seen = visibility.channels_to(session, place, tuple(watched))
            shown_ids = sorted((c for c in watched if c in seen), key=lambda c: (c != place.channel_id, c))
            pages = max(1, -(-len(shown_ids) // PAGE))
            shown = min(max(page, 1), pages)
            part = shown_ids[(shown - 1) * PAGE : shown * PAGE]
            lines = tuple(self._line(session, c, watched[c], known, place, now) for c in part)
        return answers.Inventory(today_at(here, now), here.schedule.zone, lines, shown, pages, len(shown_ids))

    def _line(
        self, session: Session, channel_id: str, targets: Sequence[str], known: Known, place: Place, now: datetime
    ) -> answers.InventoryLine:
        channel = channel_at(session, Place(place.workspace_id, channel_id), self._default)
        return answers.InventoryLine(
            channel_id,
            tuple(targets),
            forecast.first(
                now,
                watching.versions(targets, known),
                channel,
                decisions.of_channel(session, place.workspace_id, channel_id),
            ),
            teams.of_channel(session, place.workspace_id, channel_id),
        )


def _by_channel(found: Sequence[Subscription]) -> dict[str, tuple[str, ...]]:
    return {c: tuple(s.target for s in group) for c, group in groupby(found, key=lambda s: s.channel_id)}


def _progress(
    day: date, known: Known, watched: dict[str, tuple[str, ...]], decided: Sequence[Decision]
) -> tuple[answers.Progress, ...]:
    covered = {channel_id: {v.name for v in watching.versions(t, known)} for channel_id, t in watched.items()}
    for each in decided:  # who has migrated may have ceased to watch it
        if each.decided is Decided.MIGRATED:
            covered.setdefault(each.channel_id, set()).add(each.version)
    found = [
        _of_date(version, milestone, channels, decided)
        for version in known.versions
        if (channels := [c for c in sorted(covered) if version.name in covered[c]])
        for milestone in lifecycle.milestones(version)
        if day - milestone.day <= LATELY
    ]
    return tuple(sorted(found, key=lambda each: (each.milestone_date, each.version)))


def _of_date(
    version: FrameworkVersion,
    milestone: lifecycle.MilestoneDate,
    channels: Sequence[str],
    decided: Sequence[Decision],
) -> answers.Progress:
    about = [d for d in decided if (d.product, d.version) == (DLVM, version.name)]
    migrated = {d.channel_id for d in about if d.decided is Decided.MIGRATED}
    acknowledged = {
        d.channel_id
        for d in about
        if d.decided is Decided.ACKNOWLEDGED and (d.milestone, d.milestone_date) == (milestone.milestone, milestone.day)
    }
    return answers.Progress(
        version.name,
        milestone.milestone,
        milestone.day,
        migrated=tuple(c for c in channels if c in migrated),
        acknowledged=tuple(c for c in channels if c in acknowledged - migrated),
        open=tuple(c for c in channels if c not in migrated | acknowledged),
        by_hand=milestone.by_hand,
        unverified=milestone.unverified,
    )
