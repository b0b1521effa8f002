"""A page that the use case reads, as a test has it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.catalogue.http.results import Fetched, NotModified, Outcome
from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES, Description
from bot.catalogue.page.rows import PrintedRow
from bot.catalogue.validation.confirmation import Fate
from bot.service.catalogue.ingest import Refresh
from bot.service.catalogue.refresh import Refreshed, Refreshing
from bot.service.versions.snapshot import KnownVersions
from storage import catalogue, quarantine, sources
from storage.facts import Settled, Source
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import TORCH_27
from tests.service.driver import Desk, at

START = at("2026-04-12 10:00")
HOUR = timedelta(hours=1)
LATER = {TORCH_27: {"end_of_availability": "October 13, 2027", "end_of_patch": "October 13, 2026"}}
URL = "https://docs.cloud.google.com/deep-learning-vm/docs/images"


@dataclass
class Page:
    """A page that says what a test wants, or that nobody can reach."""

    desk: Desk
    rows: Iterable[PrintedRow] = page_factories.SEED
    asked: list[Source] = field(default_factory=list)
    outcome: Outcome | None = None
    text: str = ""
    """The page itself, where it is not made of the rows."""
    description: Description = DEEP_LEARNING_VM_IMAGES

    def get(self, source: Source) -> Outcome:
        self.asked.append(source)
        if self.outcome is not None:
            return self.outcome
        text = self.text or page_factories.plain_html(self.rows)
        tag = str(hash(text))
        return NotModified(URL) if source.etag == tag else Fetched(text, URL, tag, "", "")

    def run(self, now: datetime, *, by_hand: bool = False) -> Refreshed | None:
        desk = self.desk
        refresh = Refresh(desk.database, KnownVersions(), desk.default)
        reading = Refreshing(desk.database, refresh, self.description, self.get, desk.operator)
        return reading.run(now, by_hand=by_hand)

    def fate(self, now: datetime, *, by_hand: bool = False) -> Fate | None:
        done = self.run(now, by_hand=by_hand)
        assert done is not None
        return done.fate

    def day(self, family: str) -> date | None:
        with self.desk.database.reading() as session:
            rows = {row.family: row for row in catalogue.all(session)}
        return rows[family].end_of_availability.day if family in rows else None

    def source(self) -> Source:
        with self.desk.database.reading() as session:
            return sources.find(session)


def settle(page: Page, number: int, settled: Settled, now: datetime) -> None:
    with page.desk.database.transaction() as session:
        quarantine.settle(session, number, settled, "Ada", now)
        sources.read_anew(session)
