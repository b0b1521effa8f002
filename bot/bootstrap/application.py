"""The running bot put together: Slack's side, the HTTP app and the clock."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_bolt import App
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from bot.bootstrap import catalogue_jobs, listeners, opening
from bot.bootstrap.core import clock_of, default_schedule, epoch, now, ready, talking
from bot.bootstrap.delivery import delivering, overriding
from bot.bootstrap.slack import SlackSide
from bot.catalogue.http.fetcher import Fetcher
from bot.policy import freshness
from bot.scheduler import Jobs, Watchdog
from bot.service.delivery.loop import Delivery
from bot.service.maintenance import Chores
from bot.service.operator.channel import Operator
from bot.service.versions.lookup import Lookup
from bot.service.workspaces.channel_health import Healing
from bot.service.workspaces.reconcile import Reconciling
from bot.settings import Settings
from bot.slack import app as slack_app
from bot.slack import oauth
from bot.slack.client.identity import Identity
from bot.slack.client.timeouts import USUAL, Patience
from bot.slack.endpoint import Endpoint
from bot.web import app as web
from bot.web import health
from bot.web.guard import Guard
from bot.web.health import Check
from storage import catalogue, migrations, sources
from storage.database import Database, DatabaseError
from storage.facts import DLVM


@contextmanager
def posting(settings: Settings) -> Iterator[Delivery]:
    """What delivers, and nothing else of the bot."""
    database = ready(settings)
    slack = SlackSide(settings, database)
    try:
        yield delivering(database, settings, slack.sender, slack.reading)
    finally:
        slack.close()
        database.close()


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
    operator: Operator
    fetcher: Fetcher
    pages: tuple[BaseRoute, ...] = ()
    """Where workspaces install the bot."""
    reads: frozenset[str] = frozenset()
    """What is read of Google's pages every few hours, by the keys of their source rows."""
    clock: Callable[[], datetime] = now
    """Whose day decides what is over."""

    def start(self) -> None:
        """Begins to tick, watched where somebody wants to know that it no longer does."""
        self.database.run(lambda session: catalogue_jobs.watch(session, self.reads, now()))
        self.database.run(lambda session: self.operator.catch_up(session, now()))
        self.jobs.start()
        if self.watchdog is not None:
            self.watchdog.start()

    def close(self) -> None:
        """Stops ticking, ends what is in hand, and lets go of everything."""
        if self.watchdog is not None:
            self.watchdog.stop()
        self.delivery.stop()
        self.fetcher.stop()
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
            reading, source = catalogue.last_reading(session, DLVM), sources.find(session)
        since = freshness.unverified_since(source.watched_since, source.good_at, now())
        age = f", not verified since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        return Check("catalogue", reading is not None, f"as of {reading.as_of}{age}" if reading else "empty")


def build(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime] | None = None,
    identity: Identity | None = None,
    on_stuck: Callable[[], None] | None = None,
    patience: Patience = USUAL,
) -> House:
    """The bot; asks Slack once who it is, where there is a token in the settings and that is not given.

    `on_stuck` is called where nothing ticks any more.
    """
    default = default_schedule(settings)
    slack = SlackSide(settings, database, identity, patience)
    conversation, lookup = talking(database, default, slack.reading.look, slack.people)
    delivery = delivering(database, settings, slack.sender, slack.reading)
    healing = Healing(database, lambda place: slack.reading.look(place).reach, slack.reading.works)
    reconciling = Reconciling(database, slack.reading.look)
    operator, expire = Operator(settings.dlvm_operator_channel), overriding(database, settings).expire
    keep = timedelta(days=settings.dlvm_keep_sent_days)
    chores = Chores(database, healing, keep, reconciling, operator, expire)
    shared = clock or clock_of(database)
    work: dict[str, Callable[[], object]] = {
        "tick": lambda: delivery.deliver(shared, jobs.beat),
        "chores": lambda: chores.run(shared()),
    }
    fetcher = catalogue_jobs.fetcher(settings)
    work |= catalogue_jobs.jobs(settings, database, shared, operator.tell, fetcher)
    jobs = Jobs(work, clock or now)
    secret = settings.slack_signing_secret
    app = slack_app.build(
        listeners.everything(database, default, slack, conversation, lookup, jobs.wake, clock or now, operator),
        slack.sender,
        signing_secret=secret.get_secret_value() if secret else "",
        base_url=settings.slack_api_url,
        workspace_of=slack.workspace_of,
        token_of=slack.token_of,
    )
    watchdog = Watchdog(jobs, on_stuck) if on_stuck else None
    pages = _pages(settings, slack, clock or now)
    return House(
        database,
        app,
        Endpoint(app),
        delivery,
        chores,
        jobs,
        watchdog,
        lookup,
        slack,
        operator,
        fetcher,
        pages,
        reads=catalogue_jobs.read(settings),
        clock=clock or now,
    )


def _pages(settings: Settings, slack: SlackSide, clock: Callable[[], datetime]) -> tuple[BaseRoute, ...]:
    secret = settings.slack_client_secret
    if secret is None:
        return ()
    credentials = oauth.Credentials(settings.slack_client_id, secret.get_secret_value())
    return oauth.routes(credentials, slack.installs, clock, settings.slack_api_url)


def http_app(house: House, signing_secret: str, routes: Sequence[BaseRoute] = (), *, ticking: bool = True) -> Starlette:
    """The HTTP app: Slack's endpoint behind the guard where there is a signing secret, what is open, what is given."""
    served: list[BaseRoute] = []
    if signing_secret:  # first, for routes are tried in turn, and nearly every request is Slack's
        served += [Route(web.EVENTS_PATH, Guard(house.endpoint, signing_secret, epoch)), *house.pages]
    served += [health.route(house.checks), *opening.routes(house.database, house.jobs.age, house.clock), *routes]
    return web.build(served, on_start=house.start if ticking else _nothing, on_stop=house.close)


def _nothing() -> None:
    """For a process that only answers."""
