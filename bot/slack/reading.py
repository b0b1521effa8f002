"""What the bot asks Slack: who it is, and whether it can post in a channel."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.answers import Reach
from bot.service.place import Place
from bot.slack.conversation import UNSEEN, Seen

PATIENCE = 1
"""Seconds; a person waits for the answer, and Slack gives three in all."""

_CLOSED = {"channel_not_found": Reach.UNREACHABLE, "is_archived": Reach.ARCHIVED}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token belongs to."""

    workspace_id: str
    workspace_name: str
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]


class UnreachableError(Exception):
    """Slack could not be asked, or its answer was not Slack's; the sentence says which."""


class TokenRefusedError(Exception):
    """Slack does not accept the token; the code is Slack's."""


def who_am_i(token: str, base_url: str) -> Identity:
    """The workspace and bot of a token; raises TokenRefusedError or UnreachableError."""
    client = WebClient(token, base_url=base_url, timeout=10)
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = error.response.get("error") if isinstance(error.response.data, dict) else None
        if error.response.status_code == 200 and code:  # noqa: PLR2004 - HTTP's OK
            raise TokenRefusedError(str(code)) from error
        raise UnreachableError(f"Slack answered HTTP {error.response.status_code}.") from error
    except (SlackClientError, OSError, ValueError) as error:
        raise UnreachableError(f"Slack could not be reached at {base_url} ({type(error).__name__}).") from error
    return Identity(
        workspace_id=str(answer["team_id"]),
        workspace_name=str(answer.get("team", "")),
        bot_id=str(answer.get("bot_id") or ""),
        bot_user_id=str(answer.get("user_id") or ""),
        scopes=_scopes(answer),
    )


class Reading:
    """Asks Slack about channels, briefly: no answer in time is no answer."""

    def __init__(self, token_of: Callable[[str], str | None], base_url: str) -> None:
        self._token_of = token_of
        self._base_url = base_url

    def look(self, place: Place) -> Seen:
        """Whether reminders can reach the channel, by conversations.info."""
        token = self._token_of(place.workspace_id)
        if token is None:
            return UNSEEN
        client = WebClient(token, base_url=self._base_url, timeout=PATIENCE, retry_handlers=[])
        try:
            answer = client.conversations_info(channel=place.channel_id)
        except SlackApiError as error:
            data = error.response.data
            code = data.get("error", "") if isinstance(data, dict) else ""
            return Seen(_CLOSED.get(str(code), Reach.UNCHECKED))
        except (SlackClientError, OSError, ValueError) as error:
            logger.info("Slack did not say in time whether a channel can be reached: %s", type(error).__name__)
            return UNSEEN
        return _seen(answer)


def _seen(answer: SlackResponse) -> Seen:
    channel = answer.get("channel") or {}
    is_public = bool(channel.get("is_channel")) and not channel.get("is_private", True)
    if channel.get("is_archived"):
        return Seen(Reach.ARCHIVED, is_public)
    inside = channel.get("is_member") or channel.get("is_im")
    open_to_us = is_public and "chat:write.public" in _scopes(answer)
    return Seen(Reach.OK if inside or open_to_us else Reach.NEEDS_INVITE, is_public)


def _scopes(answer: SlackResponse) -> tuple[str, ...]:
    """The granted scopes, which every answer names in a header."""
    headers = {key.lower(): value for key, value in answer.headers.items()}
    named = headers.get("x-oauth-scopes", "")
    text = ",".join(named) if isinstance(named, list) else str(named)
    return tuple(scope.strip() for scope in text.split(",") if scope.strip())
