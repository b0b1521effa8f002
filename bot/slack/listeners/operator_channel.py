"""The operator's channel: what is held back of a page is accepted or rejected there."""

import re
from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot.answers import ReviewResult
from bot.service.operator.review import ReviewActions
from bot.slack.blocks import operator
from bot.slack.blocks.render import render
from bot.slack.listeners.commands import Body, Responder, parse_place
from storage.facts import Resolution

_TS = re.compile(r"\d{1,12}\.\d{1,8}")
_NUMBER = re.compile(r"[0-9]{1,9}")


class ReviewListeners:
    """Hears *Accept* and *Reject*."""

    def __init__(
        self, review: ReviewActions, responder: Responder, wake: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        self._review = review
        self._responder = responder
        self._wake = wake
        self._now = now

    def register(self, app: App) -> None:
        """The two buttons on what is held back."""
        app.action(operator.ACCEPT)(self.accept)
        app.action(operator.REJECT)(self.reject)

    def accept(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody lets pass what the page says."""
        self._resolve(body, action, Resolution.ACCEPTED)
        ack()

    def reject(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody keeps the last good value."""
        self._resolve(body, action, Resolution.REJECTED)
        ack()

    def _resolve(self, body: Body, action: Body, resolution: Resolution) -> None:
        """Answers who pressed; the message itself is drawn anew by the loop, which is woken."""
        value = str(action.get("value") or "")
        message_ts = str((body.get("container") or {}).get("message_ts") or "")
        place, number = parse_place(body), int(value) if _NUMBER.fullmatch(value) else 0
        known_ts = message_ts if _TS.fullmatch(message_ts) else ""
        found = self._review.resolve(number, resolution, place, known_ts, self._now())
        drawn = operator.render_review_result(found) if isinstance(found, ReviewResult) else render(found)
        self._responder.reply(str(body["response_url"]), drawn, replace=False)
        self._wake()
