"""Installation by OAuth: the page that starts it and the page Slack redirects to.

Bolt runs the flow. Only the exchange of the code is done here, because Bolt logs the code if the exchange fails.
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
from bot.slack.client.identity import get_error_code
from bot.slack.endpoint import convert_response
from storage.database import DatabaseError
from storage.facts import Installation

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

logger = logging.getLogger(__name__)

_bolt_logger = logging.getLogger("slack_bolt.dlvm.oauth")
"""The logger of Bolt's flow. It stays at INFO or above: at DEBUG, Bolt logs codes and states."""
_bolt_logger.setLevel(logging.INFO)


class Credentials(Struct, frozen=True):
    """The app's credentials from Slack's page Basic Information."""

    client_id: str
    client_secret: str


def build_routes(
    credentials: Credentials, installations: InstallationRegistry, now: Callable[[], datetime], base_url: str
) -> tuple[Route, Route]:
    """Return the page that starts an installation and the page Slack redirects to."""
    flow = _InstallationFlow(credentials, installations, now, base_url)
    return (
        Route(INSTALL_PATH, lambda request: _handle(flow.handle_installation, request), methods=["GET"]),
        Route(REDIRECT_PATH, lambda request: _handle(flow.handle_callback, request), methods=["GET"]),
    )


def _handle(handler: Callable[[BoltRequest], BoltResponse], request: Request) -> Response:
    """Run a Bolt handler and convert its response. Blocks: the handler calls Slack and writes to the database."""
    cookies = request.headers.get("cookie", "")
    response = convert_response(handler(BoltRequest(body="", query=request.url.query, headers={"cookie": cookies})))
    response.headers["cache-control"] = "no-store"
    return response


class _InstallationFlow(OAuthFlow):
    """Bolt's flow, without codes or tokens in the log."""

    def __init__(
        self, credentials: Credentials, installations: InstallationRegistry, now: Callable[[], datetime], base_url: str
    ) -> None:
        store = _Store(installations, now)
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
                authorization_url=f"{base_url.removesuffix('api/')}oauth/v2/authorize",  # on the host of Slack's API
                installation_store=store,
                state_store=store,
                state_expiration_seconds=int(STATE_LIFETIME.total_seconds()),
                logger=_bolt_logger,
            ),
        )

    def run_installation(self, code: str) -> SlackInstallation | None:
        """Exchange the code for an installation. Return None if Slack rejects it or can't be reached."""
        try:
            answer = self.client.oauth_v2_access(
                client_id=self.settings.client_id, client_secret=self.settings.client_secret, code=code
            )
            token = str(answer["access_token"])
            bot_id = str(self.client.auth_test(token=token).get("bot_id") or "")
        except SlackApiError as error:
            reason = get_error_code(error.response) or error.response.status_code
            logger.warning("Slack rejected an installation: %s", reason)
            return None
        except (SlackClientError, OSError, ValueError, KeyError) as error:
            logger.warning("Could not finish an installation: %s", type(error).__name__)
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


class _Store(OAuthStateStore, InstallationStore):
    """Bolt's store of OAuth states and of installations, which Bolt only writes. Backed by the database."""

    def __init__(self, installations: InstallationRegistry, now: Callable[[], datetime]) -> None:
        self._installations = installations
        self._now = now

    @property
    def logger(self) -> Logger:
        return _bolt_logger

    def issue(self, *_: object, **__: object) -> str:
        state = secrets.token_urlsafe(32)
        self._installations.issue_state(state, self._now())
        return state

    def consume(self, state: str) -> bool:
        return self._installations.consume_state(state, self._now())

    def save(self, installation: SlackInstallation) -> None:
        """Store the installation. Raises BoltError, for which Bolt shows an error page."""
        try:
            self._installations.install(_to_installation(installation, self._now()), self._now())
        except (DatabaseError, KeysError) as error:
            logger.exception("Could not store an installation")
            raise BoltError("not stored") from error


def _to_installation(slack_installation: SlackInstallation, now: datetime) -> Installation:
    is_org_wide = bool(slack_installation.is_enterprise_install)
    return Installation(
        enterprise_id=slack_installation.enterprise_id or "",
        workspace_id="" if is_org_wide else slack_installation.team_id or "",
        token=slack_installation.bot_token or "",
        bot_id=slack_installation.bot_id or "",
        bot_user_id=slack_installation.bot_user_id or "",
        scopes=tuple(slack_installation.bot_scopes or ()),
        installed_by=slack_installation.user_id or "",
        installed_at=now,
        name=(slack_installation.enterprise_name if is_org_wide else slack_installation.team_name) or "",
    )
