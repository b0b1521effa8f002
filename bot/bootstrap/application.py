"""The running bot put together: Slack's side, the HTTP app and the clock."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_bolt import App
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from bot.bootstrap import catalogue_jobs, listeners
from bot.bootstrap.core import (
    build_default_schedule,
    build_dispatcher,
    get_shared_clock,
    get_unix_time,
    now,
    prepare_database,
)
from bot.bootstrap.delivery import build_delivery_loop, build_overrides
from bot.bootstrap.slack import SlackClients
from bot.catalogue.http.fetcher import Fetcher
from bot.policy import freshness
from bot.scheduler import Scheduler, Watchdog
from bot.service import metrics as measures
from bot.service.delivery.loop import DeliveryLoop
from bot.service.maintenance import Maintenance
from bot.service.operator.channel import OperatorChannel
from bot.service.versions.lookup import VersionLookup
from bot.service.versions.releases import PublishedCatalogue
from bot.service.versions.snapshot import SnapshotCache
from bot.service.workspaces.channel_health import ChannelRecovery
from bot.service.workspaces.reconcile import ChannelReconciler
from bot.settings import Settings
from bot.slack import app as slack_app
from bot.slack import oauth
from bot.slack.client.identity import Identity
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts
from bot.slack.endpoint import Endpoint
from bot.web import api, health, metrics
from bot.web import app as web
from bot.web.guard import Guard
from bot.web.health import HealthCheck
from storage import catalogue, migrations, sources
from storage.database import Database, DatabaseError
from storage.facts import DLVM


@contextmanager
def open_delivery_loop(settings: Settings) -> Iterator[DeliveryLoop]:
    """What delivers, and nothing else of the bot."""
    database = prepare_database(settings)
    slack = SlackClients(settings, database)
    try:
        yield build_delivery_loop(database, settings, slack.sender, slack.conversations)
    finally:
        slack.close()
        database.close()


@dataclass(frozen=True, slots=True)
class Application:
    """The running bot: what serves Slack's requests, and what ticks."""

    database: Database
    bolt_app: App
    endpoint: Endpoint
    delivery: DeliveryLoop
    maintenance: Maintenance
    scheduler: Scheduler
    watchdog: Watchdog | None
    lookup: VersionLookup
    slack: SlackClients
    operator: OperatorChannel
    fetcher: Fetcher
    install_routes: tuple[BaseRoute, ...] = ()
    """Where workspaces install the bot."""
    polled_sources: frozenset[str] = frozenset()
    """What is read of Google's pages every few hours, by the keys of their source rows."""
    clock: Callable[[], datetime] = now
    """Whose day decides what is over."""

    def start(self) -> None:
        """Begins to tick, watched where somebody wants to know that it no longer does."""
        self.database.run(lambda session: catalogue_jobs.record_polled_sources(session, self.polled_sources, now()))
        self.database.run(lambda session: self.operator.send_missed(session, now()))
        self.scheduler.start()
        if self.watchdog is not None:
            self.watchdog.start()

    def close(self) -> None:
        """Stops ticking, ends what is in hand, and lets go of everything."""
        if self.watchdog is not None:
            self.watchdog.stop()
        self.delivery.stop()
        self.fetcher.stop()
        self.scheduler.stop()
        self.endpoint.close()
        self.slack.close()
        self.database.close()

    def run_health_checks(self) -> tuple[HealthCheck, ...]:
        """What /healthz tells."""
        return (self._check_ticks(), self._check_database(), self._check_catalogue())

    def _check_ticks(self) -> HealthCheck:
        age = self.scheduler.get_tick_age()
        return HealthCheck(
            "ticks",
            self.scheduler.is_alive(),
            f"last good one {age.seconds} s ago" if age is not None else "not started",
        )

    def _check_database(self) -> HealthCheck:
        try:
            migrations.require_current(self.database)
        except DatabaseError as error:
            return HealthCheck("database", ok=False, detail=error.message)
        return HealthCheck("database", ok=True, detail=self.database.dialect)

    def _check_catalogue(self) -> HealthCheck:
        with self.database.read_only() as session:
            reading, source = catalogue.find_last_reading(session, DLVM), sources.find(session)
        since = freshness.find_unverified_since(source.polling_since, source.last_good_at, now())
        age = f", not verified since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        return HealthCheck("catalogue", reading is not None, f"as of {reading.as_of}{age}" if reading else "empty")


