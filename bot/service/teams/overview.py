"""What the channels of a workspace watch, for those who look after several: teams, their progress, the inventory."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle
from bot.service.place import Place, get_channel, get_today
from bot.service.reminders import forecast
from bot.service.teams import visibility
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage import decisions, subscriptions, teams
from storage.database import Database
from storage.facts import DLVM, Decision, DecisionKind, FrameworkVersion, Schedule, Subscription

SHOW_PASSED_FOR = timedelta(days=90)
"""How long a date that has passed is still shown: whoever is not migrated by then has other troubles."""

PAGE_SIZE = 15
"""Channels on one page of the inventory."""


class Overview:
    """Shows teams and channels to somebody, and of them only what that person may see."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def list_teams(self, place: Place) -> answers.TeamList:
        """Every team."""
        with self._database.read_only() as session:
            found = teams.list_all(session, place.workspace_id)
            return answers.TeamList(tuple(visibility.build_team_line(session, place, team) for team in found))

    def show_team(self, name: str, place: Place, now: datetime) -> answers.TeamDetails | answers.InvalidRequest:
        """What the team's channels watch, and who of them has migrated."""
        with self._database.read_only() as session:
            team = teams.find(session, place.workspace_id, name)
            if team is None:
                return answers.InvalidRequest(
                    f"There is no team `{name[:40]}`: `/dlvm team` lists them, `/dlvm team create` makes one."
                )
            line = visibility.build_team_line(session, place, team)
            day = get_today(get_channel(session, place, self._default), now)
            watched = _group_by_channel(subscriptions.list_for_channels(session, place.workspace_id, line.channels))
            decided = decisions.list_for_channels(session, place.workspace_id, line.channels)
            known = self._snapshots.read(session)
        return answers.TeamDetails(day, line, _build_progress(day, known, watched, decided))

    def show_inventory(self, page: int, place: Place, now: datetime) -> answers.Inventory:
        """What each channel watches that the person may see; others are neither named nor counted."""
        with self._database.read_only() as session:
            known = self._snapshots.read(session)
            here = get_channel(session, place, self._default)
            watched = _group_by_channel(subscriptions.list_for_workspace(session, place.workspace_id))
            seen = visibility.filter_visible(session, place, tuple(watched))
            shown_ids = sorted((c for c in watched if c in seen), key=lambda c: (c != place.channel_id, c))
            pages = max(1, -(-len(shown_ids) // PAGE_SIZE))
            shown = min(max(page, 1), pages)
            part = shown_ids[(shown - 1) * PAGE_SIZE : shown * PAGE_SIZE]
            lines = tuple(self._build_line(session, c, watched[c], known, place, now) for c in part)
        return answers.Inventory(get_today(here, now), here.schedule.zone, lines, shown, pages, len(shown_ids))

    def _build_line(
        self,
        session: Session,
        channel_id: str,
        targets: Sequence[str],
        snapshot: CatalogueSnapshot,
        place: Place,
        now: datetime,
    ) -> answers.InventoryLine:
        channel = get_channel(session, Place(place.workspace_id, channel_id), self._default)
        return answers.InventoryLine(
            channel_id,
            tuple(targets),
            forecast.find_first(
                now,
                snapshot.list_covered_by(targets),
                channel,
                decisions.list_for_channel(session, place.workspace_id, channel_id),
            ),
            teams.list_names_for_channel(session, place.workspace_id, channel_id),
        )


def _group_by_channel(found: Sequence[Subscription]) -> dict[str, tuple[str, ...]]:
    return {c: tuple(s.target for s in group) for c, group in groupby(found, key=lambda s: s.channel_id)}


def _build_progress(
    day: date, snapshot: CatalogueSnapshot, watched: dict[str, tuple[str, ...]], decided: Sequence[Decision]
) -> tuple[answers.TeamProgress, ...]:
    covered = {channel_id: {v.name for v in snapshot.list_covered_by(t)} for channel_id, t in watched.items()}
    for each in decided:  # who has migrated may have ceased to watch it
        if each.kind is DecisionKind.MIGRATED:
            covered.setdefault(each.channel_id, set()).add(each.version)
    found = [
        _build_date_progress(version, milestone, channels, decided)
        for version in snapshot.versions
        if (channels := [c for c in sorted(covered) if version.name in covered[c]])
        for milestone in lifecycle.list_milestones(version)
        if day - milestone.day <= SHOW_PASSED_FOR
    ]
    return tuple(sorted(found, key=lambda each: (each.milestone_date, each.version)))


def _build_date_progress(
    version: FrameworkVersion,
    milestone: lifecycle.MilestoneDate,
    channels: Sequence[str],
    decided: Sequence[Decision],
) -> answers.TeamProgress:
    about = [d for d in decided if (d.product, d.version) == (DLVM, version.name)]
    migrated = {d.channel_id for d in about if d.kind is DecisionKind.MIGRATED}
    acknowledged = {
        d.channel_id
        for d in about
        if d.kind is DecisionKind.ACKNOWLEDGED
        and (d.milestone, d.milestone_date) == (milestone.milestone, milestone.day)
    }
    return answers.TeamProgress(
        version.name,
        milestone.milestone,
        milestone.day,
        migrated=tuple(c for c in channels if c in migrated),
        acknowledged=tuple(c for c in channels if c in acknowledged - migrated),
        open=tuple(c for c in channels if c not in migrated | acknowledged),
        is_overridden=milestone.is_overridden,
        is_unverified=milestone.is_unverified,
    )
