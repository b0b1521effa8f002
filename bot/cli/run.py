"""`dlvm run` and `dlvm sandbox`: run the bot, in Slack or in a local workspace, until a signal stops it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import Context, exit_with_error, open_context

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    from bot.bootstrap.application import Application
    from bot.settings import Settings

logger = logging.getLogger(__name__)

DEFAULT_PORT = 3000
SANDBOX_DATABASE = "var/sandbox.db"

STUCK_EXIT_CODE = 75
"""A temporary failure (sysexits' EX_TEMPFAIL): a supervisor restarts the process."""

NO_SLACK_SETTINGS = (
    "No Slack settings found. Set SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP),"
    " or try dlvm without Slack: dlvm sandbox"
)


def up() -> None:
    """Run the bot in Slack if its settings are present, or else in the sandbox."""
    with open_context() as context:
        has_slack = context.settings.has_slack
    if has_slack:
        run()
    else:
        sandbox()


def run(
    only: Annotated[
        str, typer.Option(help="web (answer requests) or worker (send reminders and fetch dates); default: both.")
    ] = "",
) -> None:
    """Run the bot in Slack, over Socket Mode (app-level token) or HTTP (signing secret)."""
    from bot.bootstrap import operator_channel

    if only not in {"", "web", "worker"}:
        exit_with_error(f"--only must be web or worker, not {only!r}.")
    with open_context() as context:
        settings = context.settings
        if not settings.has_slack:
            exit_with_error(NO_SLACK_SETTINGS)
        application = _build_application(context)
        _log_start(settings, application, only)
        operator_channel.log_problem(settings, context.database)
        if settings.slack_app_token is not None and only != "worker":
            sys.exit(_run_socket_mode(settings, application, is_ticking=only != "web"))
        sys.exit(_serve_http(settings, application, only))


def sandbox(
    port: Annotated[int, typer.Option(help="Port on this machine (0: 8400, or any free port).")] = 0,
    database: Annotated[str, typer.Option(help="Database file of the sandbox.")] = SANDBOX_DATABASE,
) -> None:
    """Run the bot in a local workspace, with a web page and a movable clock. Needs no Slack account."""
    from bot import logs
    from bot.bootstrap import core
    from bot.bootstrap.sandbox import LOOPBACK, build_server, find_free_port
    from bot.web.server import freeze_startup_objects, serve
    from storage.database import Database

    with open_context() as context, closing(Database(f"sqlite:///{database}")) as sandbox_database:
        logs.configure("WARNING")
        core.check_catalogue_file(context.settings)
        core.migrate_database(sandbox_database, context.settings.dlvm_catalogue_file)
        sandbox_database.check_integrity()
        chosen_port = port or find_free_port()
        snapshot_path = Path(database).with_suffix(".workspace.json")
        server = build_server(context.settings, sandbox_database, chosen_port, snapshot_path)
        freeze_startup_objects()
        typer.echo(
            f"\n  dlvm sandbox: open http://{LOOPBACK}:{chosen_port}\n\n"
            f"  The real bot in a local workspace; nothing leaves this machine. Press Ctrl-C to stop it.\n"
            f"  Database: {sandbox_database.display_url}. To connect your Slack workspace, see the README.\n"
        )
        sys.exit(serve(server.app, LOOPBACK, chosen_port))


def _build_application(context: Context) -> Application:
    """Connect to Slack. Exit with code 2 if it rejects the token, and with 1 if it is unreachable."""
    from bot import logs
    from bot.bootstrap.application import build
    from bot.slack.client.identity import TokenRefusedError, UnreachableError
    from bot.web.server import freeze_startup_objects

    logs.configure(context.settings.log_level)
    context.database.check_integrity()
    try:
        application = build(context.settings, context.database, on_stuck=_exit_when_stuck)
    except TokenRefusedError as error:
        exit_with_error(f"Slack rejects SLACK_BOT_TOKEN ({error}): copy it again from OAuth & Permissions.")
    except UnreachableError as error:
        exit_with_error(f"{error} Start dlvm again when Slack is reachable.", code=1)
    freeze_startup_objects()
    return application


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
    from bot.bootstrap.application import build_http_app
    from bot.web.server import serve

    secret = settings.slack_signing_secret
    signing_secret = secret.get_secret_value() if secret and only != "worker" else ""
    app = build_http_app(application, signing_secret, is_ticking=only != "web")
    if only == "worker" and settings.port is None:
        return _run_until_signal(application.start, application.close)
    return serve(app, settings.host, settings.port or DEFAULT_PORT)


def _run_socket_mode(settings: Settings, application: Application, *, is_ticking: bool) -> int:
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from slack_sdk import WebClient

    from bot.bootstrap.application import build_http_app
    from bot.web.server import serve

    token = settings.slack_app_token
    app_token, web_client = token.get_secret_value() if token else "", WebClient(base_url=settings.slack_api_url)
    handler = SocketModeHandler(application.bolt_app, app_token, web_client=web_client)
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
