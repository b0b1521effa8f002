"""Whose a token is, and how Slack's answers are told from what is none."""

from http.client import HTTPException

from msgspec import Struct
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

TRANSPORT_ERRORS = (SlackClientError, HTTPException, OSError, ValueError)
"""What a call raises where no answer of Slack's came: out of reach, cut short, or not Slack's."""


class Identity(Struct, frozen=True):
    """Who a token belongs to."""

    workspace_id: str
    workspace_name: str
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    is_org_wide: bool = False
    """Whether the token is good for all workspaces of an organisation that let the bot in."""


class UnreachableError(Exception):
    """Slack could not be asked, or its answer was not Slack's; the sentence says which."""


class TokenRefusedError(Exception):
    """Slack does not accept the token; the code is Slack's."""


def fetch_identity(token: str, base_url: str) -> Identity:
    """The workspace and bot of a token; raises TokenRefusedError or UnreachableError."""
    client = WebClient(token, base_url=base_url, timeout=10)
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = get_error_code(error.response)
        if code:
            raise TokenRefusedError(code) from error
        raise UnreachableError(f"Slack answered HTTP {error.response.status_code}.") from error
    except TRANSPORT_ERRORS as error:
        raise UnreachableError(f"Slack could not be reached at {base_url} ({type(error).__name__}).") from error
    return Identity(
        workspace_id=str(answer["team_id"]),
        workspace_name=str(answer.get("team", "")),
        bot_id=str(answer.get("bot_id") or ""),
        bot_user_id=str(answer.get("user_id") or ""),
        scopes=parse_scopes(answer),
        is_org_wide=bool(answer.get("is_enterprise_install")),
    )


def get_error_code(answer: SlackResponse) -> str:
    """Slack's error code; empty where the answer was not Slack's."""
    said = answer.data if isinstance(answer.data, dict) else {}
    return str(said.get("error", "")) if answer.status_code == 200 else ""  # noqa: PLR2004 - HTTP's OK


def parse_scopes(answer: SlackResponse) -> tuple[str, ...]:
    """The granted scopes, which every answer names in a header."""
    headers = {key.lower(): value for key, value in answer.headers.items()}
    named = headers.get("x-oauth-scopes", "")
    text = ",".join(named) if isinstance(named, list) else str(named)
    return tuple(scope.strip() for scope in text.split(",") if scope.strip())
