"""Client for Slack's views: opens and updates modals, and publishes the Home tab."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack.client.identity import get_error_code
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts


class ViewsClient(Struct, frozen=True):
    """Shows views to a person. Raises slack_sdk's errors."""

    find_token: Callable[[str], str | None]
    base_url: str
    timeouts: Timeouts = DEFAULT_TIMEOUTS

    def open(self, workspace_id: str, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a modal. Slack accepts the trigger for three seconds."""
        self._build_client(workspace_id, self.timeouts.modal).views_open(trigger_id=trigger_id, view=view)

    def update(self, workspace_id: str, view_id: str, view_hash: str, view: dict[str, Any]) -> bool:
        """Replace the content of an open modal. Return False if it was changed or closed in the meantime."""
        client = self._build_client(workspace_id, self.timeouts.modal)
        try:
            client.views_update(view_id=view_id, hash=view_hash, view=view)
        except SlackApiError as error:
            if get_error_code(error.response) in {"hash_conflict", "not_found"}:
                return False
            raise
        return True

    def publish(self, workspace_id: str, user_id: str, view: dict[str, Any]) -> None:
        """Publish a person's Home tab."""
        self._build_client(workspace_id, self.timeouts.home).views_publish(user_id=user_id, view=view)

    def _build_client(self, workspace_id: str, timeout: int) -> WebClient:
        return WebClient(self.find_token(workspace_id), base_url=self.base_url, timeout=timeout, retry_handlers=[])
