"""Every command to its use case."""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec import Struct

from bot import answers
from bot.commands import model
from bot.service.access.audit import AuditLog
from bot.service.access.permissions import Permissions
from bot.service.place import Place
from bot.service.subscriptions.import_export import ImportExport
from bot.service.subscriptions.preview import ReminderPreviews
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.subscribe import Subscriptions
from bot.service.teams.overview import Overview
from bot.service.teams.teams import Teams
from bot.service.versions.history import VersionHistories
from bot.service.versions.lookup import VersionLookup

ChannelLook = answers.ChannelLook
UNCHECKED = ChannelLook(answers.ChannelReach.UNCHECKED)


class AccessUseCases(Struct, frozen=True):
    """The use cases about who may, who did, and who looks after what."""

    permissions: Permissions
    audit: AuditLog
    teams: Teams
    overview: Overview
    import_export: ImportExport


class Dispatcher:
    """Answers commands, whoever types them: a person in Slack, or in the terminal."""

    def __init__(
        self,
        lookup: VersionLookup,
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
        self._subscriptions = subscriptions
        self._previews = previews
        self._histories = histories
        self._look_up = look_up

    def dispatch(self, command: model.Command, place: Place, now: datetime) -> answers.Answer:
        """The answer as of `now`, or why the person may not have it done; no transaction while Slack is asked."""
        written = model.format_command(command)
        refused = self.permissions.check(place, now, written) if written else None
        return refused or self.execute(command, place, now)

    def execute(self, command: model.Command, place: Place, now: datetime) -> answers.Answer:  # noqa: C901, PLR0911, PLR0912 - one case a command is the table it stands for
        """Answers whoever asks, for somebody who may; a short transaction at most."""
        match command:
            case model.ShowStatus(text=text):
                return self._lookup.show_status(text, place, now)
            case model.ShowSuccessor(text=text):
                return self._lookup.show_successor(text, place, now)
            case model.ShowHistory(text=text):
                return self._histories.show(text, place, now)
            case model.ListVersions(framework=framework, show_all=everything):
                return self._lookup.list_versions(framework, place, now, include_unavailable=everything)
            case model.ShowUpcoming(days=days):
                return self._lookup.list_upcoming(days, place, now)
            case model.Subscribe(text=text):
                seen = self._look_up(place)
                return self._subscriptions.subscribe(text, place, now, reach=seen.reach, is_public=seen.is_public)
            case model.Unsubscribe(text=text):
                return self._subscriptions.unsubscribe(text, place, now)
            case model.ShowSubscriptions(page=page):
                return self._subscriptions.list_page(page, place, now, reach=self._look_up(place).reach)
            case model.ShowPreview(days=days):
                return self._previews.show(days, place, now)
            case model.ChangeSettings(values=()):
                return self.settings.show(place, now)
            case model.ChangeSettings(values=wishes):
                return self.settings.change(wishes, place, now)
            case model.ShowInventory(page=page):
                return self._access.overview.show_inventory(page, place, now)
            case model.ShowPermissions():
                return self.permissions.show(place)
            case model.ChangePermissions(rule=managing, managers=managers):
                return self.permissions.change(managing, managers, place, now)
            case model.ShowAudit(page=page):
                return self._access.audit.show(page, place)
            case model.ListTeams():
                return self._access.overview.list_teams(place)
            case model.ShowTeam(name=name):
                return self._access.overview.show_team(name, place, now)
            case model.ChangeTeam(action=act, name=name, arguments=wanted):
                return self._access.teams.change(act, name, wanted, place, now)
            case model.Export():
                return self.import_export.export(place)
            case model.OpenImport():
                return answers.ImportForm()
            case model.InvalidCommand(message=sentence):
                return answers.InvalidRequest(sentence)
            case model.ShowHelp(reason=reason):
                return answers.Help(reason)
            case _:
                assert_never(command)
