"""The running bot put together: Slack's side, the HTTP app and the clock."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slack_bolt import App
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from bot.jobs import Jobs, Watchdog
from bot.service.chores import Chores
from bot.service.delivery import Delivery
from bot.service.enrolling import Enrolling
from bot.service.health import Healing, restored
from bot.service.homes import Homes
from bot.service.known import KnownVersions
from bot.service.lookup import Lookup
from bot.settings import Settings
from bot.slack import app as slack_app
from bot.slack.delivery import SlackSender
from bot.slack.endpoint import Endpoint
from bot.slack.forms import Asking, Forms
from bot.slack.homes import HomeTab
from bot.slack.listeners import Listeners
from bot.slack.reading import Identity, Reading, who_am_i
from bot.slack.surfaces import Surfaces
from bot.web import app as web
from bot.web import health
from bot.web.guard import Guard
from bot.web.health import Check
from bot.wiring import clock_of, default_schedule, delivering, epoch, now, ready, talking
from storage import catalogue, migrations, workspaces
from storage.database import Database, DatabaseError
from storage.facts import DLVM, Workspace


@contextmanager
def posting(settings: Settings) -> Iterator[Delivery]:
    """What delivers to the one workspace of the settings' token, and nothing else of the bot."""
    database = ready(settings)
    slack = SlackSide(settings, database)
    try:
        yield delivering(database, settings, slack.sender, slack.reading)
    finally:
        slack.close()
        database.close()


class SlackSide:
    """Everything that speaks to Slack for the one workspace of a token."""

    def __init__(self, settings: Settings, database: Database, identity: Identity | None = None) -> None:
        token = settings.slack_bot_token
        self._token = token.get_secret_value() if token else ""
        self._base_url = settings.slack_api_url
        self.identity = identity or who_am_i(self._token, self._base_url)
        self._workspace = self.remember(database)
        self.sender = SlackSender(self.token_of, self._base_url)
        self.reading = Reading(self.token_of, self._base_url)
        self.surfaces = Surfaces(self.token_of, self._base_url)

    def token_of(self, workspace_id: str) -> str | None:
        """The token of a workspace; there is one."""
        return self._token if workspace_id == self.identity.workspace_id else None

    def workspace_of(self, workspace_id: str) -> Workspace | None:
        """The workspace, where it is the token's."""
        return self._workspace if workspace_id == self._workspace.workspace_id else None

    def close(self) -> None:
        """Ends the threads that post and read."""
        self.sender.close()
        self.reading.close()

    def remember(self, database: Database) -> Workspace:
        """Stores who the bot is in the workspace."""
        known = self.identity
        with database.transaction() as session:
            found = workspaces.find(session, known.workspace_id) or Workspace(known.workspace_id)
            workspace = replace(found, name=known.workspace_name, bot_id=known.bot_id, bot_user_id=known.bot_user_id)
            workspaces.save(session, workspace)
            restored(session, known.workspace_id, now())  # the token has just been accepted
        return workspace


@dataclass(frozen=True, slots=True)
class House:
    """The running bot: what serves Slack's requests, and what ticks."""

    database: Database
    app: App
    endpoint: Endpoint
    delivery: Delivery
    chores: Chores
    jobs: Jobs
    watchdog: Watchdog | None
    lookup: Lookup
    slack: SlackSide

    def start(self) -> None:
        """Begins to tick, watched where somebody wants to know that it no longer does."""
        self.jobs.start()
        if self.watchdog is not None:
            self.watchdog.start()

    def close(self) -> None:
        """Stops ticking, ends what is in hand, and lets go of everything."""
        if self.watchdog is not None:
            self.watchdog.stop()
        self.delivery.stop()
        self.jobs.stop()
        self.endpoint.close()
        self.slack.close()
        self.database.close()

    def checks(self) -> tuple[Check, ...]:
        """What /healthz tells."""
        return (self._ticks(), self._database(), self._catalogue())

    def _ticks(self) -> Check:
        age = self.jobs.age()
        return Check(
            "ticks", self.jobs.is_alive(), f"last good one {age.seconds} s ago" if age is not None else "not started"
        )

    def _database(self) -> Check:
        try:
            migrations.require_current(self.database)
        except DatabaseError as error:
            return Check("database", ok=False, detail=error.sentence)
        return Check("database", ok=True, detail=self.database.dialect)

    def _catalogue(self) -> Check:
        with self.database.reading() as session:
            reading = catalogue.last_reading(session, DLVM)
        return Check("catalogue", reading is not None, f"as of {reading.as_of}" if reading else "empty")


def build(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime] | None = None,
    identity: Identity | None = None,
    on_stuck: Callable[[], None] | None = None,
) -> House:
    """The bot for one workspace; asks Slack once who it is, where that is not given.

    `on_stuck` is called where nothing ticks any more.
    """
    default = default_schedule(settings)
    slack = SlackSide(settings, database, identity)
    conversation, lookup = talking(database, default, slack.reading.look)
    reading, surfaces, at = slack.reading, slack.surfaces, clock or now
    known = KnownVersions()
    asking = Asking(reading.look, reading.channels_of)
    forms = Forms(Enrolling(database, known, default), lookup, conversation.settings, surfaces, asking, at)
    home = HomeTab(Homes(database, known, default, reading.channels_of), conversation.settings, surfaces, at)
    listeners = Listeners(conversation, slack.sender, surfaces, at)
    secret = settings.slack_signing_secret
    app = slack_app.build(
        [forms, home, listeners],
        slack.sender,
        signing_secret=secret.get_secret_value() if secret else "",
        base_url=settings.slack_api_url,
        workspace_of=slack.workspace_of,
        token_of=slack.token_of,
    )
    delivery = delivering(database, settings, slack.sender, slack.reading)
    healing = Healing(database, lambda place: slack.reading.look(place).reach, slack.reading.works)
    chores = Chores(database, healing, timedelta(days=settings.dlvm_keep_sent_days))
    shared = clock or clock_of(database)
    jobs = Jobs(
        {"tick": lambda: delivery.deliver(shared, jobs.beat), "chores": lambda: chores.run(shared())}, clock or now
    )
    watchdog = Watchdog(jobs, on_stuck) if on_stuck else None
    return House(database, app, Endpoint(app), delivery, chores, jobs, watchdog, lookup, slack)


def http_app(house: House, signing_secret: str, routes: Sequence[BaseRoute] = (), *, ticking: bool = True) -> Starlette:
    """The HTTP app: Slack's endpoint behind the guard where there is a signing secret, health, and what is given."""
    served: list[BaseRoute] = [health.route(house.checks), *routes]
    if signing_secret:
        served.append(Route(web.EVENTS_PATH, Guard(house.endpoint, signing_secret, epoch)))
    return web.build(served, on_start=house.start if ticking else _nothing, on_stop=house.close)


def _nothing() -> None:
    """For a process that only answers."""
