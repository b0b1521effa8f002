"""The release notes read every few hours: stored, matched with versions, and told to the channels that want them.

The page of framework versions has its own reading; neither disturbs the other.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified, Unavailable
from bot.catalogue.release_notes import changes, excerpt
from bot.catalogue.release_notes import feed as feeds
from bot.catalogue.release_notes.changes import NoteChange
from bot.policy import versions as matching
from bot.service.catalogue.polling import SourcePoll
from storage import catalogue, catalogue_history, outbox, release_notes
from storage.database import Database
from storage.facts import DLVM, RELEASE_NOTES, CatalogueEvent, EventKind, ReleaseNote, Source

POLL_INTERVAL = timedelta(hours=6)

MAX_ITEMS = 2_000
"""Items of a feed; the real one has some dozens."""

Fetch = Callable[[Source], FetchResult]
"""Fetches the feed on the conditions that the last reading left."""


class ReleaseNotesResult(Struct, frozen=True):
    """What an attempt at the feed came to."""

    problem: str = ""
    """Why it could not be read, or what of it; empty where all of it was."""
    is_read: bool = True
    new: tuple[ReleaseNote, ...] = ()
    edited: tuple[ReleaseNote, ...] = ()
    announced: tuple[tuple[str, str], ...] = ()
    """(item, version) of what is announced."""


class ReleaseNotesPoller:
    """Reads one feed when its time has come; of several processes one does."""

    def __init__(self, database: Database, fetch: Fetch) -> None:
        self._database = database
        self._fetch = fetch
        self._poll = SourcePoll(database, RELEASE_NOTES)

    def run(self, now: datetime, *, manual: bool = False) -> ReleaseNotesResult | None:
        """What an attempt came to; None where it is too early for one."""
        before = self._poll.claim(now, manual=manual)
        if before is None:
            return None
        outcome = self._fetch(before)
        if isinstance(outcome, Unavailable):
            return self._record_failure(before, outcome.reason, now)
        if isinstance(outcome, NotModified):
            return self._store((), replace(before, problem=""), now)
        try:
            return self._parse(outcome, before, now)
        except ValueError as error:  # no feed, or a text that no database keeps
            return self._record_failure(before, str(error), now)

    def _parse(self, fetched: FetchedPage, before: Source, now: datetime) -> ReleaseNotesResult:
        """What is sent along next time is kept only where all of the feed could be read."""
        feed = feeds.parse_feed(fetched.text)
        found = changes.select_dlvm(feed.items)
        if len(found) > MAX_ITEMS:
            raise feeds.FeedError(f"the feed has {len(found):,} items, more than the {MAX_ITEMS:,} that are read")
        whole = not feed.problems
        told = replace(
            before,
            problem="" if whole else "; ".join(feed.problems)[:500],
            etag=fetched.etag if whole else "",
            last_modified=fetched.last_modified if whole else "",
        )
        return self._store(found, told, now, fetched.url)

    def _store(
        self, found: Iterable[feeds.FeedItem], source: Source, now: datetime, url: str = ""
    ) -> ReleaseNotesResult:
        """Stores what is new, and has it told; what is stored is held against the table again.

        Items that are told are stored one by one, each with its events, so that nobody waits long for the database;
        after those that are not, which would be told where a reading that was cut short left them for the next.
        """
        with self._database.read_only() as session:
            versions = matching.group_by_version(catalogue.list_all(session, DLVM))
            before = release_notes.list_all(session)
        changed = changes.compare(changes.to_facts(found, DLVM, versions, now), before, versions, now)
        silent = [one.note for one in changed if not one.versions_to_announce]
        if silent:
            self._database.run(lambda session: release_notes.save(session, silent))
        told = [pair for one in changed if one.versions_to_announce for pair in self._store_and_announce(one, url, now)]
        self._poll.save_result(replace(source, last_good_at=now, next_poll_at=now + POLL_INTERVAL))
        new = tuple(one.note for one in changed if one.is_new)
        edited = tuple(one.note for one in changed if one.is_edited)
        return ReleaseNotesResult(source.problem, is_read=True, new=new, edited=edited, announced=tuple(told))

    def _store_and_announce(self, one: NoteChange, url: str, now: datetime) -> tuple[tuple[str, str], ...]:
        def enter(session: Session) -> tuple[tuple[str, str], ...]:
            release_notes.save(session, [one.note])
            return tuple(_announce(session, one, url, now))

        return self._database.run(enter)

    def _record_failure(self, before: Source, reason: str, now: datetime) -> ReleaseNotesResult:
        self._poll.record_failure(before, reason, now)
        return ReleaseNotesResult(reason, is_read=False)


def _announce(session: Session, one: NoteChange, url: str, now: datetime) -> Iterator[tuple[str, str]]:
    """Writes one event for each version of an item, once ever; who hears of it, the outbox knows."""
    key = changes.format_key(one.note)
    told = release_notes.list_announced(session, one.note.product)
    for version in one.versions_to_announce:
        if (key, version) not in told:
            outbox.announce_event(
                session, catalogue_history.add_event(session, _build_event(one.note, version, url, now)), now
            )
            yield key, version


def _build_event(note: ReleaseNote, version: str, url: str, now: datetime) -> CatalogueEvent:
    return CatalogueEvent(
        event_id=0,
        product=note.product,
        framework=version.partition("-")[0],
        version=version,
        kind=EventKind.RELEASE_NOTE,
        found_at=now,
        source_url=note.url or url,
        details={
            release_notes.NOTE_DETAIL: changes.format_key(note),
            "note_kind": note.kind,
            "note_day": note.day.isoformat(),
            "text": excerpt.shorten(note.text),
        },
    )
