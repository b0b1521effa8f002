"""Opens and renews modals, and publishes Home: views.open before the trigger grows old, views.update, views.publish."""

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts


class ViewsClient:
    """Shows views to a person."""

    def __init__(
        self, find_token: Callable[[str], str | None], base_url: str, timeouts: Timeouts = DEFAULT_TIMEOUTS
    ) -> None:
        self._find_token = find_token
        self._base_url = base_url
        self._timeouts = timeouts

    def open(self, workspace_id: str, trigger_id: str, view: dict[str, Any]) -> None:
        """Opens a modal; raises what slack_sdk raises."""
        self._build_client(workspace_id, self._timeouts.modal).views_open(trigger_id=trigger_id, view=view)

    def update(self, workspace_id: str, view_id: str, view_hash: str, view: dict[str, Any]) -> bool:
        """Gives an open modal another content; False where it was changed or closed meanwhile."""
        try:
            self._build_client(workspace_id, self._timeouts.modal).views_update(
                view_id=view_id, hash=view_hash, view=view
            )
        except SlackApiError as error:
            code = error.response.get("error") if isinstance(error.response.data, dict) else None
            if code in {"hash_conflict", "not_found"}:
                return False
            raise
        return True

    def publish(self, workspace_id: str, user_id: str, view: dict[str, Any]) -> None:
        """Shows a person's Home; raises what slack_sdk raises."""
        self._build_client(workspace_id, self._timeouts.home).views_publish(user_id=user_id, view=view)

    def _build_client(self, workspace_id: str, seconds: int) -> WebClient:
        token = self._find_token(workspace_id)
        return WebClient(token, base_url=self._base_url, timeout=seconds, retry_handlers=[])
