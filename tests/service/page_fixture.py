"""A fake of Google's page, and its refresh."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified
from bot.catalogue.page import PAGE_URL
from bot.catalogue.page.rows import PrintedRow
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.refresh import RefreshResult, build_poller
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, quarantine, sources
from storage.facts import Resolution, Source
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import TORCH_27
from tests.service.driver import Driver, utc

START = utc("2026-04-12 10:00")
HOUR = timedelta(hours=1)
LATER_DATES = {TORCH_27: {"end_of_availability": "October 13, 2027", "end_of_patch": "October 13, 2026"}}


@dataclass
class FakePage:
    """A page made of rows, or one that can't be read."""

    driver: Driver
    rows: Iterable[PrintedRow] = page_factories.SEED
    requests: list[Source] = field(default_factory=list)
    outcome: FetchResult | None = None
    text: str = ""
    """The whole page, to be used instead of the rows."""

    def get(self, source: Source) -> FetchResult:
        self.requests.append(source)
        if self.outcome is not None:
            return self.outcome
        text = self.text or page_factories.write_plain_html(self.rows)
        tag = str(hash(text))
        return NotModified(PAGE_URL) if source.etag == tag else FetchedPage(text, PAGE_URL, tag, "")

    def run(self, now: datetime, *, manual: bool = False) -> RefreshResult | None:
        driver = self.driver
        ingest = CatalogueIngest(driver.database, SnapshotCache(), driver.default)
        poller = build_poller(driver.database, ingest, PAGE_URL, self.get, driver.operator)
        return poller.run(now, manual=manual)

    def read(self, now: datetime, *, manual: bool = False) -> ReadingOutcome | None:
        result = self.run(now, manual=manual)
        assert result is not None
        return result.outcome

    def get_date(self, family: str) -> date | None:
        with self.driver.database.read_only() as session:
            rows = {row.family: row for row in catalogue.list_all(session)}
        return rows[family].end_of_availability.day if family in rows else None

    def find_source(self) -> Source:
        with self.driver.database.read_only() as session:
            return sources.find(session)


def resolve_entry(page: FakePage, entry_id: int, resolution: Resolution, now: datetime) -> None:
    with page.driver.database.transaction() as session:
        quarantine.resolve(session, entry_id, resolution, "Ada", now)
        sources.force_poll(session)
