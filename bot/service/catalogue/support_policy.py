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
from bot.catalogue.page import parser
from bot.catalogue.validation.confirmation import find_unchanged_since
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.poller import Document, Fetch, Poller
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


def build_poller(database: Database, fetch: Fetch, notify: Notify = notify_nobody) -> Poller[SupportPolicyResult]:
    """Return the poller of the page."""
    return Poller(database, POLICY_PAGE, POLL_INTERVAL, fetch, SupportPolicyHandler(database, notify))


class SupportPolicyHandler:
    """Compares the support policy page with its stored text, and notifies the operator of changes."""

    def __init__(self, database: Database, notify: Notify) -> None:
        self._database = database
        self._notify = notify

    def handle(self, document: Document, now: datetime) -> SupportPolicyResult:
        """Accept the page's text, wait for a second reading, or reject the text."""
        text, url = _extract_text(document.page.text), document.page.url
        with self._database.read_only() as session:
            stored = sources.find_text(session, POLICY_PAGE)
        fingerprint, since = _find_fingerprint(document.before, text, now)
        accepted = replace(document.after, fingerprint=fingerprint, fingerprint_since=since)
        unsettled = replace(accepted, etag="", last_modified="")  # the next poll must read the page again
        if stored is None or stored == text:
            return self._accept(accepted, text if stored is None else "", "", url, now)
        if now - since < MIN_POLL_INTERVAL:
            soon = replace(unsettled, next_poll_at=now + MIN_POLL_INTERVAL)
            self._database.run(lambda session: sources.save_poll_result(session, soon))
            return SupportPolicyResult(is_unconfirmed=True)
        lost, total = prose_changes.count_lost_words(stored, text)
        if lost * 2 > total and now - since < TRUST_AFTER:
            reason = f"{lost:,} of its {total:,} words are gone"
            return self._reject(replace(unsettled, problem=reason, last_good_at=document.before.last_good_at), url, now)
        notice = f"Google’s policy page has changed:\n{prose_changes.format_difference(stored, text)}"
        return self._accept(accepted, text, notice, url, now)

    def keep(self, now: datetime) -> SupportPolicyResult:  # noqa: ARG002 - a parameter of Handler
        """Return a result without a change."""
        return SupportPolicyResult()

    def fail(self, reason: str) -> SupportPolicyResult:
        """Return the problem."""
        return SupportPolicyResult(problem=reason)

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

    def _reject(self, source: Source, url: str, now: datetime) -> SupportPolicyResult:
        """Keep the stored text, and send a notice once for each rejected text."""
        notice = (
            f"Google’s policy page might be incomplete: {source.problem}. dlvm keeps the previous text, and accepts the"
            f" new one if it stays for {TRUST_AFTER.days} days."
        )

        def work(session: Session) -> None:
            sources.save_poll_result(session, source)
            key = _build_key(source, "suspected")
            self._notify(session, topic=TOPIC, key=key, text=notice, url=url, now=now)

        self._database.run(work)
        return SupportPolicyResult(problem=source.problem, notice=notice)


def _find_fingerprint(before: Source, text: str, now: datetime) -> tuple[str, datetime]:
    """Return the text's fingerprint, and since when the page has had it."""
    fingerprint = sha256(text.encode()).hexdigest()
    return fingerprint, find_unchanged_since(fingerprint, before, now)


def _extract_text(markup: str) -> str:
    text = "\n".join(parser.extract_lines(markup))
    if len(text) > MAX_LENGTH:
        raise parser.PageError(f"the page has {len(text):,} characters; the limit is {MAX_LENGTH:,}")
    return text


def _build_key(source: Source, kind: str) -> str:
    """Return the note's key: its kind, the text, and the day the text came, because a text can return later."""
    since = source.fingerprint_since
    return f"{kind} {since.date() if since else ''} {source.fingerprint[:16]}"
