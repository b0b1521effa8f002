"""Listeners for access requests: asking a person with permission for a change, and their decision."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from slack_bolt import Ack

from bot import answers
from bot.commands import parser
from bot.commands.dispatcher import Dispatcher
from bot.service.access.requests import AccessRequests, RequestOutcome
from bot.slack.blocks.permissions import ALLOW
from bot.slack.blocks.render import render
from bot.slack.listeners.requests import Body, Responder, parse_place


class AccessRequestListeners(Struct, frozen=True):
    """Listeners for the buttons *Request*, *Allow* and *Decline*."""

    requests: AccessRequests
    dispatcher: Dispatcher
    responder: Responder
    now: Callable[[], datetime]

    def request(self, ack: Ack, body: Body, action: Body) -> None:
        """Ask a person with permission to allow the command in the button's value."""
        command = parser.parse(str(action.get("value") or "")).format_change()
        if command:
            answer = self.requests.ask(command, parse_place(body), self.now())
            self.responder.reply(str(body["response_url"]), render(answer), replace=True)
        ack()

    def decide(self, ack: Ack, body: Body, action: Body) -> None:
        """Allow a request and run its command, or decline it."""
        number, now = str(action.get("value") or ""), self.now()
        request_id = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0  # noqa: PLR2004 - fits into a database ID
        outcome = self.requests.decide(request_id, parse_place(body), now, granted=action["action_id"] == ALLOW)
        answer = outcome.answer if isinstance(outcome, RequestOutcome) else outcome
        if isinstance(outcome, RequestOutcome) and outcome.place is not None:
            result = self.dispatcher.execute(parser.parse(outcome.answer.command), outcome.place, now)
            answer = result if isinstance(result, answers.PermissionDenied | answers.InvalidRequest) else answer
        replace = not isinstance(answer, answers.PermissionDenied)
        self.responder.reply(str(body["response_url"]), render(answer), replace=replace)
        ack()
