"""Listeners for the review of quarantined values in the operator's channel."""

import re
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from slack_bolt import Ack

from bot.answers import ReviewResult
from bot.service.operator.review import ReviewActions
from bot.slack.blocks import operator
from bot.slack.blocks.render import render
from bot.slack.listeners.requests import Body, Responder, parse_message_ts, parse_place
from storage.facts import Resolution

_ENTRY_ID = re.compile(r"[0-9]{1,9}")


class ReviewListeners(Struct, frozen=True):
    """Listeners for the buttons *Accept* and *Reject*."""

    review: ReviewActions
    responder: Responder
    wake: Callable[[], None]
    now: Callable[[], datetime]

    def resolve(self, ack: Ack, body: Body, action: Body) -> None:
        """Accept the page's value or keep the last known one, and wake the loop, which updates everyone's message."""
        value = str(action.get("value") or "")
        entry_id = int(value) if _ENTRY_ID.fullmatch(value) else 0
        resolution = Resolution.ACCEPTED if action["action_id"] == operator.ACCEPT else Resolution.REJECTED
        result = self.review.resolve(entry_id, resolution, parse_place(body), parse_message_ts(body), self.now())
        message = operator.render_review_result(result) if isinstance(result, ReviewResult) else render(result)
        self.responder.reply(str(body["response_url"]), message, replace=False)
        self.wake()
        ack()
