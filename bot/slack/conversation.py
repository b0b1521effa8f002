"""Every command to its use case."""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec import Struct

from bot import answers
from bot.service.audit import Audit
from bot.service.bulk import Bulk
from bot.service.history import Histories
from bot.service.lookup import Lookup
from bot.service.permissions import Permissions
from bot.service.place import Place
from bot.service.preview import Previews
from bot.service.progress import Overview
from bot.service.settings import ChannelSettings
from bot.service.subscriptions import Subscriptions
from bot.service.teams import Teams
from bot.slack import asked

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

    def answer(self, command: asked.Command, place: Place, now: datetime) -> answers.Answer:
        """The answer as of `now`, or why the person may not have it done; no transaction while Slack is asked."""
        written = asked.written(command)
        refused = self.permissions.refusal(place, now, written) if written else None
        return refused or self.perform(command, place, now)

    def perform(  # noqa: C901, PLR0911, PLR0912 - one case a command is the table it stands for
        self, command: asked.Command, place: Place, now: datetime
    ) -> answers.Answer:
        """Answers whoever asks, for somebody who may; a short transaction at most."""
        match command:
            case asked.StatusOf(text=text):
                return self._lookup.status(text, place, now)
            case asked.SuccessorOf(text=text):
                return self._lookup.successor(text, place, now)
            case asked.HistoryOf(text=text):
                return self._histories.of(text, place, now)
            case asked.ListVersions(framework=framework, everything=everything):
                return self._lookup.listing(framework, place, now, everything=everything)
            case asked.ShowUpcoming(days=days):
                return self._lookup.upcoming(days, place, now)
            case asked.Subscribe(text=text):
                seen = self._look(place)
                return self._subscriptions.subscribe(text, place, now, reach=seen.reach, is_public=seen.is_public)
            case asked.Unsubscribe(text=text):
                return self._subscriptions.unsubscribe(text, place, now)
            case asked.ShowSubscriptions(page=page):
                return self._subscriptions.listing(page, place, now, reach=self._look(place).reach)
            case asked.ShowPreview(days=days):
                return self._previews.show(days, place, now)
            case asked.ChangeSettings(wishes=()):
                return self.settings.show(place, now)
            case asked.ChangeSettings(wishes=wishes):
                return self.settings.change(wishes, place, now)
            case asked.ShowInventory(page=page):
                return self._governing.overview.inventory(page, place, now)
            case asked.ShowPermissions():
                return self.permissions.show(place)
            case asked.ChangePermissions(managing=managing, managers=managers):
                return self.permissions.change(managing, managers, place, now)
            case asked.ShowAudit(page=page):
                return self._governing.audit.show(page, place)
            case asked.ListTeams():
                return self._governing.overview.teams(place)
            case asked.ShowTeam(name=name):
                return self._governing.overview.team(name, place, now)
            case asked.ChangeTeam(act=act, name=name, wanted=wanted):
                return self._governing.teams.change(act, name, wanted, place, now)
            case asked.Export():
                return self.bulk.export(place)
            case asked.OpenImport():
                return answers.ImportForm()
            case asked.Mistake(sentence=sentence):
                return answers.Mistaken(sentence)
            case asked.ShowHelp(reason=reason):
                return answers.Help(reason)
            case _:
                assert_never(command)