def build(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime] | None = None,
    identity: Identity | None = None,
    on_stuck: Callable[[], None] | None = None,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
) -> Application:
    """The bot; asks Slack once who it is, where there is a token in the settings and that is not given.

    `on_stuck` is called where nothing ticks any more.
    """
    default = build_default_schedule(settings)
    slack = SlackClients(settings, database, identity, timeouts)
    dispatcher, lookup = build_dispatcher(database, default, slack.conversations.look_up, slack.users)
    delivery = build_delivery_loop(database, settings, slack.sender, slack.conversations)
    recovery = ChannelRecovery(
        database, lambda place: slack.conversations.look_up(place).reach, slack.conversations.is_token_valid
    )
    reconciler = ChannelReconciler(database, slack.conversations.look_up)
    operator, expire = OperatorChannel(settings.dlvm_operator_channel), build_overrides(database, settings).expire
    keep = timedelta(days=settings.dlvm_keep_sent_days)
    maintenance = Maintenance(database, recovery, keep, reconciler, operator, expire)
    shared_clock = clock or get_shared_clock(database)
    jobs: dict[str, Callable[[], object]] = {
        "tick": lambda: delivery.deliver(shared_clock, scheduler.record_heartbeat),
        "chores": lambda: maintenance.run(shared_clock()),
    }
    fetcher = catalogue_jobs.build_fetcher(settings)
    jobs |= catalogue_jobs.build_jobs(settings, database, shared_clock, operator.notify, fetcher)
    scheduler = Scheduler(jobs, clock or now)
    secret = settings.slack_signing_secret
    bolt_app = slack_app.build(
        listeners.build_listeners(database, default, slack, dispatcher, lookup, scheduler.wake, clock or now, operator),
        slack.sender,
        signing_secret=secret.get_secret_value() if secret else "",
        base_url=settings.slack_api_url,
        find_workspace=slack.find_workspace,
        find_token=slack.find_token,
    )
    watchdog = Watchdog(scheduler, on_stuck) if on_stuck else None
    install_routes = _build_install_routes(settings, slack, clock or now)
    return Application(
        database,
        bolt_app,
        Endpoint(bolt_app),
        delivery,
        maintenance,
        scheduler,
        watchdog,
        lookup,
        slack,
        operator,
        fetcher,
        install_routes,
        polled_sources=catalogue_jobs.list_polled_sources(settings),
        clock=clock or now,
    )


def _build_install_routes(
    settings: Settings, slack: SlackClients, clock: Callable[[], datetime]
) -> tuple[BaseRoute, ...]:
    secret = settings.slack_client_secret
    if secret is None:
        return ()
    credentials = oauth.Credentials(settings.slack_client_id, secret.get_secret_value())
    return oauth.build_routes(credentials, slack.installations, clock, settings.slack_api_url)


def build_http_app(
    application: Application, signing_secret: str, routes: Sequence[BaseRoute] = (), *, is_ticking: bool = True
) -> Starlette:
    """The HTTP app: Slack's endpoint behind the guard where there is a signing secret, what is open, what is given."""
    served: list[BaseRoute] = []
    if signing_secret:  # first, for routes are tried in turn, and nearly every request is Slack's
        served += [
            Route(web.EVENTS_PATH, Guard(application.endpoint, signing_secret, get_unix_time)),
            *application.install_routes,
        ]
    served += [
        health.build_route(application.run_health_checks),
        *build_public_routes(application.database, application.scheduler.get_tick_age, application.clock),
        *routes,
    ]
    return web.build_app(served, on_start=application.start if is_ticking else _do_nothing, on_stop=application.close)


def _do_nothing() -> None:
    """For a process that only answers."""


def build_public_routes(
    database: Database, get_tick_age: Callable[[], timedelta | None], now: Callable[[], datetime]
) -> tuple[Route, ...]:
    """The API of the catalogue, and /metrics."""

    def measured() -> tuple[measures.BotMetrics, timedelta | None]:
        with database.read_only() as session:
            return measures.collect_metrics(session, now()), get_tick_age()

    return (*api.build_routes(PublishedCatalogue(database, SnapshotCache()), now), metrics.build_route(measured))
