"""A Slack that shows the model every message it takes, and fails as it is told to."""

from typing import Any

from bot import answers
from bot.policy.post_outcomes import Ambiguous, Outcome, Refused, Remedy
from storage.facts import Health
from tests.service.driver import LOST, RecordingSender
from tests.service.reference_model import Model

NEVER = Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE)
GONE = Refused("account_inactive", Remedy.SUSPEND_WORKSPACE)
FAILURES: tuple[Outcome | str, ...] = (
    LOST,
    Ambiguous("HTTP 503"),
    Refused("ratelimited", Remedy.RETRY, 30.0),
    Refused("ClientConnectorError", Remedy.RETRY),
)


class Witness(RecordingSender):
    """A Slack that shows the model every message it takes."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self.closed: set[tuple[str, str]] = set()

    def send(self, message: answers.Message) -> Any:
        if not isinstance(message, answers.ReminderMessage):
            return super().send(message)
        where = message.workspace_id, message.channel_id
        before = len(self.accepted)
        if where in self.closed and message.workspace_id not in self.refusing:
            self.outcomes.insert(0, NEVER)
        done = super().send(message)
        if len(self.accepted) > before:
            self.model.hear(message, self.model.now)
        return done
