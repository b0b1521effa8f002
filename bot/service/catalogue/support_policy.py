"""The policy page watched: whoever runs the bot hears when it is rewritten, for dlvm decides by what it says.

A rewritten page is believed once a second reading says the same. What lost most of its words is more likely a half
of the page, or another one: the words before are kept then, unless it says the same for a week.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue import prose_changes
from bot.catalogue.http.results import Fetched, NotModified, Outcome, Unavailable
from bot.catalogue.page import parser
from bot.policy.freshness import PACE
from bot.service.catalogue.polling import Visits
from bot.service.operator.channel import Tell
from storage import pages, sources
from storage.database import Database
from storage.facts import POLICY, Source

TOPIC = "policy"
"""What the operator is told under."""

EVERY = timedelta(hours=24)

SETTLED = timedelta(days=7)
"""How long a page that lost most of its words has to say the same to be believed."""

LONGEST = 200_000
"""Characters of the page's words; the real one has some thousands."""

Get = Callable[[Source], Outcome]
"""Fetches the page on the conditions that the last reading left."""


def nobody(session: Session, *, topic: str, key: str, text: str, url: str, now: datetime) -> None:
    """Where there is nobody to tell but the log."""


class PolicyRead(Struct, frozen=True):
    """What an attempt at the page came to."""

    problem: str = ""
    told: str = ""
    """What the operator is told; empty where there is nothing to tell."""
    waits: bool = False
    """Whether the page was rewritten, and a second reading has to say so, too."""


class PolicyPage:
    """Reads the page when its time has come; of several processes one does."""

    def __init__(self, database: Database, get: Get, tell: Tell = nobody) -> None:
        self._database = database
        self._get = get
        self._tell = tell
        self._visits = Visits(database, POLICY)

    def run(self, now: datetime, *, by_hand: bool = False) -> PolicyRead | None:
        """What an attempt came to; None where it is too early for one."""
        before = self._visits.begin(now, by_hand=by_hand)
        if before is None:
            return None
        outcome = self._get(before)
        if isinstance(outcome, Unavailable):
            return self._failed(before, outcome.reason, now)
        if isinstance(outcome, NotModified):
            self._visits.tell(replace(before, problem="", good_at=now, next_at=now + EVERY))
            return PolicyRead()
        try:
            return self._read(_words(outcome.text), outcome, before, now)
        except ValueError as error:  # no such page, or a text that no database keeps
            return self._failed(before, str(error), now)

    def _read(self, text: str, fetched: Fetched, before: Source, now: datetime) -> PolicyRead:
        with self._database.reading() as session:
            stored = pages.find(session, POLICY)
        source = _seen(before, text, now)
        settled = replace(source, etag=fetched.etag, last_modified=fetched.last_modified)
        settled = replace(settled, good_at=now, next_at=now + EVERY)
        if stored is None or stored == text:
            return self._taken(settled, text if stored is None else "", "", fetched.url, now)
        for_so_long = now - (source.fingerprint_since or now)
        if for_so_long < PACE:
            self._visits.tell(replace(source, good_at=now, next_at=now + PACE))
            return PolicyRead(waits=True)
        lost, had = prose_changes.lost(stored, text)
        if lost * 2 > had and for_so_long < SETTLED:
            return self._suspected(source, f"it lost {lost:,} of its {had:,} words", fetched.url, now)
        said = f"Google’s policy page was rewritten:\n{prose_changes.difference(stored, text)}"
        return self._taken(settled, text, said, fetched.url, now)

    def _taken(self, source: Source, text: str, said: str, url: str, now: datetime) -> PolicyRead:
        """Stores how the source stands, the words that are new, and has told what is to be said of them."""

        def enter(session: Session) -> None:
            sources.tell(session, source)
            if text:
                pages.save(session, POLICY, text, now)
            if said:
                self._tell(session, topic=TOPIC, key=_key(source, "rewritten"), text=said, url=url, now=now)

        self._database.run(enter)
        return PolicyRead(told=said)

    def _suspected(self, source: Source, reason: str, url: str, now: datetime) -> PolicyRead:
        """Keeps the words before, and has it told once for each such text."""
        said = (
            f"Google’s policy page looks like another one: {reason}. The words seen before are kept;"
            f" if it says the same for {SETTLED.days} days, they give way."
        )

        def enter(session: Session) -> None:
            sources.tell(session, replace(source, problem=reason, next_at=now + EVERY))
            self._tell(session, topic=TOPIC, key=_key(source, "suspected"), text=said, url=url, now=now)

        self._database.run(enter)
        return PolicyRead(problem=reason, told=said)

    def _failed(self, before: Source, reason: str, now: datetime) -> PolicyRead:
        self._visits.failed(before, reason, now)
        return PolicyRead(problem=reason)


def _seen(before: Source, text: str, now: datetime) -> Source:
    """How the source stands once the page says this, whatever becomes of it; it is not asked on conditions."""
    fingerprint = sha256(text.encode()).hexdigest()
    since = before.fingerprint_since if before.fingerprint == fingerprint else now
    return replace(before, fingerprint=fingerprint, fingerprint_since=since, etag="", last_modified="", problem="")


def _words(text: str) -> str:
    said = "\n".join(parser.words(text))
    if len(said) > LONGEST:
        raise parser.PageError(f"the page says {len(said):,} characters, more than the {LONGEST:,} that are kept")
    return said


def _key(source: Source, what: str) -> str:
    """The text and the day it came: a page can say later what it said before."""
    since = source.fingerprint_since
    return f"{what} {since.date() if since else ''} {source.fingerprint[:16]}"
