"""Overview of many channels: teams, their migration progress, and the inventory of subscriptions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy.lifecycle import MilestoneDate, list_milestones
from bot.service.place import Place, get_today
from bot.service.reminders import forecast
from bot.service.teams import visibility
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import decisions, subscriptions, teams
from storage.facts import DLVM, Decision, DecisionKind, FrameworkVersion, Subscription

SHOW_PASSED_FOR = timedelta(days=90)
"""How long a team's progress lists a date after it has passed."""

PAGE_SIZE = 15
"""Channels on a page of the inventory."""


class Overview(ChannelService):
    """Shows teams and channels, limited to the channels that the person can see."""

    def list_teams(self, place: Place) -> answers.TeamList:
        """Return every team of the workspace."""
        with self._database.read_only() as session:
            rows = teams.list_all(session, place.workspace_id)
            return answers.TeamList(tuple(visibility.build_team_line(session, place, team) for team in rows))

    def show_team(self, name: str, place: Place, now: datetime) -> answers.TeamDetails | answers.InvalidRequest:
        """Return the team's channels, targets and migration progress."""
        with self._database.read_only() as session:
            team = teams.find(session, place.workspace_id, name)
            if team is None:
                return answers.InvalidRequest(f"There is no team `{name[:40]}`. `/dlvm team` lists all teams.")
            line = visibility.build_team_line(session, place, team)
            day = get_today(self._get_channel(session, place), now)
            rows = subscriptions.list_for_channels(session, place.workspace_id, line.channels)
            team_decisions = decisions.list_for_channels(session, place.workspace_id, line.channels)
            snapshot = self._snapshots.read(session)
        return answers.TeamDetails(day, line, _build_progress(day, snapshot, _group_by_channel(rows), team_decisions))

    def show_inventory(self, page: int, place: Place, now: datetime) -> answers.Inventory:
        """Return a page of channels with their subscriptions, this channel first. Hidden channels aren't counted."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session)
            channel = self._get_channel(session, place)
            targets = _group_by_channel(subscriptions.list_for_workspace(session, place.workspace_id))
            visible = visibility.filter_visible(session, place, tuple(targets))
            channel_ids = sorted(visible, key=lambda c: (c != place.channel_id, c))
            pages = max(1, -(-len(channel_ids) // PAGE_SIZE))
            page = min(max(page, 1), pages)
            shown = channel_ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
            lines = tuple(
                self._build_line(session, replace(place, channel_id=c), targets[c], snapshot, now) for c in shown
            )
        return answers.Inventory(get_today(channel, now), channel.schedule.zone, lines, page, pages, len(channel_ids))

    def _build_line(
        self, session: Session, place: Place, targets: tuple[str, ...], snapshot: CatalogueSnapshot, now: datetime
    ) -> answers.InventoryLine:
        channel = self._get_channel(session, place)
        channel_decisions = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
        reminder = forecast.find_first(now, snapshot.list_covered_by(targets), channel, channel_decisions)
        names = teams.list_names_for_channel(session, place.workspace_id, place.channel_id)
        return answers.InventoryLine(place.channel_id, targets, reminder, names)


def _group_by_channel(rows: Sequence[Subscription]) -> dict[str, tuple[str, ...]]:
    """Return the targets of each channel. The rows must be sorted by channel."""
    return {c: tuple(row.target for row in group) for c, group in groupby(rows, key=lambda row: row.channel_id)}


def _build_progress(
    day: date, snapshot: CatalogueSnapshot, targets: dict[str, tuple[str, ...]], team_decisions: Sequence[Decision]
) -> tuple[answers.TeamProgress, ...]:
    """Return the team's progress on each date, soonest date first. `targets` are those of each channel."""
    covered = {c: {version.name for version in snapshot.list_covered_by(names)} for c, names in targets.items()}
    for decision in team_decisions:  # a channel that has migrated might have unsubscribed since
        if decision.kind is DecisionKind.MIGRATED:
            covered.setdefault(decision.channel_id, set()).add(decision.version)
    progress = [
        _build_date_progress(version, milestone, channel_ids, team_decisions)
        for version in snapshot.versions
        if (channel_ids := [c for c in sorted(covered) if version.name in covered[c]])
        for milestone in list_milestones(version)
        if day - milestone.day <= SHOW_PASSED_FOR
    ]
    return tuple(sorted(progress, key=lambda line: (line.milestone_date, line.version)))


def _build_date_progress(
    version: FrameworkVersion, milestone: MilestoneDate, channel_ids: Sequence[str], team_decisions: Sequence[Decision]
) -> answers.TeamProgress:
    about_version = [d for d in team_decisions if (d.product, d.version) == (DLVM, version.name)]
    migrated = {d.channel_id for d in about_version if d.kind is DecisionKind.MIGRATED}
    key = (DecisionKind.ACKNOWLEDGED, milestone.milestone, milestone.day)
    acknowledged = {d.channel_id for d in about_version if (d.kind, d.milestone, d.milestone_date) == key}
    return answers.TeamProgress(
        version.name,
        milestone.milestone,
        milestone.day,
        migrated=tuple(c for c in channel_ids if c in migrated),
        acknowledged=tuple(c for c in channel_ids if c in acknowledged - migrated),
        open=tuple(c for c in channel_ids if c not in migrated | acknowledged),
        is_overridden=milestone.is_overridden,
        is_unverified=milestone.is_unverified,
    )
