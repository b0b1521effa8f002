"""Installing the bot by OAuth: two pages, Bolt's flow between them, our tables beneath.

Bolt's own exchange of the code logs the code where it fails, so that step is done here.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from logging import Logger

from msgspec import Struct
from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth import InstallationStore, OAuthStateStore
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.service.workspaces.installations import STATE_LIFETIME, InstallationRegistry, KeysError
from bot.slack import manifest
from storage.database import DatabaseError
from storage.facts import Installation

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
AUTHORIZE_PATH = "oauth/v2/authorize"

logger = logging.getLogger(__name__)

_bolt_logger = logging.getLogger("slack_bolt.dlvm.oauth")
"""What Bolt's flow logs to; never below INFO, for at DEBUG it logs codes and states."""
_bolt_logger.setLevel(logging.INFO)


class Credentials(Struct, frozen=True):
    """Who the app is for Slack."""

    client_id: str
    client_secret: str


def build_routes(
    credentials: Credentials, installations: InstallationRegistry, now: Callable[[], datetime], base_url: str
) -> tuple[Route, Route]:
    """The page that begins an installation, and the one Slack sends people back to."""
    flow = _InstallationFlow(credentials, installations, now, base_url)
    return (
        Route(INSTALL_PATH, lambda request: _handle(flow.handle_installation, request), methods=["GET"]),
        Route(REDIRECT_PATH, lambda request: _handle(flow.handle_callback, request), methods=["GET"]),
    )


def _handle(handle: Callable[[BoltRequest], BoltResponse], request: Request) -> Response:
    """Bolt's answer as Starlette's; runs in a thread, for Slack is asked and the database written."""
    cookies = request.headers.get("cookie", "")
    answer = handle(BoltRequest(body="", query=request.url.query, headers={"cookie": cookies}))
    made = Response(answer.body, answer.status)
    for name, values in answer.headers.items():
        for value in values:
            made.headers.append(name, value)
    made.headers["cache-control"] = "no-store"
    return made


class _InstallationFlow(OAuthFlow):
    """Bolt's flow, which tells nobody a code or token."""

    def __init__(
        self, credentials: Credentials, installations: InstallationRegistry, now: Callable[[], datetime], base_url: str
    ) -> None:
        super().__init__(
            client=WebClient(base_url=base_url, timeout=10, retry_handlers=[]),
            logger=_bolt_logger,
            settings=OAuthSettings(
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                scopes=[*manifest.REQUIRED_SCOPES, *manifest.OPTIONAL_SCOPES],
                user_scopes=[],
                install_path=INSTALL_PATH,
                redirect_uri_path=REDIRECT_PATH,
                authorization_url=_build_authorize_url(base_url),
                installation_store=_WriteOnlyInstallationStore(installations, now),
                state_store=_StateStore(installations, now),
                state_expiration_seconds=int(STATE_LIFETIME.total_seconds()),
                logger=_bolt_logger,
            ),
        )

    def run_installation(self, code: str) -> SlackInstallation | None:
        """The installation for a code; None where Slack does not take it."""
        try:
            answer = self.client.oauth_v2_access(
                client_id=self.settings.client_id, client_secret=self.settings.client_secret, code=code
            )
            token = str(answer["access_token"])
            bot_id = str(self.client.auth_test(token=token).get("bot_id") or "")
        except SlackApiError as error:
            data = error.response.data
            logger.warning(
                "Slack took no code of an installation: %s",
                data.get("error") if isinstance(data, dict) else error.response.status_code,
            )
            return None
        except (SlackClientError, OSError, ValueError, KeyError) as error:
            logger.warning("an installation could not be finished: %s", type(error).__name__)
            return None
        team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
        return SlackInstallation(
            app_id=answer.get("app_id"),
            enterprise_id=enterprise.get("id"),
            enterprise_name=enterprise.get("name"),
            team_id=team.get("id"),
            team_name=team.get("name"),
            bot_token=token,
            bot_id=bot_id,
            bot_user_id=answer.get("bot_user_id"),
            bot_scopes=str(answer.get("scope") or ""),
            user_id=str((answer.get("authed_user") or {}).get("id") or ""),
            is_enterprise_install=bool(answer.get("is_enterprise_install")),
        )


class _StateStore(OAuthStateStore):
    """Bolt's store of states over our table."""

    def __init__(self, installations: InstallationRegistry, now: Callable[[], datetime]) -> None:
        self._installations = installations
        self._now = now

    @property
    def logger(self) -> Logger:
        """Where it logs."""
        return _bolt_logger

    def issue(self, *_: object, **__: object) -> str:
        """A new state."""
        state = secrets.token_urlsafe(32)
        self._installations.issue_state(state, self._now())
        return state

    def consume(self, state: str) -> bool:
        """Whether it was issued; then never again."""
        return self._installations.consume_state(state, self._now())


class _WriteOnlyInstallationStore(InstallationStore):
    """Bolt's store of installations over our table; only ever written to."""

    def __init__(self, installations: InstallationRegistry, now: Callable[[], datetime]) -> None:
        self._installations = installations
        self._now = now

    @property
    def logger(self) -> Logger:
        """Where it logs."""
        return _bolt_logger

    def save(self, installation: SlackInstallation) -> None:
        """Stores it; raises BoltError, which Bolt turns into a page."""
        try:
            self._installations.install(_to_installation(installation, self._now()), self._now())
        except (DatabaseError, KeysError) as error:
            logger.exception("an installation could not be stored")
            raise BoltError("not stored") from error


def _to_installation(slack_installation: SlackInstallation, now: datetime) -> Installation:
    org_wide = bool(slack_installation.is_enterprise_install)
    return Installation(
        enterprise_id=slack_installation.enterprise_id or "",
        workspace_id="" if org_wide else slack_installation.team_id or "",
        token=slack_installation.bot_token or "",
        bot_id=slack_installation.bot_id or "",
        bot_user_id=slack_installation.bot_user_id or "",
        scopes=tuple(slack_installation.bot_scopes or ()),
        installed_by=slack_installation.user_id or "",
        installed_at=now,
        name=(slack_installation.enterprise_name if org_wide else slack_installation.team_name) or "",
    )


def _build_authorize_url(base_url: str) -> str:
    """Slack's page beside its API; a stand-in's lies on the same host."""
    return f"{base_url.removesuffix('api/')}{AUTHORIZE_PATH}"
