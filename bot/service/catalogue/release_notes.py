"""The release notes read every few hours: stored, matched with versions, and told to the channels that want them.

The page of framework versions has its own reading; neither disturbs the other.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue.http.results import Fetched, NotModified, Outcome, Unavailable
from bot.catalogue.release_notes import changes, excerpt
from bot.catalogue.release_notes import feed as feeds
from bot.catalogue.release_notes.changes import Noted
from bot.policy import versions as matching
from bot.service.catalogue.polling import Visits
from storage import catalogue, news, outbox, release_notes
from storage.database import Database
from storage.facts import DLVM, NOTES, CatalogueEvent, EventKind, ReleaseNote, Source

EVERY = timedelta(hours=6)

MOST = 2_000
"""Items of a feed; the real one has some dozens."""

Get = Callable[[Source], Outcome]
"""Fetches the feed on the conditions that the last reading left."""


class NotesRead(Struct, frozen=True):
    """What an attempt at the feed came to."""

    problem: str = ""
    """Why it could not be read, or what of it; empty where all of it was."""
    is_read: bool = True
    new: tuple[ReleaseNote, ...] = ()
    edited: tuple[ReleaseNote, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    """(item, version) of what is announced."""


class Noting:
    """Reads one feed when its time has come; of several processes one does."""

    def __init__(self, database: Database, get: Get) -> None:
        self._database = database
        self._get = get
        self._visits = Visits(database, NOTES)

    def run(self, now: datetime, *, by_hand: bool = False) -> NotesRead | None:
        """What an attempt came to; None where it is too early for one."""
        before = self._visits.begin(now, by_hand=by_hand)
        if before is None:
            return None
        outcome = self._get(before)
        if isinstance(outcome, Unavailable):
            return self._failed(before, outcome.reason, now)
        if isinstance(outcome, NotModified):
            return self._taken((), replace(before, problem=""), now)
        try:
            return self._read(outcome, before, now)
        except ValueError as error:  # no feed, or a text that no database keeps
            return self._failed(before, str(error), now)

    def _read(self, fetched: Fetched, before: Source, now: datetime) -> NotesRead:
        """What is sent along next time is kept only where all of the feed could be read."""
        feed = feeds.read(fetched.text)
        found = changes.ours(feed.notes)
        if len(found) > MOST:
            raise feeds.FeedError(f"the feed has {len(found):,} items, more than the {MOST:,} that are read")
        whole = not feed.unread
        told = replace(
            before,
            problem="" if whole else "; ".join(feed.unread)[:500],
            etag=fetched.etag if whole else "",
            last_modified=fetched.last_modified if whole else "",
        )
        return self._taken(found, told, now, fetched.url)

    def _taken(self, found: Iterable[feeds.Note], source: Source, now: datetime, url: str = "") -> NotesRead:
        """Stores what is new, and has it told; what is stored is held against the table again.

        Items that are told are stored one by one, each with its events, so that nobody waits long for the database;
        after those that are not, which would be told where a reading that was cut short left them for the next.
        """
        with self._database.reading() as session:
            versions = matching.group(catalogue.all(session, DLVM))
            before = release_notes.all(session)
        changed = changes.compare(changes.facts(found, DLVM, versions, now), before, versions, now)
        silent = [one.note for one in changed if not one.tell]
        if silent:
            self._database.run(lambda session: release_notes.save(session, silent))
        told = [pair for one in changed if one.tell for pair in self._told(one, url, now)]
        self._visits.tell(replace(source, good_at=now, next_at=now + EVERY))
        new = tuple(one.note for one in changed if one.is_new)
        edited = tuple(one.note for one in changed if one.is_edited)
        return NotesRead(source.problem, is_read=True, new=new, edited=edited, told=tuple(told))

    def _told(self, one: Noted, url: str, now: datetime) -> tuple[tuple[str, str], ...]:
        def enter(session: Session) -> tuple[tuple[str, str], ...]:
            release_notes.save(session, [one.note])
            return tuple(_announce(session, one, url, now))

        return self._database.run(enter)

    def _failed(self, before: Source, reason: str, now: datetime) -> NotesRead:
        self._visits.failed(before, reason, now)
        return NotesRead(reason, is_read=False)


def _announce(session: Session, one: Noted, url: str, now: datetime) -> Iterator[tuple[str, str]]:
    """Writes one event for each version of an item, once ever; who hears of it, the outbox knows."""
    key = changes.identity(one.note)
    told = release_notes.told(session, one.note.product)
    for version in one.tell:
        if (key, version) not in told:
            outbox.announce(session, news.add(session, _event(one.note, version, url, now)), now)
            yield key, version


def _event(note: ReleaseNote, version: str, url: str, now: datetime) -> CatalogueEvent:
    return CatalogueEvent(
        event_id=0,
        product=note.product,
        framework=version.partition("-")[0],
        version=version,
        kind=EventKind.NOTED,
        found_at=now,
        source_url=note.url or url,
        details={
            release_notes.NOTE: changes.identity(note),
            "note_kind": note.kind,
            "note_day": note.day.isoformat(),
            "text": excerpt.of(note.text),
        },
    )
