"""Listeners for the review of quarantined values in the operator's channel."""

import re
from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot.answers import ReviewResult
from bot.service.operator.review import ReviewActions
from bot.slack.blocks import operator
from bot.slack.blocks.render import render
from bot.slack.listeners.commands import MESSAGE_TS, Body, Responder, parse_place
from storage.facts import Resolution

_ENTRY_ID = re.compile(r"[0-9]{1,9}")


class ReviewListeners:
    """Listeners for the buttons *Accept* and *Reject*."""

    def __init__(
        self, review: ReviewActions, responder: Responder, wake: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        self._review = review
        self._responder = responder
        self._wake = wake
        self._now = now

    def register(self, app: App) -> None:
        """Register the listeners."""
        app.action(operator.ACCEPT)(self.accept)
        app.action(operator.REJECT)(self.reject)

    def accept(self, ack: Ack, body: Body, action: Body) -> None:
        """Accept the page's value."""
        self._resolve(body, action, Resolution.ACCEPTED)
        ack()

    def reject(self, ack: Ack, body: Body, action: Body) -> None:
        """Keep the last known value."""
        self._resolve(body, action, Resolution.REJECTED)
        ack()

    def _resolve(self, body: Body, action: Body, resolution: Resolution) -> None:
        """Answer the person, and wake the delivery loop, which updates the message for everyone."""
        value = str(action.get("value") or "")
        entry_id = int(value) if _ENTRY_ID.fullmatch(value) else 0
        message_ts = str((body.get("container") or {}).get("message_ts") or "")
        known_ts = message_ts if MESSAGE_TS.fullmatch(message_ts) else ""
        result = self._review.resolve(entry_id, resolution, parse_place(body), known_ts, self._now())
        message = operator.render_review_result(result) if isinstance(result, ReviewResult) else render(result)
        self._responder.reply(str(body["response_url"]), message, replace=False)
        self._wake()
