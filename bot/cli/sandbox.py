"""`dlvm sandbox`: the same bot, put together with a workspace on this machine in place of Slack."""

import secrets
import socket
import sys
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct
from pydantic import SecretStr
from starlette.applications import Starlette

from bot import logs
from bot.bootstrap import application as building
from bot.bootstrap import core
from bot.sandbox import sample_workspace
from bot.sandbox.app import Sandbox
from bot.sandbox.clock import MovableClock
from bot.sandbox.signed_requests import RESPONSE_TIMEOUT
from bot.sandbox.workspace import Workspace
from bot.service.catalogue import bundled
from bot.settings import OFF, Settings
from bot.slack.client.identity import Identity
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts
from bot.web.app import EVENTS_PATH
from bot.web.server import freeze_startup_objects, serve
from storage import migrations
from storage.database import Database

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8400
"""The port the page is on where it is free."""

IDENTITY = Identity(
    sample_workspace.TEAM_ID, sample_workspace.TEAM_NAME, sample_workspace.BOT_ID, sample_workspace.BOT_USER_ID, ()
)


class SandboxServer(Struct, frozen=True):
    """The sandbox and the bot in it, served by one app."""

    application: building.Application
    workspace: Workspace
    app: Starlette


def build_server(
    settings: Settings,
    database: Database,
    port: int,
    snapshot_path: Path | None,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
    response_timeout: timedelta = RESPONSE_TIMEOUT,
) -> SandboxServer:
    """The bot on the sandbox's clock, its requests and posts going over this machine's own port.

    `patience` is the bot's with the workspace, `limit` the workspace's with the bot.
    """
    address = f"http://{LOOPBACK}:{port}"
    local = settings.model_copy(
        update={
            "slack_bot_token": SecretStr(f"xoxb-{secrets.token_hex(12)}"),
            "slack_app_token": None,
            "slack_signing_secret": SecretStr(secrets.token_hex(16)),
            "slack_api_url": f"{address}/api/",
            "dlvm_catalogue_url": OFF,
            "dlvm_operator_channel": f"{sample_workspace.TEAM_ID}/{sample_workspace.OPERATOR_CHANNEL}",
        }
    )
    clock = MovableClock(core.now)
    application = building.build(local, database, clock, IDENTITY, timeouts=timeouts)

    # A stop is not made where a channel is looked at again: that is hourly, and what it mends goes out at the next one.

    def next_due() -> datetime | None:
        return _find_earliest(
            application.lookup.find_next_reminder(sample_workspace.TEAM_ID, clock()),
            application.delivery.get_next_message_time(),
        )

    def next_stop() -> datetime | None:
        return _find_earliest(next_due(), application.delivery.get_next_attempt_time())

    def tick(moment: datetime) -> int:
        application.maintenance.run(moment)
        return application.delivery.deliver(lambda: moment).messages

    def reset() -> None:
        migrations.migrate_to(database, "base")
        migrations.migrate(database)
        bundled.load(database, core.now(), settings.dlvm_catalogue_file)
        application.slack.save_own_workspace(database)

    def reinstall() -> None:
        application.slack.save_own_workspace(database)

    sandbox = Sandbox(
        clock=clock,
        endpoint_url=f"{address}{EVENTS_PATH}",
        signing_secret=_reveal(local.slack_signing_secret),
        bot_token=_reveal(local.slack_bot_token),
        tick=tick,
        find_next_message=next_due,
        find_next_stop=next_stop,
        reset=reset,
        reinstall=reinstall,
        database_shown=database.display_url,
        list_version_names=application.lookup.list_names,
        real_clock=core.now,
        snapshot_path=snapshot_path,
        response_timeout=response_timeout,
    )
    workspace = sandbox.load_workspace()
    app = building.build_http_app(application, _reveal(local.slack_signing_secret), sandbox.build_routes(workspace))
    return SandboxServer(application, workspace, app)


def serve_sandbox(settings: Settings, *, port: int, database_path: str) -> int:
    """Serves the sandbox on this machine alone, until it is asked to end."""
    logs.configure("WARNING")
    core.check_catalogue_file(settings)
    database = Database(f"sqlite:///{database_path}")
    core.migrate_database(database, settings.dlvm_catalogue_file)
    database.check_integrity()
    chosen_port = port or _find_free_port()
    snapshot = Path(database_path).with_suffix(".workspace.json")
    server = build_server(settings, database, chosen_port, snapshot)
    freeze_startup_objects()
    sys.stdout.write(
        f"\n  dlvm sandbox: open http://{LOOPBACK}:{chosen_port}\n\n"
        f"  The real bot in a local workspace; nothing leaves this machine. Ctrl-C ends it.\n"
        f"  Its database is {database.display_url}. For your Slack, see the README.\n\n"
    )
    sys.stdout.flush()
    return serve(server.app, LOOPBACK, chosen_port)


def _find_earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _find_free_port() -> int:
    """The first port where it is free, else any."""
    for port in (DEFAULT_PORT, 0):
        try:
            with socket.create_server((LOOPBACK, port)) as found:
                return int(found.getsockname()[1])
        except OSError:
            continue
    raise OSError("no free port on this machine")


def _reveal(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
