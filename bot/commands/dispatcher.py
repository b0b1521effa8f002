"""Every command to its use case."""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec import Struct

from bot import answers
from bot.commands import model
from bot.service.access.audit import Audit
from bot.service.access.permissions import Permissions
from bot.service.place import Place
from bot.service.subscriptions.import_export import Bulk
from bot.service.subscriptions.preview import Previews
from bot.service.subscriptions.settings import ChannelSettings
from bot.service.subscriptions.subscribe import Subscriptions
from bot.service.teams.overview import Overview
from bot.service.teams.teams import Teams
from bot.service.versions.history import Histories
from bot.service.versions.lookup import Lookup

Seen = answers.Seen
UNSEEN = Seen(answers.Reach.UNCHECKED)


class Governing(Struct, frozen=True):
    """The use cases about who may, who did, and who looks after what."""

    permissions: Permissions
    audit: Audit
    teams: Teams
    overview: Overview
    bulk: Bulk


class Conversation:
    """Answers commands, whoever types them: a person in Slack, or in the terminal."""

    def __init__(
        self,
        lookup: Lookup,
        subscriptions: Subscriptions,
        settings: ChannelSettings,
        previews: Previews,
        governing: Governing,
        histories: Histories,
        look: Callable[[Place], Seen],
    ) -> None:
        self.settings = settings
        self.permissions = governing.permissions
        self.bulk = governing.bulk
        self._governing = governing
        self._lookup = lookup
        self._subscriptions = subscriptions
        self._previews = previews
        self._histories = histories
        self._look = look

    def answer(self, command: model.Command, place: Place, now: datetime) -> answers.Answer:
        """The answer as of `now`, or why the person may not have it done; no transaction while Slack is asked."""
        written = model.written(command)
        refused = self.permissions.refusal(place, now, written) if written else None
        return refused or self.perform(command, place, now)

    def perform(  # noqa: C901, PLR0911, PLR0912 - one case a command is the table it stands for
        self, command: model.Command, place: Place, now: datetime
    ) -> answers.Answer:
        """Answers whoever asks, for somebody who may; a short transaction at most."""
        match command:
            case model.StatusOf(text=text):
                return self._lookup.status(text, place, now)
            case model.SuccessorOf(text=text):
                return self._lookup.successor(text, place, now)
            case model.HistoryOf(text=text):
                return self._histories.of(text, place, now)
            case model.ListVersions(framework=framework, everything=everything):
                return self._lookup.listing(framework, place, now, everything=everything)
            case model.ShowUpcoming(days=days):
                return self._lookup.upcoming(days, place, now)
            case model.Subscribe(text=text):
                seen = self._look(place)
                return self._subscriptions.subscribe(text, place, now, reach=seen.reach, is_public=seen.is_public)
            case model.Unsubscribe(text=text):
                return self._subscriptions.unsubscribe(text, place, now)
            case model.ShowSubscriptions(page=page):
                return self._subscriptions.listing(page, place, now, reach=self._look(place).reach)
            case model.ShowPreview(days=days):
                return self._previews.show(days, place, now)
            case model.ChangeSettings(wishes=()):
                return self.settings.show(place, now)
            case model.ChangeSettings(wishes=wishes):
                return self.settings.change(wishes, place, now)
            case model.ShowInventory(page=page):
                return self._governing.overview.inventory(page, place, now)
            case model.ShowPermissions():
                return self.permissions.show(place)
            case model.ChangePermissions(managing=managing, managers=managers):
                return self.permissions.change(managing, managers, place, now)
            case model.ShowAudit(page=page):
                return self._governing.audit.show(page, place)
            case model.ListTeams():
                return self._governing.overview.teams(place)
            case model.ShowTeam(name=name):
                return self._governing.overview.team(name, place, now)
            case model.ChangeTeam(act=act, name=name, wanted=wanted):
                return self._governing.teams.change(act, name, wanted, place, now)
            case model.Export():
                return self.bulk.export(place)
            case model.OpenImport():
                return answers.ImportForm()
            case model.Mistake(sentence=sentence):
                return answers.Mistaken(sentence)
            case model.ShowHelp(reason=reason):
                return answers.Help(reason)
            case _:
                assert_never(command)
