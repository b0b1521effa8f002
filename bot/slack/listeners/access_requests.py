"""Requests to those who may change a channel, and their answers."""

from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot import answers
from bot.commands import model, parser
from bot.commands.dispatcher import Dispatcher
from bot.service.access.requests import AccessRequests as Requests
from bot.service.access.requests import RequestOutcome
from bot.slack.blocks.permissions import ALLOW, DECLINE
from bot.slack.blocks.render import render
from bot.slack.listeners.commands import Body, Responder, parse_place


class AccessRequestListeners:
    """Hears *Request*, *Allow* and *Decline*."""

    def __init__(
        self, requests: Requests, dispatcher: Dispatcher, responder: Responder, now: Callable[[], datetime]
    ) -> None:
        self._requests = requests
        self._dispatcher = dispatcher
        self._responder = responder
        self._now = now

    def register(self, app: App) -> None:
        """The button of those who may not, and the two of those who may."""
        app.action("request")(self.request)
        app.action(ALLOW)(self.allow)
        app.action(DECLINE)(self.decline)

    def request(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody wants one who may to be asked."""
        command = model.format_command(parser.parse(str(action.get("value") or "")))
        if command:
            answer = self._requests.ask(command, parse_place(body), self._now())
            self._responder.reply(str(body["response_url"]), render(answer), replace=True)
        ack()

    def allow(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody who may allows it, and it is done."""
        self._decide(body, action, is_granted=True)
        ack()

    def decline(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody who may declines it."""
        self._decide(body, action, is_granted=False)
        ack()

    def _decide(self, body: Body, action: Body, *, is_granted: bool) -> None:
        number = str(action.get("value") or "")
        request_id = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0  # noqa: PLR2004 - what a database numbers
        now = self._now()
        found = self._requests.decide(request_id, parse_place(body), now, granted=is_granted)
        answer = found.answer if isinstance(found, RequestOutcome) else found
        if isinstance(found, RequestOutcome) and found.place is not None:
            done = self._dispatcher.execute(parser.parse(found.answer.command), found.place, now)
            answer = done if isinstance(done, answers.PermissionDenied | answers.InvalidRequest) else answer
        self._responder.reply(
            str(body["response_url"]), render(answer), replace=not isinstance(answer, answers.PermissionDenied)
        )
