"""The bot with a local workspace in place of Slack."""

import secrets
import socket
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.bootstrap import core
from bot.bootstrap.application import Application, build, build_http_app
from bot.sandbox import sample_workspace
from bot.sandbox.app import Sandbox
from bot.sandbox.clock import MovableClock
from bot.sandbox.signed_requests import RESPONSE_TIMEOUT
from bot.sandbox.time_travel import TimeTravel
from bot.sandbox.workspace import Workspace
from bot.service.catalogue import bundled
from bot.service.reminders.upcoming import UpcomingReminders
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import OFF, Settings
from bot.slack.client.identity import Identity
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts
from bot.web.app import EVENTS_PATH
from storage import migrations
from storage.database import Database

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8400
"""Used if it is free."""

IDENTITY = Identity(
    sample_workspace.TEAM_ID, sample_workspace.TEAM_NAME, sample_workspace.BOT_ID, sample_workspace.BOT_USER_ID, ()
)


class SandboxServer(Struct, frozen=True):
    """The bot and the sandbox around it, served by one ASGI app."""

    application: Application
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
    """Build the bot on the sandbox's clock. Both sides talk over HTTP on `port` of this machine.

    `timeouts` are for the bot's calls to the workspace, `response_timeout` is for the workspace's requests to the bot.
    """
    base_url = f"http://{LOOPBACK}:{port}"
    bot_token, signing_secret = f"xoxb-{secrets.token_hex(12)}", secrets.token_hex(16)
    sandbox_settings = settings.model_copy(
        update={
            "slack_bot_token": SecretStr(bot_token),
            "slack_app_token": None,
            "slack_signing_secret": SecretStr(signing_secret),
            "slack_api_url": f"{base_url}/api/",
            "dlvm_catalogue_url": OFF,
            "dlvm_operator_channel": f"{sample_workspace.TEAM_ID}/{sample_workspace.OPERATOR_CHANNEL}",
        }
    )
    clock = MovableClock(core.now)
    application = build(sandbox_settings, database, clock, IDENTITY, timeouts=timeouts)
    upcoming = UpcomingReminders(database, SnapshotCache(), core.build_default_schedule(settings))

    def find_next_message() -> datetime | None:
        return _find_earliest(
            upcoming.find_next_message_time(sample_workspace.TEAM_ID, clock()),
            application.delivery.get_next_message_time(),
        )

    def find_next_stop() -> datetime | None:
        # Hourly channel checks are no stops: the messages that they release are sent at the next stop.
        return _find_earliest(find_next_message(), application.delivery.get_next_attempt_time())

    def tick(moment: datetime) -> int:
        application.maintenance.run(moment)
        return application.delivery.deliver(lambda: moment).messages

    def reinstall() -> None:
        application.slack.save_own_workspace(database)

    def reset() -> None:
        migrations.migrate_to(database, "base")
        migrations.migrate(database)
        bundled.load(database, core.now(), settings.dlvm_catalogue_file)
        reinstall()

    sandbox = Sandbox(
        time_travel=TimeTravel(clock, tick, find_next_message, find_next_stop),
        endpoint_url=f"{base_url}{EVENTS_PATH}",
        signing_secret=signing_secret,
        bot_token=bot_token,
        reset=reset,
        reinstall=reinstall,
        database_url=database.display_url,
        list_version_names=application.lookup.list_names,
        real_clock=core.now,
        snapshot_path=snapshot_path,
        response_timeout=response_timeout,
    )
    workspace = sandbox.load_workspace()
    app = build_http_app(application, signing_secret, sandbox.build_routes(workspace))
    return SandboxServer(application, workspace, app)


def find_free_port() -> int:
    """Return the default port if it is free, or else any free port."""
    for port in (DEFAULT_PORT, 0):
        try:
            with socket.create_server((LOOPBACK, port)) as server:
                return int(server.getsockname()[1])
        except OSError:
            continue
    raise OSError("no free port on this machine")


def _find_earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
