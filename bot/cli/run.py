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
from bot.web.server import freeze_startup_objects, serve

DEFAULT_PORT = 3000
logger = logging.getLogger(__name__)

STUCK_EXIT_CODE = 75
"""The exit code where nothing ticks any more: a temporary failure, to be started again."""

NO_SLACK_SETTINGS = (
    "There are no Slack settings. Either set SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode) or with"
    " SLACK_SIGNING_SECRET (HTTP), or try everything without Slack: dlvm sandbox"
)


def run(settings: Settings, *, only: str = "") -> int:
    """Serves until it is asked to end; 2 where the settings or the token are wrong, 1 where Slack is out of reach."""
    if not settings.has_slack:
        raise SettingsError((NO_SLACK_SETTINGS,))
    logs.configure(settings.log_level)
    database = core.prepare_database(settings)
    database.check_integrity()
    try:
        application = building.build(settings, database, on_stuck=_exit_when_stuck)
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
    freeze_startup_objects()
    _log_start(settings, application, only)
    operator_channel.log_problem(settings, database)
    if settings.slack_app_token is not None and only != "worker":
        return _run_socket_mode(settings, application, ticking=only != "web")
    return _serve_http(settings, application, only)


def _log_start(settings: Settings, application: building.Application, only: str) -> None:
    identity = application.slack.identity
    way = "ticking only" if only == "worker" else "Socket Mode" if settings.slack_app_token else "HTTP"
    if identity is not None:
        logger.info("dlvm is in %s (%s), by %s", identity.workspace_name, identity.workspace_id, way)
    if settings.has_oauth:
        logger.info("workspaces install dlvm at /slack/install, by %s", way)
    if settings.slack_app_token and settings.slack_signing_secret and only != "worker":
        logger.info("SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: using Socket Mode")


def _serve_http(settings: Settings, application: building.Application, only: str) -> int:
    secret = settings.slack_signing_secret
    signing = secret.get_secret_value() if secret and only != "worker" else ""
    app = building.build_http_app(application, signing, is_ticking=only != "web")
    if only == "worker" and settings.port is None:
        return _run_until_signal(application.start, application.close)
    return serve(app, settings.host, settings.port or DEFAULT_PORT)


def _run_socket_mode(settings: Settings, application: building.Application, *, ticking: bool) -> int:
    token = settings.slack_app_token
    handler = SocketModeHandler(
        application.bolt_app,
        token.get_secret_value() if token else "",
        web_client=WebClient(base_url=settings.slack_api_url),
    )
    if settings.port is None:
        return _run_until_signal(*_build_start_stop(handler, application, ticking=ticking))
    start, stop = _build_start_stop(handler, application, ticking=False)
    start()
    try:
        return serve(building.build_http_app(application, "", is_ticking=ticking), settings.host, settings.port)
    finally:
        stop()


def _build_start_stop(
    handler: SocketModeHandler, application: building.Application, *, ticking: bool
) -> tuple[Callable[[], None], Callable[[], None]]:
    def start() -> None:
        handler.connect()  # type: ignore[no-untyped-call] # Bolt's is untyped
        if ticking:
            application.start()

    def stop() -> None:
        handler.close()  # type: ignore[no-untyped-call] # the same
        application.close()

    return start, stop


def _run_until_signal(start: Callable[[], None], stop: Callable[[], None]) -> int:
    """Runs until SIGTERM or SIGINT."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    start()
    asked.wait()
    stop()
    return 0


def _exit_when_stuck() -> None:
    """Ends at once: what hangs can't be waited for, and every claim has a lease."""
    os._exit(STUCK_EXIT_CODE)
