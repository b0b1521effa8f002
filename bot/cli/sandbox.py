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
from bot.sandbox.signed_requests import LIMIT
from bot.sandbox.workspace import Workspace
from bot.service.catalogue import bundled
from bot.settings import OFF, Settings
from bot.slack.client.identity import Identity
from bot.slack.client.timeouts import USUAL, Patience
from bot.web.app import EVENTS_PATH
from bot.web.server import keep_what_stays, serve
from storage import migrations
from storage.database import Database

LOOPBACK = "127.0.0.1"
FIRST_PORT = 8400
"""The port the page is on where it is free."""

IDENTITY = Identity(
    sample_workspace.TEAM_ID, sample_workspace.TEAM_NAME, sample_workspace.BOT_ID, sample_workspace.BOT_USER_ID, ()
)


class Playground(Struct, frozen=True):
    """The sandbox and the bot in it, served by one app."""

    house: building.House
    workspace: Workspace
    app: Starlette


def build(
    settings: Settings,
    database: Database,
    port: int,
    snapshot: Path | None,
    patience: Patience = USUAL,
    limit: timedelta = LIMIT,
) -> Playground:
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
            "dlvm_operator_channel": f"{sample_workspace.TEAM_ID}/{sample_workspace.OPERATORS}",
        }
    )
    clock = MovableClock(core.now)
    house = building.build(local, database, clock, IDENTITY, patience=patience)

    # A stop is not made where a channel is looked at again: that is hourly, and what it mends goes out at the next one.

    def next_due() -> datetime | None:
        return _sooner(house.lookup.next_reminder(sample_workspace.TEAM_ID, clock()), house.delivery.next_message())

    def next_stop() -> datetime | None:
        return _sooner(next_due(), house.delivery.next_try())

    def tick(moment: datetime) -> int:
        house.chores.run(moment)
        return house.delivery.deliver(lambda: moment).messages

    def reset() -> None:
        migrations.to(database, "base")
        migrations.migrate(database)
        bundled.load(database, core.now(), settings.dlvm_catalogue_file)
        house.slack.remember(database)

    def reinstall() -> None:
        house.slack.remember(database)

    sandbox = Sandbox(
        clock=clock,
        endpoint_url=f"{address}{EVENTS_PATH}",
        signing_secret=_open(local.slack_signing_secret),
        bot_token=_open(local.slack_bot_token),
        tick=tick,
        next_due=next_due,
        next_stop=next_stop,
        reset=reset,
        reinstall=reinstall,
        database_shown=database.url_shown,
        names=house.lookup.names,
        real_clock=core.now,
        snapshot=snapshot,
        limit=limit,
    )
    workspace = sandbox.workspace()
    app = building.http_app(house, _open(local.slack_signing_secret), sandbox.routes(workspace))
    return Playground(house, workspace, app)


def play(settings: Settings, *, port: int, database_path: str) -> int:
    """Serves the sandbox on this machine alone, until it is asked to end."""
    logs.set_up("WARNING")
    core.check_file(settings)
    database = Database(f"sqlite:///{database_path}")
    core.migrated(database, settings.dlvm_catalogue_file)
    database.check()
    chosen = port or _free_port()
    snapshot = Path(database_path).with_suffix(".workspace.json")
    playground = build(settings, database, chosen, snapshot)
    keep_what_stays()
    sys.stdout.write(
        f"\n  dlvm sandbox: open http://{LOOPBACK}:{chosen}\n\n"
        f"  The real bot in a local workspace; nothing leaves this machine. Ctrl-C ends it.\n"
        f"  Its database is {database.url_shown}. For your Slack, see the README.\n\n"
    )
    sys.stdout.flush()
    return serve(playground.app, LOOPBACK, chosen)


def _sooner(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _free_port() -> int:
    """The first port where it is free, else any."""
    for port in (FIRST_PORT, 0):
        try:
            with socket.create_server((LOOPBACK, port)) as found:
                return int(found.getsockname()[1])
        except OSError:
            continue
    raise OSError("no free port on this machine")


def _open(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
