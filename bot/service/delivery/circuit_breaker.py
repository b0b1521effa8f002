"""A circuit breaker that keeps an outage of dlvm itself from suspending workspaces."""

import logging
from datetime import datetime, timedelta

MIN_WORKSPACES = 5
"""Workspaces that have to refuse with one error code to open the breaker."""

WINDOW = timedelta(minutes=5)
"""Refusals older than this don't count."""

logger = logging.getLogger(__name__)


class CircuitBreaker:
    """Recent refusals of installations by error code, in this process."""

    def __init__(self) -> None:
        self._refusals: dict[str, dict[str, datetime]] = {}

    def record_refusal(self, workspace_id: str, code: str, now: datetime) -> bool:
        """Record a refusal. Return True if enough workspaces refused with this code that dlvm is the likely cause."""
        recent = {team: at for team, at in self._refusals.get(code, {}).items() if now - at <= WINDOW}
        recent[workspace_id] = now
        self._refusals[code] = recent
        if len(recent) < MIN_WORKSPACES:
            return False
        logger.error(
            "%d workspaces refuse the bot with %s at once; dlvm is the likely cause, retrying later", len(recent), code
        )
        return True
