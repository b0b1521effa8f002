"""The complete bot: database, Slack, HTTP and scheduler, built from the settings."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_bolt import App
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from bot.bootstrap import catalogue_jobs, listeners
from bot.bootstrap.core import build_default_schedule, get_shared_clock, get_unix_time, now, prepare_database
from bot.bootstrap.delivery import build_delivery_loop, build_overrides
from bot.bootstrap.slack import SlackClients
from bot.bootstrap.use_cases import build_use_cases
from bot.catalogue.http.fetcher import Fetcher
from bot.policy import freshness
from bot.scheduler import Scheduler, Watchdog
from bot.service.delivery.loop import DeliveryLoop
from bot.service.maintenance import Maintenance
from bot.service.metrics import BotMetrics, collect_metrics
from bot.service.operator.channel import OperatorChannel
from bot.service.versions.lookup import VersionLookup
from bot.service.versions.releases import PublishedCatalogue
from bot.service.versions.snapshot import SnapshotCache
from bot.service.workspaces.channel_health import ChannelRecovery
from bot.service.workspaces.reconcile import ChannelReconciler
from bot.settings import Settings
from bot.slack import oauth
from bot.slack.app import build_bolt_app
from bot.slack.client.identity import Identity
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts
from bot.slack.endpoint import Endpoint
from bot.web import api, health, metrics
from bot.web.app import EVENTS_PATH, build_app
from bot.web.guard import Guard
from bot.web.health import HealthCheck
from storage import catalogue, migrations, sources
from storage.database import Database, DatabaseError
from storage.facts import DLVM


@contextmanager
def open_delivery_loop(settings: Settings) -> Iterator[DeliveryLoop]:
    """Yield a delivery loop without the rest of the bot. Close its database and Slack clients on exit."""
    database = prepare_database(settings)
    slack = SlackClients(settings, database)
    try:
        yield build_delivery_loop(database, settings, slack.sender, slack.conversations)
    finally:
        slack.close()
        database.close()


@dataclass(frozen=True, slots=True)
class Application:
    """The running bot: request handling, the scheduler and everything they share."""

    settings: Settings
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
    clock: Callable[[], datetime]
    """Decides which day it is when public routes judge a date."""

    def start(self) -> None:
        """Start the scheduler and the watchdog, if there is one."""
        polled = catalogue_jobs.list_polled_sources(self.settings)
        self.database.run(lambda session: catalogue_jobs.record_polled_sources(session, polled, now()))
        self.database.run(lambda session: self.operator.send_missed(session, now()))
        self.scheduler.start()
        if self.watchdog is not None:
            self.watchdog.start()

    def close(self) -> None:
        """Stop the scheduler, let running work finish and release every resource."""
        if self.watchdog is not None:
            self.watchdog.stop()
        self.delivery.stop()
        self.fetcher.stop()
        self.scheduler.stop()
        self.endpoint.close()
        self.slack.close()
        self.database.close()

    def run_health_checks(self) -> tuple[HealthCheck, ...]:
        """Return the checks that /healthz reports."""
        return (self._check_ticks(), self._check_database(), self._check_catalogue())

    def _check_ticks(self) -> HealthCheck:
        age = self.scheduler.get_tick_age()
        detail = f"last successful tick {age.seconds} s ago" if age is not None else "not started"
        return HealthCheck("ticks", self.scheduler.is_alive(), detail)

    def _check_database(self) -> HealthCheck:
        try:
            migrations.require_current(self.database)
        except DatabaseError as error:
            return HealthCheck("database", ok=False, detail=error.message)
        return HealthCheck("database", ok=True, detail=self.database.dialect)

    def _check_catalogue(self) -> HealthCheck:
        with self.database.read_only() as session:
            reading, source = catalogue.find_last_reading(session, DLVM), sources.find(session)
        unverified_since = freshness.find_unverified_since(source.polling_since, source.last_good_at, now())
        suffix = f", not verified since {unverified_since:%Y-%m-%d %H:%M} UTC" if unverified_since else ""
        return HealthCheck("catalogue", reading is not None, f"as of {reading.as_of}{suffix}" if reading else "empty")


def build(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime] | None = None,
    identity: Identity | None = None,
    on_stuck: Callable[[], None] | None = None,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
) -> Application:
    """Build the bot without starting it.

    If the settings hold a bot token and `identity` is None, Slack is asked once whose token it is; raises
    TokenRefusedError or UnreachableError. `on_stuck` is called if the scheduler stops ticking.
    """
    default = build_default_schedule(settings)
    slack = SlackClients(settings, database, identity, timeouts)
    use_cases = build_use_cases(database, default, slack.conversations.look_up, slack.users)
    delivery = build_delivery_loop(database, settings, slack.sender, slack.conversations)
    operator = OperatorChannel(settings.dlvm_operator_channel)
    maintenance = _build_maintenance(settings, database, slack, operator)
    bot_clock, shared_clock = clock or now, clock or get_shared_clock(database)
    fetcher = catalogue_jobs.build_fetcher(settings)
    jobs: dict[str, Callable[[], object]] = {
        "tick": lambda: delivery.deliver(shared_clock, scheduler.record_heartbeat),
        "maintenance": lambda: maintenance.run(shared_clock()),
        **catalogue_jobs.build_jobs(settings, database, shared_clock, operator.notify, fetcher),
    }
    scheduler = Scheduler(jobs, bot_clock)
    secret = settings.slack_signing_secret
    bolt_app = build_bolt_app(
        listeners.build_listeners(database, default, slack, use_cases, scheduler.wake, bot_clock, operator),
        slack.sender,
        signing_secret=secret.get_secret_value() if secret else "",
        base_url=settings.slack_api_url,
        find_workspace=slack.find_workspace,
        find_token=slack.find_token,
    )
    return Application(
        settings=settings,
        database=database,
        bolt_app=bolt_app,
        endpoint=Endpoint(bolt_app),
        delivery=delivery,
        maintenance=maintenance,
        scheduler=scheduler,
        watchdog=Watchdog(scheduler, on_stuck) if on_stuck else None,
        lookup=use_cases.lookup,
        slack=slack,
        operator=operator,
        fetcher=fetcher,
        clock=bot_clock,
    )


def _build_maintenance(
    settings: Settings, database: Database, slack: SlackClients, operator: OperatorChannel
) -> Maintenance:
    look_up, is_token_valid = slack.conversations.look_up, slack.conversations.is_token_valid
    return Maintenance(
        database,
        ChannelRecovery(database, lambda place: look_up(place).reach, is_token_valid),
        timedelta(days=settings.dlvm_keep_sent_days),
        ChannelReconciler(database, look_up),
        operator,
        build_overrides(database, settings).expire,
    )


def build_http_app(
    application: Application, signing_secret: str, routes: Sequence[BaseRoute] = (), *, is_ticking: bool = True
) -> Starlette:
    """Return the HTTP app: health check, public routes, `routes` and, with a signing secret, Slack's endpoint.

    If `is_ticking` is False, serving requests does not start the scheduler.
    """
    served: list[BaseRoute] = []
    if signing_secret:  # first, because routes are tried in order and nearly every request comes from Slack
        served += [
            Route(EVENTS_PATH, Guard(application.endpoint, signing_secret, get_unix_time)),
            *_build_install_routes(application),
        ]
    served += [
        health.build_route(application.run_health_checks),
        *build_public_routes(application.database, application.scheduler.get_tick_age, application.clock),
        *routes,
    ]
    return build_app(served, on_start=application.start if is_ticking else lambda: None, on_stop=application.close)


def build_public_routes(
    database: Database, get_tick_age: Callable[[], timedelta | None], clock: Callable[[], datetime]
) -> tuple[Route, ...]:
    """Return the routes that need no authentication: the catalogue API and /metrics."""

    def collect() -> tuple[BotMetrics, timedelta | None]:
        with database.read_only() as session:
            return collect_metrics(session, clock()), get_tick_age()

    return (*api.build_routes(PublishedCatalogue(database, SnapshotCache()), clock), metrics.build_route(collect))


def _build_install_routes(application: Application) -> tuple[BaseRoute, ...]:
    """Return the OAuth pages. Empty unless workspaces install the bot themselves."""
    settings, secret = application.settings, application.settings.slack_client_secret
    if secret is None:
        return ()
    credentials = oauth.Credentials(settings.slack_client_id, secret.get_secret_value())
    return oauth.build_routes(credentials, application.slack.installations, application.clock, settings.slack_api_url)
