"""A Slack that shows the model every message it takes, and fails as it is told to."""

from typing import Any

from bot import answers
from bot.policy.post_outcomes import Ambiguous, PostOutcome, Refused, Remedy
from storage.facts import Health
from tests.service.driver import LOST_ANSWER, RecordingSender
from tests.service.reference_model import Model

NOT_IN_CHANNEL = Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE)
ACCOUNT_INACTIVE = Refused("account_inactive", Remedy.SUSPEND_WORKSPACE)
FAILURES: tuple[PostOutcome | str, ...] = (
    LOST_ANSWER,
    Ambiguous("HTTP 503"),
    Refused("ratelimited", Remedy.RETRY, 30.0),
    Refused("ClientConnectorError", Remedy.RETRY),
)


class ModelSender(RecordingSender):
    """A Slack that shows the model every message it takes."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self.closed_channels: set[tuple[str, str]] = set()

    def send(self, message: answers.Message) -> Any:
        if not isinstance(message, answers.ReminderMessage):
            return super().send(message)
        where = message.workspace_id, message.channel_id
        before = len(self.accepted)
        if where in self.closed_channels and message.workspace_id not in self.workspace_outcomes:
            self.outcomes.insert(0, NOT_IN_CHANNEL)
        done = super().send(message)
        if len(self.accepted) > before:
            self.model.record_message(message, self.model.now)
        return done
