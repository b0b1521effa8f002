"""Opens modals: views.open, before the trigger grows old."""

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

PATIENCE = 2
"""Seconds; a trigger lives three."""


class Surfaces:
    """Opens views for the person who pressed."""

    def __init__(self, token_of: Callable[[str], str | None], base_url: str) -> None:
        self._token_of = token_of
        self._base_url = base_url

    def open(self, workspace_id: str, trigger_id: str, view: dict[str, Any]) -> None:
        """Opens a modal; raises what slack_sdk raises."""
        client = WebClient(self._token_of(workspace_id), base_url=self._base_url, timeout=PATIENCE, retry_handlers=[])
        client.views_open(trigger_id=trigger_id, view=view)
