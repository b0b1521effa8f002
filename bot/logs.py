"""Logging: one line for each event, without secrets, including what libraries log."""

import logging
import re
import sys

_SECRETS = re.compile(
    r"xox[a-z]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+|xoxe\.[A-Za-z0-9.-]+"
    r"|https://hooks\.slack\.com/\S+|(?<=code=)[^&\s]+|(?<=client_secret=)[^&\s]+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
MAX_LINE_LENGTH = 4_000


class _OneLineFormatter(logging.Formatter):
    """A formatter that hides secrets and puts each record on one line. Tracebacks keep their lines."""

    def format(self, record: logging.LogRecord) -> str:
        message, _, traceback = super().format(record).partition("\nTraceback")
        line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
        text = line[:MAX_LINE_LENGTH] + (f"\nTraceback{traceback}" if traceback else "")
        return _SECRETS.sub("(hidden)", text)


def configure(level: str) -> None:
    """Log to standard error at `level`. Slack's libraries stay at INFO or above: at DEBUG they log tokens."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLineFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("slack_sdk", "slack_bolt", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
