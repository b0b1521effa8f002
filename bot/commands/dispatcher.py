"""The dispatcher: runs the use case for each command."""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec import Struct

from bot import answers
from bot.answers import ChannelLook
from bot.commands import model
from bot.service.access.audit import AuditLog
from bot.service.access.permissions import Permissions
from bot.service.place import Place
from bot.service.reminders.upcoming import Upcoming
from bot.service.subscriptions.import_export import ImportExport
from bot.service.subscriptions.preview import ReminderPreviews
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.subscribe import Subscriptions
from bot.service.teams.overview import Overview
from bot.service.teams.teams import Teams
from bot.service.versions.history import VersionHistories
from bot.service.versions.lookup import VersionLookup

UNCHECKED = ChannelLook(answers.ChannelReach.UNCHECKED)
"""The look at a channel that Slack was not asked about, or didn't answer in time."""


class AccessUseCases(Struct, frozen=True):
    """The use cases for permissions, the audit log, teams and documents."""

    permissions: Permissions
    audit: AuditLog
    teams: Teams
    overview: Overview
    import_export: ImportExport


class Dispatcher:
    """Runs commands from Slack and from the command line."""

    def __init__(
        self,
        lookup: VersionLookup,
        upcoming: Upcoming,
        subscriptions: Subscriptions,
        settings: SettingsEditor,
        previews: ReminderPreviews,
        access: AccessUseCases,
        histories: VersionHistories,
        look_up: Callable[[Place], ChannelLook],
    ) -> None:
        self.settings = settings
        self.permissions = access.permissions
        self.import_export = access.import_export
        self._access = access
        self._lookup = lookup
        self._upcoming = upcoming
        self._subscriptions = subscriptions
        self._previews = previews
        self._histories = histories
        self._look_up = look_up

    def dispatch(self, command: model.Command, place: Place, now: datetime) -> answers.Answer:
        """Check permissions if the command changes a channel, run it and return the answer.

        Slack is asked outside of any transaction.
        """
        change = model.format_command(command)
        denied = self.permissions.check(place, now, change) if change else None
        return denied or self.execute(command, place, now)

    def execute(self, command: model.Command, place: Place, now: datetime) -> answers.Answer:  # noqa: C901, PLR0911, PLR0912 - a table with one case for each command
        """Run a command without checking permissions and return the answer. Opens at most one short transaction."""
        match command:
            case model.ShowStatus(text=text):
                return self._lookup.show_status(text, place, now)
            case model.ShowSuccessor(text=text):
                return self._lookup.show_successor(text, place, now)
            case model.ShowHistory(text=text):
                return self._histories.show(text, place, now)
            case model.ListVersions(framework=framework, show_all=show_all):
                return self._lookup.list_versions(framework, place, now, include_unavailable=show_all)
            case model.ShowUpcoming(days=days):
                return self._upcoming.show(days, place, now)
            case model.Subscribe(text=text):
                look = self._look_up(place)
                return self._subscriptions.subscribe(text, place, now, reach=look.reach, is_public=look.is_public)
            case model.Unsubscribe(text=text):
                return self._subscriptions.unsubscribe(text, place, now)
            case model.ShowSubscriptions(page=page):
                return self._subscriptions.list_page(page, place, now, reach=self._look_up(place).reach)
            case model.ShowPreview(days=days):
                return self._previews.show(days, place, now)
            case model.ChangeSettings(values=()):
                return self.settings.show(place, now)
            case model.ChangeSettings(values=values):
                return self.settings.change(values, place, now)
            case model.ShowInventory(page=page):
                return self._access.overview.show_inventory(page, place, now)
            case model.ShowPermissions():
                return self.permissions.show(place)
            case model.ChangePermissions(rule=rule, managers=managers):
                return self.permissions.change(rule, managers, place, now)
            case model.ShowAudit(page=page):
                return self._access.audit.show(page, place)
            case model.ListTeams():
                return self._access.overview.list_teams(place)
            case model.ShowTeam(name=name):
                return self._access.overview.show_team(name, place, now)
            case model.ChangeTeam(action=action, name=name, arguments=arguments):
                return self._access.teams.change(action, name, arguments, place, now)
            case model.Export():
                return self.import_export.export(place)
            case model.OpenImport():
                return answers.ImportForm()
            case model.InvalidCommand(message=message):
                return answers.InvalidRequest(message)
            case model.ShowHelp(reason=reason):
                return answers.Help(reason)
            case _:
                assert_never(command)
