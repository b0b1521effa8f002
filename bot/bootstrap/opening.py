"""What anybody may read over HTTP wherever the bot serves it: the catalogue, and the bot's numbers."""

from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.routing import Route

from bot.service import metrics as measures
from bot.service.versions.releases import Published
from bot.service.versions.snapshot import KnownVersions
from bot.web import api, metrics
from storage.database import Database


def routes(
    database: Database, tick_age: Callable[[], timedelta | None], now: Callable[[], datetime]
) -> tuple[Route, ...]:
    """The API of the catalogue, and /metrics."""

    def measured() -> tuple[measures.Measures, timedelta | None]:
        with database.reading() as session:
            return measures.read(session, now()), tick_age()

    return (*api.routes(Published(database, KnownVersions()), now), metrics.route(measured))
