"""A fake of the release notes feed, and its poller."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified
from bot.service.catalogue.release_notes import ReleaseNotesResult, build_poller
from storage import release_notes, sources
from storage.facts import RELEASE_NOTES, CatalogueEvent, MessageKind, ReleaseNote, ReleaseNoteMention, Source
from storage.tables import CatalogueEventRow, OutboxRow
from tests.catalogue import feed_factories
from tests.service.driver import Driver, utc

START = utc("2025-07-15 10:00")
HOUR = timedelta(hours=1)
URL = "https://docs.cloud.google.com/feeds/deep-learning-vm-release-notes.xml"


@dataclass
class FakeFeed:
    """A feed made of entries, or one that can't be read."""

    driver: Driver
    text: str = ""
    outcome: FetchResult | None = None
    requests: list[Source] = field(default_factory=list)

    def set_entries(self, *days: tuple[str, str]) -> None:
        """Replace the feed's entries, each a title and its content."""
        self.text = feed_factories.build_feed(*(feed_factories.build_entry(title, content) for title, content in days))

    def get(self, source: Source) -> FetchResult:
        self.requests.append(source)
        if self.outcome is not None:
            return self.outcome
        tag = str(hash(self.text))
        return NotModified(URL) if source.etag == tag else FetchedPage(self.text, URL, tag, "")

    def poll(self, now: datetime, *, manual: bool = False) -> ReleaseNotesResult | None:
        return build_poller(self.driver.database, self.get).run(now, manual=manual)

    def read(self, now: datetime) -> ReleaseNotesResult:
        result = self.poll(now)
        assert result is not None
        return result

    def read_announced(self, now: datetime) -> set[tuple[str, str]]:
        """Poll the feed. Return the item and version of each announced release note."""
        return set(self.read(now).announced)

    def list_stored(self) -> tuple[ReleaseNote, ...]:
        with self.driver.database.read_only() as session:
            return release_notes.list_all(session)

    def find_source(self) -> Source:
        with self.driver.database.read_only() as session:
            return sources.find(session, RELEASE_NOTES)

    def list_events(self) -> list[CatalogueEvent]:
        with self.driver.database.read_only() as session:
            events = [row.to_fact() for row in session.exec(select(CatalogueEventRow))]
        return [event for event in events if isinstance(event.change, ReleaseNoteMention)]

    def list_announced_versions(self, channel_id: str) -> list[str]:
        """Return the versions whose release notes are in the outbox for a channel of T1, sorted by name."""
        row = OutboxRow
        query = select(row.version).where(col(row.workspace_id) == "T1", col(row.channel_id) == channel_id)
        with self.driver.database.read_only() as session:
            return sorted(session.exec(query.where(col(row.kind) == MessageKind.RELEASE_NOTE.value)))
