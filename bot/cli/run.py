"""`dlvm run`: run the bot in Slack until a signal stops it."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot import logs
from bot.bootstrap import core, operator_channel
from bot.bootstrap.application import Application, build, build_http_app
from bot.settings import Settings, SettingsError
from bot.slack.client.identity import TokenRefusedError, UnreachableError
from bot.web.server import freeze_startup_objects, serve

logger = logging.getLogger(__name__)

DEFAULT_PORT = 3000

STUCK_EXIT_CODE = 75
"""A temporary failure (sysexits' EX_TEMPFAIL): a supervisor restarts the process."""

NO_SLACK_SETTINGS = (
    "No Slack settings found. Set SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP),"
    " or try dlvm without Slack: dlvm sandbox"
)


def run(settings: Settings, *, only: str = "") -> int:
    """Serve until a signal arrives. Return exit code 1 if Slack is unreachable.

    `only` is `web`, `worker` or empty for both. Raise SettingsError if the settings or the token are invalid.
    """
    if not settings.has_slack:
        raise SettingsError((NO_SLACK_SETTINGS,))
    logs.configure(settings.log_level)
    database = core.prepare_database(settings)
    database.check_integrity()
    try:
        application = build(settings, database, on_stuck=_exit_when_stuck)
    except TokenRefusedError as error:
        database.close()
        raise SettingsError(
            (f"Slack rejects SLACK_BOT_TOKEN ({error}): copy it again from OAuth & Permissions.",)
        ) from None
    except SettingsError:
        database.close()
        raise
    except UnreachableError as error:
        database.close()
        sys.stderr.write(f"{error} Start dlvm again when Slack is reachable.\n")
        return 1
    freeze_startup_objects()
    _log_start(settings, application, only)
    operator_channel.log_problem(settings, database)
    if settings.slack_app_token is not None and only != "worker":
        return _run_socket_mode(settings, application, is_ticking=only != "web")
    return _serve_http(settings, application, only)


def _log_start(settings: Settings, application: Application, only: str) -> None:
    identity = application.slack.identity
    mode = "as a worker" if only == "worker" else "over Socket Mode" if settings.slack_app_token else "over HTTP"
    if identity is not None:
        logger.info("dlvm is connected to %s (%s) %s", identity.workspace_name, identity.workspace_id, mode)
    if settings.has_oauth:
        logger.info("dlvm runs %s; workspaces install it at /slack/install", mode)
    if settings.slack_app_token and settings.slack_signing_secret and only != "worker":
        logger.info("SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: using Socket Mode")


def _serve_http(settings: Settings, application: Application, only: str) -> int:
    secret = settings.slack_signing_secret
    signing_secret = secret.get_secret_value() if secret and only != "worker" else ""
    app = build_http_app(application, signing_secret, is_ticking=only != "web")
    if only == "worker" and settings.port is None:
        return _run_until_signal(application.start, application.close)
    return serve(app, settings.host, settings.port or DEFAULT_PORT)


def _run_socket_mode(settings: Settings, application: Application, *, is_ticking: bool) -> int:
    token = settings.slack_app_token
    handler = SocketModeHandler(
        application.bolt_app,
        token.get_secret_value() if token else "",
        web_client=WebClient(base_url=settings.slack_api_url),
    )
    if settings.port is None:
        return _run_until_signal(*_build_start_stop(handler, application, is_ticking=is_ticking))
    start, stop = _build_start_stop(handler, application, is_ticking=False)
    start()
    try:
        return serve(build_http_app(application, "", is_ticking=is_ticking), settings.host, settings.port)
    finally:
        stop()


def _build_start_stop(
    handler: SocketModeHandler, application: Application, *, is_ticking: bool
) -> tuple[Callable[[], None], Callable[[], None]]:
    def start() -> None:
        handler.connect()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
        if is_ticking:
            application.start()

    def stop() -> None:
        handler.close()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
        application.close()

    return start, stop


def _run_until_signal(start: Callable[[], None], stop: Callable[[], None]) -> int:
    """Run until SIGTERM or SIGINT, and return exit code 0."""
    stop_requested = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_requested.set())
    start()
    stop_requested.wait()
    stop()
    return 0


def _exit_when_stuck() -> None:
    """Exit without cleanup: a stuck thread can't be joined, and the leases on claimed messages expire."""
    os._exit(STUCK_EXIT_CODE)
