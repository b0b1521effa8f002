"""The policy page watched: first silently, then a word to the operator for each change that is confirmed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified, Unavailable
from bot.service.catalogue.support_policy import MAX_LENGTH, SupportPolicyPoller, SupportPolicyResult
from storage import sources
from storage.database import Database
from storage.facts import POLICY_PAGE, Source
from tests.service.driver import utc

START = utc("2026-05-01 10:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"
OLD = "Framework versions are supported for a year. After that date they are deprecated. Plan to upgrade before."
NEW = OLD.replace("a year", "two years")
ROBOT = "Are you a robot? Solve this."


@dataclass
class Policy:
    """A page that says what a test wants, and an operator who writes down what they are told."""

    database: Database
    says: str = OLD
    outcome: FetchResult | None = None
    asked: list[Source] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def get(self, source: Source) -> FetchResult:
        self.asked.append(source)
        if self.outcome is not None:
            return self.outcome
        tag = str(hash(self.says))
        html = f"<html><body><h1>Policy</h1><p>{self.says}</p><p>Last updated {len(self.asked)}</p></body></html>"
        return NotModified(URL) if source.etag == tag else FetchedPage(html, URL, tag, "", "")

    def tell(self, session: Session, *, topic: str, key: str, text: str, url: str, now: datetime) -> None:
        assert session.in_transaction()
        if key not in self.keys:
            self.keys.append(key)
            self.told.append((topic, text, url))

    def read(self, now: datetime) -> SupportPolicyResult:
        done = SupportPolicyPoller(self.database, self.get, self.tell).run(now)
        assert done is not None
        return done

    def source(self) -> Source:
        with self.database.read_only() as session:
            return sources.find(session, POLICY_PAGE)

    def kept(self) -> str:
        with self.database.read_only() as session:
            return sources.find_text(session, POLICY_PAGE) or ""


@pytest.fixture
def policy(database: Database) -> Policy:
    return Policy(database)


@pytest.fixture
def lone_policy(sqlite_database: Database) -> Policy:
    return Policy(sqlite_database)


def test_a_change_is_told_once_a_second_reading_confirms_it(policy: Policy) -> None:
    assert policy.read(START) == SupportPolicyResult()
    assert policy.kept() == f"Policy\n{OLD}"
    assert policy.read(START + DAY) == SupportPolicyResult()
    assert policy.asked[-1].etag
    policy.says = NEW
    assert policy.read(START + 2 * DAY) == SupportPolicyResult(is_unconfirmed=True)
    assert policy.kept() == f"Policy\n{OLD}"
    done = policy.read(START + 2 * DAY + HOUR)
    assert policy.told == [("policy", done.notice, URL)]
    assert done.notice.splitlines() == [
        "Google’s policy page was rewritten:",
        "− Framework versions are supported for a year.",
        "+ Framework versions are supported for two years.",
    ]
    assert policy.kept() == f"Policy\n{NEW}"
    assert policy.read(START + 3 * DAY + HOUR) == SupportPolicyResult()
    policy.says = OLD
    for moment in (5 * DAY, 5 * DAY + HOUR):
        policy.read(START + moment)
    policy.says = NEW
    for moment in (7 * DAY, 7 * DAY + HOUR):
        policy.read(START + moment)
    assert len(policy.told) == 3, "also where it says again what it said before"


def test_it_is_read_once_a_day(lone_policy: Policy) -> None:
    lone_policy.read(START)
    reading = SupportPolicyPoller(lone_policy.database, lone_policy.get)
    assert reading.run(START + DAY - HOUR) is None
    assert reading.run(START + HOUR / 2, manual=True) is None
    assert reading.run(START + HOUR, manual=True) is not None


def test_what_is_taken_back_before_a_second_reading_is_not_told(lone_policy: Policy) -> None:
    lone_policy.read(START)
    lone_policy.says = NEW
    assert lone_policy.read(START + DAY).is_unconfirmed
    lone_policy.says = OLD
    assert lone_policy.read(START + DAY + HOUR) == SupportPolicyResult()
    lone_policy.says = NEW
    assert lone_policy.read(START + 3 * DAY).is_unconfirmed
    lone_policy.says = NEW.replace("Plan", "Try")
    assert lone_policy.read(START + 3 * DAY + HOUR).is_unconfirmed
    assert lone_policy.told == []


def test_a_page_that_lost_most_of_its_words_is_held_and_told_as_such(policy: Policy) -> None:
    policy.read(START)
    policy.says = ROBOT
    assert policy.read(START + DAY).is_unconfirmed
    done = policy.read(START + DAY + HOUR)
    assert done.problem == policy.source().problem == "it lost 16 of its 18 words"
    assert "looks like another one: it lost 16 of its 18 words" in done.notice
    assert policy.kept() == f"Policy\n{OLD}"
    policy.read(START + 3 * DAY)
    assert len(policy.told) == 1
    policy.says = OLD
    assert policy.read(START + 4 * DAY) == SupportPolicyResult()
    assert policy.source().problem == ""


def test_a_page_that_says_something_else_for_a_week_is_believed(lone_policy: Policy) -> None:
    lone_policy.read(START)
    lone_policy.says = ROBOT
    for days in range(1, 8):
        lone_policy.read(START + days * DAY + HOUR * days)
    done = lone_policy.read(START + 9 * DAY)
    assert done.problem == ""
    assert done.notice.startswith("Google’s policy page was rewritten:")
    assert lone_policy.kept() == f"Policy\n{ROBOT}"
    assert len(lone_policy.told) == 2


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Unavailable("the server answered 500"), "the server answered 500"),
        (FetchedPage("", URL, "", "", ""), "the page is empty"),
        (FetchedPage("<html><body><p>no title</p></body></html>", URL, "", "", ""), "no title"),
        (FetchedPage("<html lang=de><body><h1>Regeln</h1>", URL, "", "", ""), "isn’t in English"),
        (
            FetchedPage("# Policy\n" + "\nword word word.\n" * (MAX_LENGTH // 15), URL, "", "", ""),
            "more than the 200,000",
        ),
    ],
)
def test_what_is_no_such_page_changes_nothing(lone_policy: Policy, outcome: FetchResult, reason: str) -> None:
    lone_policy.read(START)
    lone_policy.outcome = outcome
    done = lone_policy.read(START + DAY)
    assert reason in done.problem
    assert lone_policy.kept() == f"Policy\n{OLD}"
    assert (lone_policy.source().problem, lone_policy.source().next_poll_at) == (done.problem, START + DAY + HOUR)
    lone_policy.outcome = None
    assert lone_policy.read(START + DAY + HOUR) == SupportPolicyResult()
    assert lone_policy.told == []


def test_where_nobody_is_to_be_told_the_words_are_kept_all_the_same(lone_policy: Policy) -> None:
    alone = SupportPolicyPoller(lone_policy.database, lone_policy.get)
    alone.run(START)
    lone_policy.says = NEW
    alone.run(START + DAY)
    done = alone.run(START + DAY + HOUR)
    assert done is not None
    assert "two years" in done.notice
    assert lone_policy.kept() == f"Policy\n{NEW}"
