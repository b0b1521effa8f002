"""Polling of the support policy page: each confirmed change is sent to the operator."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified, Unavailable
from bot.service.catalogue.support_policy import MAX_LENGTH, SupportPolicyResult, build_poller
from storage import sources
from storage.database import Database
from storage.facts import POLICY_PAGE, Source
from tests.service.driver import utc

START = utc("2026-05-01 10:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"
OLD = "Framework versions are supported for a year. After that date they are deprecated. Plan to upgrade before."
NEW = OLD.replace("a year", "two years")
OTHER_PAGE = "Are you a robot? Solve this."


@dataclass
class FakePolicyPage:
    """A support policy page with a text to set, and an operator who records the notices."""

    database: Database
    text: str = OLD
    outcome: FetchResult | None = None
    requests: list[Source] = field(default_factory=list)
    notices: list[tuple[str, str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def get(self, source: Source) -> FetchResult:
        self.requests.append(source)
        if self.outcome is not None:
            return self.outcome
        tag = str(hash(self.text))
        html = f"<html><body><h1>Policy</h1><p>{self.text}</p><p>Last updated {len(self.requests)}</p></body></html>"
        return NotModified(URL) if source.etag == tag else FetchedPage(html, URL, tag, "")

    def notify(self, session: Session, *, topic: str, key: str, text: str, url: str, now: datetime) -> None:
        assert session.in_transaction()
        if key not in self.keys:
            self.keys.append(key)
            self.notices.append((topic, text, url))

    def read(self, now: datetime) -> SupportPolicyResult:
        result = build_poller(self.database, self.get, self.notify).run(now)
        assert result is not None
        return result

    def find_source(self) -> Source:
        with self.database.read_only() as session:
            return sources.find(session, POLICY_PAGE)

    def find_text(self) -> str:
        with self.database.read_only() as session:
            return sources.find_text(session, POLICY_PAGE) or ""


@pytest.fixture
def policy(database: Database) -> FakePolicyPage:
    return FakePolicyPage(database)


@pytest.fixture
def lone_policy(sqlite_database: Database) -> FakePolicyPage:
    return FakePolicyPage(sqlite_database)


def test_change_is_reported_once_a_second_reading_confirms_it(policy: FakePolicyPage) -> None:
    assert policy.read(START) == SupportPolicyResult()
    assert policy.find_text() == f"Policy\n{OLD}"
    assert policy.read(START + DAY) == SupportPolicyResult()
    assert policy.requests[-1].etag
    policy.text = NEW
    assert policy.read(START + 2 * DAY) == SupportPolicyResult(is_unconfirmed=True)
    assert policy.find_text() == f"Policy\n{OLD}"
    result = policy.read(START + 2 * DAY + HOUR)
    assert policy.notices == [("policy", result.notice, URL)]
    assert result.notice.splitlines() == [
        "Google’s policy page has changed:",
        "− Framework versions are supported for a year.",
        "+ Framework versions are supported for two years.",
    ]
    assert policy.find_text() == f"Policy\n{NEW}"
    assert policy.read(START + 3 * DAY + HOUR) == SupportPolicyResult()
    policy.text = OLD
    for moment in (5 * DAY, 5 * DAY + HOUR):
        policy.read(START + moment)
    policy.text = NEW
    for moment in (7 * DAY, 7 * DAY + HOUR):
        policy.read(START + moment)
    assert len(policy.notices) == 3, "a text that returns is reported again"


def test_page_is_polled_once_a_day(lone_policy: FakePolicyPage) -> None:
    lone_policy.read(START)
    poller = build_poller(lone_policy.database, lone_policy.get)
    assert poller.run(START + DAY - HOUR) is None
    assert poller.run(START + HOUR / 2, manual=True) is None
    assert poller.run(START + HOUR, manual=True) is not None


def test_change_reverted_before_a_second_reading_is_not_reported(lone_policy: FakePolicyPage) -> None:
    lone_policy.read(START)
    lone_policy.text = NEW
    assert lone_policy.read(START + DAY).is_unconfirmed
    lone_policy.text = OLD
    assert lone_policy.read(START + DAY + HOUR) == SupportPolicyResult()
    lone_policy.text = NEW
    assert lone_policy.read(START + 3 * DAY).is_unconfirmed
    lone_policy.text = NEW.replace("Plan", "Try")
    assert lone_policy.read(START + 3 * DAY + HOUR).is_unconfirmed
    assert lone_policy.notices == []


def test_text_that_lost_most_words_is_rejected_and_reported(policy: FakePolicyPage) -> None:
    policy.read(START)
    policy.text = OTHER_PAGE
    assert policy.read(START + DAY).is_unconfirmed
    result = policy.read(START + DAY + HOUR)
    assert result.problem == policy.find_source().problem == "16 of its 18 words are gone"
    assert "might be incomplete: 16 of its 18 words are gone" in result.notice
    assert policy.find_text() == f"Policy\n{OLD}"
    policy.read(START + 3 * DAY)
    assert len(policy.notices) == 1
    policy.text = OLD
    assert policy.read(START + 4 * DAY) == SupportPolicyResult()
    assert policy.find_source().problem == ""


def test_rejected_text_is_accepted_after_a_week(lone_policy: FakePolicyPage) -> None:
    lone_policy.read(START)
    lone_policy.text = OTHER_PAGE
    for days in range(1, 8):
        lone_policy.read(START + days * DAY + HOUR * days)
    result = lone_policy.read(START + 9 * DAY)
    assert result.problem == ""
    assert result.notice.startswith("Google’s policy page has changed:")
    assert lone_policy.find_text() == f"Policy\n{OTHER_PAGE}"
    assert len(lone_policy.notices) == 2


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Unavailable("the server answered 500"), "the server answered 500"),
        (FetchedPage("", URL, "", ""), "the page is empty"),
        (FetchedPage("<html><body><p>no title</p></body></html>", URL, "", ""), "no title"),
        (FetchedPage("<html lang=de><body><h1>Regeln</h1>", URL, "", ""), "isn’t in English"),
        (
            FetchedPage("# Policy\n" + "\nword word word.\n" * (MAX_LENGTH // 15), URL, "", ""),
            "the limit is 200,000",
        ),
    ],
)
def test_invalid_page_changes_nothing(lone_policy: FakePolicyPage, outcome: FetchResult, reason: str) -> None:
    lone_policy.read(START)
    lone_policy.outcome = outcome
    result = lone_policy.read(START + DAY)
    assert reason in result.problem
    assert lone_policy.find_text() == f"Policy\n{OLD}"
    assert (lone_policy.find_source().problem, lone_policy.find_source().next_poll_at) == (
        result.problem,
        START + DAY + HOUR,
    )
    lone_policy.outcome = None
    assert lone_policy.read(START + DAY + HOUR) == SupportPolicyResult()
    assert lone_policy.notices == []


def test_text_is_stored_without_an_operator_too(lone_policy: FakePolicyPage) -> None:
    poller = build_poller(lone_policy.database, lone_policy.get)
    poller.run(START)
    lone_policy.text = NEW
    poller.run(START + DAY)
    result = poller.run(START + DAY + HOUR)
    assert result is not None
    assert "two years" in result.notice
    assert lone_policy.find_text() == f"Policy\n{NEW}"
