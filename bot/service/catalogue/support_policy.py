"""Polling of Google's support policy page: the operator is notified when it changes, because dlvm implements it.

A change is accepted once a second reading confirms it. A text that lost more than half of its words is probably
incomplete or another page, so the previous text is kept until the new one has been there for a week.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.catalogue import prose_changes
from bot.catalogue.http.results import FetchedPage, NotModified, Unavailable
from bot.catalogue.page import parser
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.polling import Fetch, SourcePoll
from bot.service.operator.channel import Notify
from storage import sources
from storage.database import Database
from storage.facts import POLICY_PAGE, Source

TOPIC = "policy"
"""Topic of the notes to the operator."""

POLL_INTERVAL = timedelta(hours=24)

TRUST_AFTER = timedelta(days=7)
"""How long a text that lost most of its words must stay unchanged before it is accepted."""

MAX_LENGTH = 200_000
"""Characters of the page's text. The real page has a few thousand."""


def notify_nobody(session: Session, *, topic: str, key: str, text: str, url: str, now: datetime) -> None:
    """Ignore the note. The caller logs it."""


class SupportPolicyResult(Struct, frozen=True):
    """Result of one poll of the page."""

    problem: str = ""
    notice: str = ""
    """Text sent to the operator, or empty."""
    is_unconfirmed: bool = False
    """True if the page has changed and a second reading must confirm it."""


class SupportPolicyPoller:
    """Poll the support policy page and notify the operator of changes."""

    def __init__(self, database: Database, fetch: Fetch, notify: Notify = notify_nobody) -> None:
        self._database = database
        self._fetch = fetch
        self._notify = notify
        self._poll = SourcePoll(database, POLICY_PAGE)

    def run(self, now: datetime, *, manual: bool = False) -> SupportPolicyResult | None:
        """Poll the page. Return None if it is too early or another process polls."""
        source = self._poll.claim(now, manual=manual)
        if source is None:
            return None
        fetched = self._fetch(source)
        if isinstance(fetched, Unavailable):
            return self._record_failure(source, fetched.reason, now)
        if isinstance(fetched, NotModified):
            self._poll.save_result(replace(source, problem="", last_good_at=now, next_poll_at=now + POLL_INTERVAL))
            return SupportPolicyResult()
        try:
            return self._compare(_extract_text(fetched.text), fetched, source, now)
        except ValueError as error:  # not a page, or the database rejects a text
            return self._record_failure(source, str(error), now)

    def _compare(self, text: str, fetched: FetchedPage, source: Source, now: datetime) -> SupportPolicyResult:
        with self._database.read_only() as session:
            stored = sources.find_text(session, POLICY_PAGE)
        source = _update_fingerprint(source, text, now)
        accepted = replace(
            source,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            last_good_at=now,
            next_poll_at=now + POLL_INTERVAL,
        )
        if stored is None or stored == text:
            return self._accept(accepted, text if stored is None else "", "", fetched.url, now)
        unchanged_for = now - (source.fingerprint_since or now)
        if unchanged_for < MIN_POLL_INTERVAL:
            self._poll.save_result(replace(source, last_good_at=now, next_poll_at=now + MIN_POLL_INTERVAL))
            return SupportPolicyResult(is_unconfirmed=True)
        lost, total = prose_changes.count_lost_words(stored, text)
        if lost * 2 > total and unchanged_for < TRUST_AFTER:
            return self._reject(source, f"{lost:,} of its {total:,} words are gone", fetched.url, now)
        notice = f"Google’s policy page has changed:\n{prose_changes.format_difference(stored, text)}"
        return self._accept(accepted, text, notice, fetched.url, now)

    def _accept(self, source: Source, text: str, notice: str, url: str, now: datetime) -> SupportPolicyResult:
        """Store the source and, unless they are empty, store the text and send the notice."""

        def work(session: Session) -> None:
            sources.save_poll_result(session, source)
            if text:
                sources.save_text(session, POLICY_PAGE, text, now)
            if notice:
                key = _build_key(source, "rewritten")
                self._notify(session, topic=TOPIC, key=key, text=notice, url=url, now=now)

        self._database.run(work)
        return SupportPolicyResult(notice=notice)

    def _reject(self, source: Source, reason: str, url: str, now: datetime) -> SupportPolicyResult:
        """Keep the stored text, and send a notice once for each rejected text."""
        notice = (
            f"Google’s policy page might be incomplete: {reason}. dlvm keeps the previous text, and accepts the new"
            f" one if it stays for {TRUST_AFTER.days} days."
        )

        def work(session: Session) -> None:
            sources.save_poll_result(session, replace(source, problem=reason, next_poll_at=now + POLL_INTERVAL))
            key = _build_key(source, "suspected")
            self._notify(session, topic=TOPIC, key=key, text=notice, url=url, now=now)

        self._database.run(work)
        return SupportPolicyResult(problem=reason, notice=notice)

    def _record_failure(self, source: Source, reason: str, now: datetime) -> SupportPolicyResult:
        self._poll.record_failure(source, reason, now)
        return SupportPolicyResult(problem=reason)


def _update_fingerprint(source: Source, text: str, now: datetime) -> Source:
    """Return the source with the text's fingerprint, and without the data for a conditional fetch."""
    fingerprint = sha256(text.encode()).hexdigest()
    since = source.fingerprint_since if source.fingerprint == fingerprint else now
    return replace(source, fingerprint=fingerprint, fingerprint_since=since, etag="", last_modified="", problem="")


def _extract_text(markup: str) -> str:
    text = "\n".join(parser.extract_lines(markup))
    if len(text) > MAX_LENGTH:
        raise parser.PageError(f"the page has {len(text):,} characters; the limit is {MAX_LENGTH:,}")
    return text


def _build_key(source: Source, kind: str) -> str:
    """Return the note's key: its kind, the text, and the day the text came, because a text can return later."""
    since = source.fingerprint_since
    return f"{kind} {since.date() if since else ''} {source.fingerprint[:16]}"
