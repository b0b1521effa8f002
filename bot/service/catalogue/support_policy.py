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
from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified, Unavailable
from bot.catalogue.page import parser
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.polling import SourcePoll
from bot.service.operator.channel import Notify
from storage import sources
from storage.database import Database
from storage.facts import POLICY_PAGE, Source

TOPIC = "policy"
"""What the operator is told under."""

POLL_INTERVAL = timedelta(hours=24)

TRUST_AFTER = timedelta(days=7)
"""How long a page that lost most of its words has to say the same to be believed."""

MAX_LENGTH = 200_000
"""Characters of the page's words; the real one has some thousands."""

Fetch = Callable[[Source], FetchResult]
"""Fetches the page on the conditions that the last reading left."""


def notify_nobody(session: Session, *, topic: str, key: str, text: str, url: str, now: datetime) -> None:
    """Where there is nobody to tell but the log."""


class SupportPolicyResult(Struct, frozen=True):
    """What an attempt at the page came to."""

    problem: str = ""
    notice: str = ""
    """What the operator is told; empty where there is nothing to tell."""
    is_unconfirmed: bool = False
    """Whether the page was rewritten, and a second reading has to say so, too."""


class SupportPolicyPoller:
    """Reads the page when its time has come; of several processes one does."""

    def __init__(self, database: Database, fetch: Fetch, notify: Notify = notify_nobody) -> None:
        self._database = database
        self._fetch = fetch
        self._notify = notify
        self._poll = SourcePoll(database, POLICY_PAGE)

    def run(self, now: datetime, *, manual: bool = False) -> SupportPolicyResult | None:
        """What an attempt came to; None where it is too early for one."""
        before = self._poll.claim(now, manual=manual)
        if before is None:
            return None
        outcome = self._fetch(before)
        if isinstance(outcome, Unavailable):
            return self._record_failure(before, outcome.reason, now)
        if isinstance(outcome, NotModified):
            self._poll.save_result(replace(before, problem="", last_good_at=now, next_poll_at=now + POLL_INTERVAL))
            return SupportPolicyResult()
        try:
            return self._compare(_extract_text(outcome.text), outcome, before, now)
        except ValueError as error:  # no such page, or a text that no database keeps
            return self._record_failure(before, str(error), now)

    def _compare(self, text: str, fetched: FetchedPage, before: Source, now: datetime) -> SupportPolicyResult:
        with self._database.read_only() as session:
            stored = sources.find_text(session, POLICY_PAGE)
        source = _update_fingerprint(before, text, now)
        settled = replace(source, etag=fetched.etag, last_modified=fetched.last_modified)
        settled = replace(settled, last_good_at=now, next_poll_at=now + POLL_INTERVAL)
        if stored is None or stored == text:
            return self._store(settled, text if stored is None else "", "", fetched.url, now)
        for_so_long = now - (source.fingerprint_since or now)
        if for_so_long < MIN_POLL_INTERVAL:
            self._poll.save_result(replace(source, last_good_at=now, next_poll_at=now + MIN_POLL_INTERVAL))
            return SupportPolicyResult(is_unconfirmed=True)
        lost, had = prose_changes.count_lost_words(stored, text)
        if lost * 2 > had and for_so_long < TRUST_AFTER:
            return self._reject(source, f"it lost {lost:,} of its {had:,} words", fetched.url, now)
        said = f"Google’s policy page was rewritten:\n{prose_changes.format_difference(stored, text)}"
        return self._store(settled, text, said, fetched.url, now)

    def _store(self, source: Source, text: str, said: str, url: str, now: datetime) -> SupportPolicyResult:
        """Stores how the source stands, the words that are new, and has told what is to be said of them."""

        def enter(session: Session) -> None:
            sources.save_poll_result(session, source)
            if text:
                sources.save_text(session, POLICY_PAGE, text, now)
            if said:
                self._notify(session, topic=TOPIC, key=_build_key(source, "rewritten"), text=said, url=url, now=now)

        self._database.run(enter)
        return SupportPolicyResult(notice=said)

    def _reject(self, source: Source, reason: str, url: str, now: datetime) -> SupportPolicyResult:
        """Keeps the words before, and has it told once for each such text."""
        said = (
            f"Google’s policy page looks like another one: {reason}. The words seen before are kept;"
            f" if it says the same for {TRUST_AFTER.days} days, they give way."
        )

        def enter(session: Session) -> None:
            sources.save_poll_result(session, replace(source, problem=reason, next_poll_at=now + POLL_INTERVAL))
            self._notify(session, topic=TOPIC, key=_build_key(source, "suspected"), text=said, url=url, now=now)

        self._database.run(enter)
        return SupportPolicyResult(problem=reason, notice=said)

    def _record_failure(self, before: Source, reason: str, now: datetime) -> SupportPolicyResult:
        self._poll.record_failure(before, reason, now)
        return SupportPolicyResult(problem=reason)


def _update_fingerprint(before: Source, text: str, now: datetime) -> Source:
    """How the source stands once the page says this, whatever becomes of it; it is not asked on conditions."""
    fingerprint = sha256(text.encode()).hexdigest()
    since = before.fingerprint_since if before.fingerprint == fingerprint else now
    return replace(before, fingerprint=fingerprint, fingerprint_since=since, etag="", last_modified="", problem="")


def _extract_text(text: str) -> str:
    said = "\n".join(parser.extract_lines(text))
    if len(said) > MAX_LENGTH:
        raise parser.PageError(f"the page says {len(said):,} characters, more than the {MAX_LENGTH:,} that are kept")
    return said


def _build_key(source: Source, what: str) -> str:
    """The text and the day it came: a page can say later what it said before."""
    since = source.fingerprint_since
    return f"{what} {since.date() if since else ''} {source.fingerprint[:16]}"
