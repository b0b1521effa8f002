"""The operator's channel: what is held back of a page is accepted or rejected there."""

import re
from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot.answers import Reviewed
from bot.service.operator.review import Reviewing
from bot.slack.blocks import operator
from bot.slack.blocks.render import draw
from bot.slack.listeners.commands import Body, Replies, place_of
from storage.facts import Settled

_TS = re.compile(r"\d{1,12}\.\d{1,8}")
_NUMBER = re.compile(r"[0-9]{1,9}")


class Operating:
    """Hears *Accept* and *Reject*."""

    def __init__(
        self, reviewing: Reviewing, replies: Replies, wake: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        self._reviewing = reviewing
        self._replies = replies
        self._wake = wake
        self._now = now

    def register(self, app: App) -> None:
        """The two buttons on what is held back."""
        app.action(operator.ACCEPT)(self.accept)
        app.action(operator.REJECT)(self.reject)

    def accept(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody lets pass what the page says."""
        self._answer(body, action, Settled.ACCEPTED)
        ack()

    def reject(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody keeps the last good value."""
        self._answer(body, action, Settled.REJECTED)
        ack()

    def _answer(self, body: Body, action: Body, settled: Settled) -> None:
        """Answers who pressed; the message itself is drawn anew by the loop, which is woken."""
        value = str(action.get("value") or "")
        message_ts = str((body.get("container") or {}).get("message_ts") or "")
        place, number = place_of(body), int(value) if _NUMBER.fullmatch(value) else 0
        known_ts = message_ts if _TS.fullmatch(message_ts) else ""
        found = self._reviewing.answer(number, settled, place, known_ts, self._now())
        drawn = operator.reviewed(found) if isinstance(found, Reviewed) else draw(found)
        self._replies.reply(str(body["response_url"]), drawn, replace=False)
        self._wake()
