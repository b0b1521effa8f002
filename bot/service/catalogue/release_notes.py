"""Polling of the release notes feed: new items are stored, matched with versions and announced."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue.release_notes import changes, excerpt
from bot.catalogue.release_notes.changes import NoteChange
from bot.catalogue.release_notes.feed import FeedError, FeedItem, parse_feed
from bot.policy.versions import group_by_version
from bot.service.catalogue import events
from bot.service.catalogue.poller import Document, Fetch, Poller
from storage import catalogue, release_notes, sources
from storage.database import Database
from storage.facts import DLVM, RELEASE_NOTES, ReleaseNote, ReleaseNoteMention

POLL_INTERVAL = timedelta(hours=6)

MAX_ITEMS = 2_000
"""Items in a feed. The real feed has a few dozen."""


class ReleaseNotesResult(Struct, frozen=True):
    """Result of one poll of the feed."""

    problem: str = ""
    """Why all or parts of the feed could not be read, or empty."""
    is_read: bool = True
    new: tuple[ReleaseNote, ...] = ()
    edited: tuple[ReleaseNote, ...] = ()
    announced: tuple[tuple[str, str], ...] = ()
    """(item key, version) of each announcement."""


def build_poller(database: Database, fetch: Fetch) -> Poller[ReleaseNotesResult]:
    """Return the poller of the feed."""
    return Poller(database, RELEASE_NOTES, POLL_INTERVAL, fetch, ReleaseNotesHandler(database))


class ReleaseNotesHandler:
    """Stores the items of the release notes feed, and announces new ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def handle(self, document: Document, now: datetime) -> ReleaseNotesResult:
        """Parse and store the feed. Keep its ETag and modification time only if every entry was readable."""
        feed = parse_feed(document.page.text)
        items = changes.select_dlvm(feed.items)
        if len(items) > MAX_ITEMS:
            raise FeedError(f"the feed has {len(items):,} items; the limit is {MAX_ITEMS:,}")
        result = self._store(items, now, document.page.url)
        source = document.after
        if feed.problems:
            source = replace(source, problem="; ".join(feed.problems)[:500], etag="", last_modified="")
        self._database.run(lambda session: sources.save_poll_result(session, source))
        return replace(result, problem=source.problem)

    def keep(self, now: datetime) -> ReleaseNotesResult:
        """Match the stored items with the catalogue, which can list more versions by now."""
        return self._store((), now)

    def fail(self, reason: str) -> ReleaseNotesResult:
        """Return the problem."""
        return ReleaseNotesResult(reason, is_read=False)

    def _store(self, items: Iterable[FeedItem], now: datetime, feed_url: str = "") -> ReleaseNotesResult:
        """Store new and edited items, match stored ones with the catalogue again, and announce the matches.

        Each announced item gets its own transaction, to keep write locks short. The others are stored first: if this
        poll is interrupted, the next one would take them for new items and announce them.
        """
        with self._database.read_only() as session:
            versions = group_by_version(catalogue.list_all(session, DLVM))
            stored = release_notes.list_all(session)
        note_changes = changes.compare(changes.to_facts(items, versions, now), stored, versions, now)
        silent = [change.note for change in note_changes if not change.versions_to_announce]
        if silent:
            self._database.run(lambda session: release_notes.save(session, silent))
        announced = [
            announcement
            for change in note_changes
            if change.versions_to_announce
            for announcement in self._store_and_announce(change, feed_url, now)
        ]
        return ReleaseNotesResult(
            new=tuple(change.note for change in note_changes if change.is_new),
            edited=tuple(change.note for change in note_changes if change.is_edited),
            announced=tuple(announced),
        )

    def _store_and_announce(self, change: NoteChange, feed_url: str, now: datetime) -> tuple[tuple[str, str], ...]:
        def work(session: Session) -> tuple[tuple[str, str], ...]:
            release_notes.save(session, [change.note])
            return tuple(_announce(session, change, feed_url, now))

        return self._database.run(work)


def _announce(session: Session, change: NoteChange, feed_url: str, now: datetime) -> Iterator[tuple[str, str]]:
    """Announce an item for each version it was never announced for. Yield (item key, version)."""
    key = changes.format_key(change.note)
    announced = release_notes.list_announced(session, change.note.product)
    for version in change.versions_to_announce:
        if (key, version) not in announced:
            mention = ReleaseNoteMention(
                product=change.note.product,
                version=version,
                note=key,
                note_kind=change.note.kind,
                day=change.note.day,
                text=excerpt.shorten(change.note.text),
            )
            events.announce(session, mention, change.note.url or feed_url, now)
            yield key, version
