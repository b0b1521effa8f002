"""Logging: one line an event, no secret in it, whatever a library writes."""

import logging
import re
import sys

_SECRETS = re.compile(
    r"xox[a-z]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+|xoxe\.[A-Za-z0-9.-]+"
    r"|https://hooks\.slack\.com/\S+|(?<=code=)[^&\s]+|(?<=client_secret=)[^&\s]+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
MAX_LINE_LENGTH = 4_000


class _OneLineFormatter(logging.Formatter):
    """Formats without secrets and line breaks; only a traceback keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        head, _, traceback = text.partition("\nTraceback")
        line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in head)[:MAX_LINE_LENGTH]
        whole = f"{line}\nTraceback{traceback}" if traceback else line
        return _SECRETS.sub("(hidden)", whole)


def configure(level: str) -> None:
    """Logs to standard error at the level; Slack's libraries never below INFO, for at DEBUG they log tokens."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLineFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("slack_sdk", "slack_bolt", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
