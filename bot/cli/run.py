"""`dlvm run`: the bot in Slack, until it is asked to end."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot import logs
from bot.bootstrap import application as building
from bot.bootstrap import core, operator_channel
from bot.settings import Settings, SettingsError
from bot.slack.client.identity import TokenRefusedError, UnreachableError
from bot.web.server import keep_what_stays, serve

DEFAULT_PORT = 3000
logger = logging.getLogger(__name__)

STUCK = 75
"""The exit code where nothing ticks any more: a temporary failure, to be started again."""

WAYS_OUT = (
    "There are no Slack settings. Either set SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode) or with"
    " SLACK_SIGNING_SECRET (HTTP), or try everything without Slack: dlvm sandbox"
)


def run(settings: Settings, *, only: str = "") -> int:
    """Serves until it is asked to end; 2 where the settings or the token are wrong, 1 where Slack is out of reach."""
    if not settings.wants_slack:
        raise SettingsError((WAYS_OUT,))
    logs.set_up(settings.log_level)
    database = core.ready(settings)
    database.check()
    try:
        house = building.build(settings, database, on_stuck=_end)
    except TokenRefusedError as error:
        database.close()
        raise SettingsError(
            (f"Slack refuses SLACK_BOT_TOKEN ({error}): copy it anew from OAuth & Permissions.",)
        ) from None
    except SettingsError:
        database.close()
        raise
    except UnreachableError as error:
        database.close()
        sys.stderr.write(f"{error} dlvm starts when Slack answers; try again.\n")
        return 1
    keep_what_stays()
    _say(settings, house, only)
    operator_channel.say(settings, database)
    if settings.slack_app_token is not None and only != "worker":
        return _socket_mode(settings, house, ticking=only != "web")
    return _http(settings, house, only)


def _say(settings: Settings, house: building.House, only: str) -> None:
    identity = house.slack.identity
    way = "ticking only" if only == "worker" else "Socket Mode" if settings.slack_app_token else "HTTP"
    if identity is not None:
        logger.info("dlvm is in %s (%s), by %s", identity.workspace_name, identity.workspace_id, way)
    if settings.installs_by_oauth:
        logger.info("workspaces install dlvm at /slack/install, by %s", way)
    if settings.slack_app_token and settings.slack_signing_secret and only != "worker":
        logger.info("SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: using Socket Mode")


def _http(settings: Settings, house: building.House, only: str) -> int:
    secret = settings.slack_signing_secret
    signing = secret.get_secret_value() if secret and only != "worker" else ""
    app = building.http_app(house, signing, ticking=only != "web")
    if only == "worker" and settings.port is None:
        return _until_asked(house.start, house.close)
    return serve(app, settings.host, settings.port or DEFAULT_PORT)


def _socket_mode(settings: Settings, house: building.House, *, ticking: bool) -> int:
    token = settings.slack_app_token
    handler = SocketModeHandler(
        house.app,
        token.get_secret_value() if token else "",
        web_client=WebClient(base_url=settings.slack_api_url),
    )
    if settings.port is None:
        return _until_asked(*_around(handler, house, ticking=ticking))
    start, stop = _around(handler, house, ticking=False)
    start()
    try:
        return serve(building.http_app(house, "", ticking=ticking), settings.host, settings.port)
    finally:
        stop()


def _around(
    handler: SocketModeHandler, house: building.House, *, ticking: bool
) -> tuple[Callable[[], None], Callable[[], None]]:
    def start() -> None:
        handler.connect()  # type: ignore[no-untyped-call] # Bolt's is untyped
        if ticking:
            house.start()

    def stop() -> None:
        handler.close()  # type: ignore[no-untyped-call] # the same
        house.close()

    return start, stop


def _until_asked(start: Callable[[], None], stop: Callable[[], None]) -> int:
    """Runs until SIGTERM or SIGINT."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    start()
    asked.wait()
    stop()
    return 0


def _end() -> None:
    """Ends at once: what hangs can't be waited for, and every claim has a lease."""
    os._exit(STUCK)
