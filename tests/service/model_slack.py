"""A fake sender that passes every accepted message to the reference model, and the failures it can have."""

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
    """Accepts messages, except for closed channels, and passes them to the model."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self.closed_channels: set[tuple[str, str]] = set()

    def send(self, message: answers.Message) -> Any:
        if not isinstance(message, answers.ReminderMessage):
            return super().send(message)
        channel = message.workspace_id, message.channel_id
        accepted_before = len(self.accepted)
        if channel in self.closed_channels and message.workspace_id not in self.workspace_outcomes:
            self.outcomes.insert(0, NOT_IN_CHANNEL)
        future = super().send(message)
        if len(self.accepted) > accepted_before:
            self.model.record_message(message, self.model.now)
        return future
