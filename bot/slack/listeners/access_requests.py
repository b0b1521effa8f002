"""Requests to those who may change a channel, and their answers."""

from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot import answers
from bot.commands import model, parser
from bot.commands.dispatcher import Conversation
from bot.service.access.requests import Allowed
from bot.service.access.requests import Askings as Requests
from bot.slack.blocks.permissions import ALLOW, DECLINE
from bot.slack.blocks.render import draw
from bot.slack.listeners.commands import Body, Replies, place_of


class Askings:
    """Hears *Request*, *Allow* and *Decline*."""

    def __init__(
        self, requests: Requests, conversation: Conversation, replies: Replies, now: Callable[[], datetime]
    ) -> None:
        self._requests = requests
        self._conversation = conversation
        self._replies = replies
        self._now = now

    def register(self, app: App) -> None:
        """The button of those who may not, and the two of those who may."""
        app.action("request")(self.request)
        app.action(ALLOW)(self.allow)
        app.action(DECLINE)(self.decline)

    def request(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody wants one who may to be asked."""
        command = model.written(parser.read(str(action.get("value") or "")))
        if command:
            answer = self._requests.ask(command, place_of(body), self._now())
            self._replies.reply(str(body["response_url"]), draw(answer), replace=True)
        ack()

    def allow(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody who may allows it, and it is done."""
        self._settle(body, action, granted=True)
        ack()

    def decline(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody who may declines it."""
        self._settle(body, action, granted=False)
        ack()

    def _settle(self, body: Body, action: Body, *, granted: bool) -> None:
        number = str(action.get("value") or "")
        asking_id = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0  # noqa: PLR2004 - what a database numbers
        now = self._now()
        found = self._requests.settle(asking_id, place_of(body), now, granted=granted)
        answer = found.settled if isinstance(found, Allowed) else found
        if isinstance(found, Allowed) and found.place is not None:
            done = self._conversation.perform(parser.read(found.settled.command), found.place, now)
            answer = done if isinstance(done, answers.Denied | answers.Mistaken) else answer
        self._replies.reply(str(body["response_url"]), draw(answer), replace=not isinstance(answer, answers.Denied))
