"""The identity behind a bot token, and how to read errors and scopes from Slack's responses."""

from http.client import HTTPException

from msgspec import Struct
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

TRANSPORT_ERRORS = (SlackClientError, HTTPException, OSError, ValueError)
"""Exceptions of a call if Slack can't be reached, or the response is cut off or not Slack's."""


class Identity(Struct, frozen=True):
    """The workspace and bot that a token belongs to."""

    workspace_id: str
    workspace_name: str
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    is_org_wide: bool = False
    """True if the token works in every workspace of an organisation that approved the bot."""


class UnreachableError(Exception):
    """Slack can't be reached, or the response is not Slack's. The message says which."""


class TokenRefusedError(Exception):
    """Slack rejects the token. The message is Slack's error code."""


def fetch_identity(token: str, base_url: str) -> Identity:
    """Return the identity of a token (auth.test). Raises TokenRefusedError or UnreachableError."""
    client = WebClient(token, base_url=base_url, timeout=10)
    try:
        response = client.auth_test()
    except SlackApiError as error:
        code = get_error_code(error.response)
        if code:
            raise TokenRefusedError(code) from error
        raise UnreachableError(f"Slack answered HTTP {error.response.status_code}.") from error
    except TRANSPORT_ERRORS as error:
        raise UnreachableError(f"Slack could not be reached at {base_url} ({type(error).__name__}).") from error
    return Identity(
        workspace_id=str(response["team_id"]),
        workspace_name=str(response.get("team", "")),
        bot_id=str(response.get("bot_id") or ""),
        bot_user_id=str(response.get("user_id") or ""),
        scopes=parse_scopes(response),
        is_org_wide=bool(response.get("is_enterprise_install")),
    )


def get_error_code(response: SlackResponse) -> str:
    """Return Slack's error code, or an empty string if the response is not Slack's."""
    payload = response.data if isinstance(response.data, dict) else {}
    return str(payload.get("error", "")) if response.status_code == 200 else ""  # noqa: PLR2004 - HTTP's OK


def parse_scopes(response: SlackResponse) -> tuple[str, ...]:
    """Return the granted scopes, which Slack sends in a header of every response."""
    headers = {key.lower(): value for key, value in response.headers.items()}
    value = headers.get("x-oauth-scopes", "")
    text = ",".join(value) if isinstance(value, list) else str(value)
    return tuple(scope.strip() for scope in text.split(",") if scope.strip())
