"""Requests signed as Slack signs them: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

import hashlib
import hmac
from datetime import UTC, datetime

FORM_TYPE = "application/x-www-form-urlencoded"


def sign(body: bytes, secret: str, content_type: str = FORM_TYPE) -> dict[str, str]:
    """Return the headers of a request that is sent now."""
    timestamp = str(int(datetime.now(UTC).timestamp()))
    digest = hmac.new(secret.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
    return {"content-type": content_type, "x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}
