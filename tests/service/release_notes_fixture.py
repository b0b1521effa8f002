"""The release notes that the use case reads, as a test has them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.catalogue.http.results import Fetched, NotModified, Outcome
from bot.service.catalogue.release_notes import NotesRead, Noting
from storage import release_notes, sources
from storage.facts import NOTES, CatalogueEvent, EventKind, Kind, ReleaseNote, Source
from storage.tables import CatalogueEventRow, OutboxRow
from tests.catalogue import feed_factories
from tests.service.driver import Desk, at

START = at("2025-07-15 10:00")
HOUR = timedelta(hours=1)
URL = "https://docs.cloud.google.com/feeds/deep-learning-vm-release-notes.xml"


@dataclass
class Feed:
    """A feed that says what a test wants, or that nobody can reach."""

    desk: Desk
    text: str = ""
    outcome: Outcome | None = None
    asked: list[Source] = field(default_factory=list)

    def says(self, *days: tuple[str, str]) -> None:
        """(title, content) of each entry."""
        self.text = feed_factories.feed(*(feed_factories.entry(title, content) for title, content in days))

    def get(self, source: Source) -> Outcome:
        self.asked.append(source)
        if self.outcome is not None:
            return self.outcome
        tag = str(hash(self.text))
        return NotModified(URL) if source.etag == tag else Fetched(self.text, URL, tag, "", "")

    def try_(self, now: datetime, *, by_hand: bool = False) -> NotesRead | None:
        return Noting(self.desk.database, self.get).run(now, by_hand=by_hand)

    def read(self, now: datetime) -> NotesRead:
        done = self.try_(now)
        assert done is not None
        return done

    def told(self, now: datetime) -> set[tuple[str, str]]:
        """(item, version) of what an attempt announces."""
        return set(self.read(now).told)

    def stored(self) -> tuple[ReleaseNote, ...]:
        with self.desk.database.reading() as session:
            return release_notes.all(session)

    def source(self) -> Source:
        with self.desk.database.reading() as session:
            return sources.find(session, NOTES)

    def events(self) -> list[CatalogueEvent]:
        with self.desk.database.reading() as session:
            events = [row.fact() for row in session.exec(select(CatalogueEventRow))]
        return [event for event in events if event.kind is EventKind.NOTED]

    def heard(self, channel_id: str) -> list[str]:
        """The versions that are on their way to a channel of T1, by name."""
        row = OutboxRow
        query = select(row.version).where(col(row.workspace_id) == "T1", col(row.channel_id) == channel_id)
        with self.desk.database.reading() as session:
            return sorted(session.exec(query.where(col(row.kind) == Kind.NOTE.value)))
