"""Every command to its use case."""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from bot import answers
from bot.service.lookup import Lookup
from bot.service.place import Place
from bot.service.preview import Previews
from bot.service.settings import ChannelSettings
from bot.service.subscriptions import Subscriptions
from bot.slack import asked

Seen = answers.Seen
UNSEEN = Seen(answers.Reach.UNCHECKED)


class Conversation:
    """Answers commands, whoever types them: a person in Slack, or in the terminal."""

    def __init__(
        self,
        lookup: Lookup,
        subscriptions: Subscriptions,
        settings: ChannelSettings,
        previews: Previews,
        look: Callable[[Place], Seen],
    ) -> None:
        self.settings = settings
        self._lookup = lookup
        self._subscriptions = subscriptions
        self._previews = previews
        self._look = look

    def answer(  # noqa: C901, PLR0911 - one case a command is the table it stands for
        self, command: asked.Command, place: Place, now: datetime
    ) -> answers.Answer:
        """The answer as of `now`; at most one short transaction, and none while Slack is asked."""
        match command:
            case asked.StatusOf(text=text):
                return self._lookup.status(text, place, now)
            case asked.SuccessorOf(text=text):
                return self._lookup.successor(text, place, now)
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
            case asked.ShowHelp(reason=reason):
                return answers.Help(reason)
            case _:
                assert_never(command)
