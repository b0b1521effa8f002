"""Tells one workspace's trouble from our own: the same refusal from many at once is ours."""

import logging
from datetime import datetime, timedelta

MIN_WORKSPACES = 5
"""So many refuse us with the same code …"""

WINDOW = timedelta(minutes=5)
"""… within this time: then the fault is ours, and no workspace is suspended for it."""

logger = logging.getLogger(__name__)


class CircuitBreaker:
    """Remembers refusals of installations, in this process."""

    def __init__(self) -> None:
        self._refusals: dict[str, dict[str, datetime]] = {}

    def record_refusal(self, workspace_id: str, code: str, now: datetime) -> bool:
        """Whether this refusal is one of many."""
        recent = {team: at for team, at in self._refusals.get(code, {}).items() if now - at <= WINDOW}
        recent[workspace_id] = now
        self._refusals[code] = recent
        if len(recent) < MIN_WORKSPACES:
            return False
        logger.error("%d workspaces refuse the bot with %s at once: that is our fault; waiting", len(recent), code)
        return True
