"""The use cases behind commands, and the table that says which command runs which.

Separate from `bot.bootstrap.application`, because Bolt is slow to import and a question asked on the command line
needs none of it.
"""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from bot import answers
from bot.answers import UNCHECKED, ChannelLook
from bot.commands import model
from bot.commands.dispatcher import Dispatcher
from bot.service.access.audit import AuditLog
from bot.service.access.permissions import OfflineDirectory, Permissions, UserDirectory
from bot.service.place import Place
from bot.service.reminders.upcoming import UpcomingReminders
from bot.service.subscriptions.import_export import ImportExport
from bot.service.subscriptions.preview import ReminderPreviews
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.subscribe import Subscriptions
from bot.service.teams.overview import Overview
from bot.service.teams.teams import Teams
from bot.service.versions.history import VersionHistories
from bot.service.versions.lookup import VersionLookup
from bot.service.versions.snapshot import SnapshotCache
from storage.database import Database
from storage.facts import Schedule

_SUBSCRIBE_HINT = "Name what to subscribe to, e.g. `/dlvm subscribe pytorch-2.7`."


class UseCases(Struct, frozen=True):
    """The use cases on one database that share a snapshot cache, and the dispatcher that runs them for commands."""

    snapshots: SnapshotCache
    lookup: VersionLookup
    subscriptions: Subscriptions
    settings: SettingsEditor
    permissions: Permissions
    import_export: ImportExport
    dispatcher: Dispatcher


def build_use_cases(
    database: Database,
    default: Schedule,
    look_up: Callable[[Place], ChannelLook] = lambda _: UNCHECKED,
    users: UserDirectory | None = None,
) -> UseCases:
    """Return the use cases. Without Slack, channels stay unchecked and everyone counts as a member."""
    snapshots = SnapshotCache()
    settings = SettingsEditor(database, snapshots, default)
    permissions = Permissions(database, users or OfflineDirectory())
    use_cases = UseCases(
        snapshots,
        VersionLookup(database, snapshots, default),
        Subscriptions(database, snapshots, default),
        settings,
        permissions,
        ImportExport(database, snapshots, default, settings),
        Dispatcher(permissions),
    )
    _register_questions(
        use_cases, VersionHistories(database, snapshots, default), UpcomingReminders(database, snapshots, default)
    )
    _register_channel_commands(use_cases, ReminderPreviews(database, snapshots, default), look_up)
    teams = Teams(database, snapshots, default, permissions)
    _register_administration(use_cases, teams, Overview(database, snapshots, default), AuditLog(database, default))
    return use_cases


def _register_questions(use_cases: UseCases, histories: VersionHistories, upcoming: UpcomingReminders) -> None:
    on, lookup = use_cases.dispatcher.register, use_cases.lookup
    on(model.ShowStatus, lambda command, place, now: lookup.show_status(command.text, place, now))
    on(model.ShowSuccessor, lambda command, place, now: lookup.show_successor(command.text, place, now))
    on(model.ShowHistory, lambda command, place, now: histories.show(command.text, place, now))
    on(
        model.ListVersions,
        lambda command, place, now: lookup.list_versions(
            command.framework, place, now, include_unavailable=command.show_all
        ),
    )
    on(model.ShowUpcomingDates, lambda command, place, now: upcoming.show(command.days, place, now))
    on(model.InvalidCommand, lambda command, *_: answers.InvalidRequest(command.message))
    on(model.ShowHelp, lambda command, *_: answers.Help(command.reason))


def _register_channel_commands(
    use_cases: UseCases, previews: ReminderPreviews, look_up: Callable[[Place], ChannelLook]
) -> None:
    on, subscriptions, settings = use_cases.dispatcher.register, use_cases.subscriptions, use_cases.settings

    def subscribe(command: model.Subscribe, place: Place, now: datetime) -> answers.Answer:
        look = look_up(place)
        return subscriptions.subscribe(command.text, place, now, reach=look.reach, is_public=look.is_public)

    def list_subscriptions(command: model.ShowSubscriptions, place: Place, now: datetime) -> answers.Answer:
        reach = look_up(place).reach
        subscriptions.reopen_if_reachable(place, now, reach=reach)
        return subscriptions.list_page(command.page, place, now, reach=reach)

    def change_settings(command: model.ChangeSettings, place: Place, now: datetime) -> answers.Answer:
        return settings.change(command.values, place, now) if command.values else settings.show(place, now)

    on(model.Subscribe, subscribe)
    on(model.OpenSubscribeForm, lambda *_: answers.Help(_SUBSCRIBE_HINT))
    on(model.Unsubscribe, lambda command, place, now: subscriptions.unsubscribe(command.text, place, now))
    on(model.ShowSubscriptions, list_subscriptions)
    on(model.ShowPreview, lambda command, place, now: previews.show(command.days, place, now))
    on(model.ChangeSettings, change_settings)
    on(model.Export, lambda _, place, __: use_cases.import_export.export(place))
    on(model.OpenImportForm, lambda *_: answers.ImportForm())


def _register_administration(use_cases: UseCases, teams: Teams, overview: Overview, audit: AuditLog) -> None:
    on, permissions = use_cases.dispatcher.register, use_cases.permissions
    on(model.ShowInventory, lambda command, place, now: overview.show_inventory(command.page, place, now))
    on(model.ShowPermissions, lambda _, place, __: permissions.show(place))
    on(
        model.ChangePermissions,
        lambda command, place, now: permissions.change(command.rule, command.managers, place, now),
    )
    on(model.ShowAudit, lambda command, place, _: audit.show(command.page, place))
    on(model.ListTeams, lambda _, place, __: overview.list_teams(place))
    on(model.ShowTeam, lambda command, place, now: overview.show_team(command.name, place, now))
    on(
        model.ChangeTeam,
        lambda command, place, now: teams.change(command.action, command.name, command.arguments, place, now),
    )
