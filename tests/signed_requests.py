"""Requests signed as Slack signs them: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

import hashlib
import hmac
from datetime import UTC, datetime

FORM = "application/x-www-form-urlencoded"


def signed(body: bytes, secret: str, kind: str = FORM) -> dict[str, str]:
    """The headers of a request that is sent now."""
    timestamp = str(int(datetime.now(UTC).timestamp()))
    digest = hmac.new(secret.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
    return {"content-type": kind, "x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}
