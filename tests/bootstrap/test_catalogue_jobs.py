"""The refresh beside the tick: put together from the settings, and told in the log, in /healthz and by doctor."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from bot.bootstrap import application as building
from bot.bootstrap import catalogue_jobs as upstream_jobs
from bot.bootstrap import core, fetching
from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FEED_TYPES, PAGE_TYPES, FetchedPage, FetchResult, Unavailable
from bot.cli import main
from bot.cli.sandbox import IDENTITY
from bot.service.operator.channel import OperatorChannel
from bot.settings import OFF, Settings
from storage import sources
from storage.database import Database
from storage.facts import DLVM, POLICY_PAGE, RELEASE_NOTES
from tests.catalogue import feed_factories, page_factories
from tests.catalogue.validation_factories import TORCH_27, replace_cells

START = datetime(2026, 4, 12, 10, tzinfo=UTC)
URL = "https://docs.cloud.google.com/deep-learning-vm/docs/images"
FEED = "https://cloud.google.com/feeds/deep-learning-vm-release-notes.xml"
RULES = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"


class Upstream:
    """What the fetcher is given, and what it was asked for."""

    def __init__(self) -> None:
        self.outcome: FetchResult = FetchedPage(
            page_factories.write_plain_html(page_factories.SEED), URL, '"1"', "", ""
        )
        self.others: dict[str, FetchResult] = {}
        self.asked: list[tuple[str, str]] = []
        self.kinds: dict[str, tuple[str, ...]] = {}
        self.now = START

    def get(
        self, url: str, *, etag: str = "", last_modified: str = "", content_types: tuple[str, ...] = PAGE_TYPES
    ) -> FetchResult:
        del last_modified
        self.asked.append((url, etag))
        self.kinds[url] = content_types
        return self.outcome if url == URL else self.others.get(url, Unavailable("the server answered 404"))


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> Upstream:
    found = Upstream()
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(Fetcher, "get", lambda _, *given, **conditions: found.get(*given, **conditions))
    return found


@pytest.fixture
def house(upstream: Upstream, sqlite_database: Database) -> Iterator[building.Application]:
    assert upstream.asked == []
    core.migrate_database(sqlite_database)
    made = building.build(Settings(), sqlite_database, lambda: upstream.now, IDENTITY)
    yield made
    made.close()


def test_the_job_asks_the_page_of_the_settings_and_asks_again_with_its_tag(
    house: building.Application, upstream: Upstream
) -> None:
    house.scheduler.run_job("refresh")
    house.scheduler.run_job("refresh")
    assert upstream.asked == [(URL, "")]
    upstream.now += timedelta(hours=6)
    house.scheduler.run_job("refresh")
    assert upstream.asked == [(URL, ""), (URL, '"1"')]


def test_a_process_that_starts_watches_the_page_and_healthz_tells_its_age(
    house: building.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "now", lambda: START)
    house.start()
    with house.database.read_only() as session:
        assert [sources.find(session, key).polling_since for key in (DLVM, RELEASE_NOTES, POLICY_PAGE)] == [START] * 3
    monkeypatch.setattr(building, "now", lambda: START + timedelta(hours=49))
    found = {check.name: check for check in house.run_health_checks()}["catalogue"]
    assert found.ok
    assert found.detail == "as of 2026-04-10, not verified since 2026-04-12 10:00 UTC"


def test_where_it_is_off_there_is_no_job_and_nothing_is_watched(upstream: Upstream, sqlite_database: Database) -> None:
    core.migrate_database(sqlite_database)
    with sqlite_database.transaction() as session:
        upstream_jobs.record_polled_sources(session, (DLVM, RELEASE_NOTES, POLICY_PAGE), START)
    settings = Settings(dlvm_catalogue_url=OFF)
    fetch = upstream_jobs.build_fetcher(settings)
    assert upstream_jobs.build_jobs(settings, sqlite_database, lambda: START, OperatorChannel().notify, fetch) == {}
    house = building.build(settings, sqlite_database, lambda: START, IDENTITY)
    house.start()
    with house.database.read_only() as session:
        assert [sources.find(session, key).polling_since for key in (DLVM, RELEASE_NOTES, POLICY_PAGE)] == [None] * 3
    house.close()
    assert upstream.asked == []


def test_the_log_says_what_wants_a_person(
    upstream: Upstream, sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    core.migrate_database(sqlite_database)
    refreshing = fetching.build_catalogue_refresh(Settings(), sqlite_database, upstream_jobs.build_fetcher(Settings()))
    moment = [START]
    attempt = fetching.build_refresh_job(refreshing, lambda: moment[0])
    upstream.outcome = FetchedPage(
        page_factories.write_plain_html(replace_cells({TORCH_27: {"accelerator": "Toaster"}})), URL, "", "", ""
    )
    with caplog.at_level(logging.INFO):
        attempt()
        assert attempt() is None
        assert f"held back, see dlvm catalogue review: {TORCH_27} accelerator" in caplog.text
        moment[0] += timedelta(hours=6)
        upstream.outcome = Unavailable("the server answered 500")
        attempt()
        assert "the page could not be taken: the server answered 500" in caplog.text
        dates = {"end_of_patch": "October 13, 2026", "end_of_availability": "October 13, 2027"}
        upstream.outcome = FetchedPage(
            page_factories.write_plain_html(replace_cells({TORCH_27: dates})), URL, "", "", ""
        )
        for _ in range(2):
            moment[0] += timedelta(hours=1)
            attempt()
        assert "moved from 2027-04-13 to 2027-10-13" in caplog.text


def test_the_release_notes_and_the_policy_page_have_jobs_of_their_own(
    house: building.Application, upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    notes = feed_factories.build_feed(
        feed_factories.build_entry("April 11, 2026", feed_factories.build_item("Breaking", "PyTorch 2.7 and earlier"))
    )
    upstream.others[FEED] = FetchedPage(notes, FEED, '"2"', "", "")
    with caplog.at_level(logging.INFO):
        house.scheduler.run_job("notes")
        house.scheduler.run_job("policy")
    assert upstream.asked == [(FEED, ""), (RULES, "")]
    assert upstream.kinds == {FEED: FEED_TYPES, RULES: PAGE_TYPES}
    assert "the release notes tell of pytorch-2.7: 2026-04-11 Breaking 1" in caplog.text
    assert "the policy page could not be read: the server answered 404" in caplog.text
    upstream.others = {RULES: FetchedPage("# Policy\n\nFor a year.", RULES, "", "", "")}
    upstream.now += timedelta(hours=6)
    house.scheduler.run_job("notes")
    house.scheduler.run_job("policy")
    assert upstream.asked[2:] == [(FEED, '"2"'), (RULES, "")]
    assert "the release notes could not be read: the server answered 404" in caplog.text
    upstream.others = {
        RULES: FetchedPage("# Policy\n\nFor two years.", RULES, "", "", ""),
        FEED: FetchedPage(notes.replace("April 11", "Smarch 11"), FEED, "", "", ""),
    }
    for _ in range(2):
        upstream.now += timedelta(hours=24)
        house.scheduler.run_job("policy")
    assert "Google’s policy page has changed:\n− For a year.\n+ For two years." in caplog.text
    house.scheduler.run_job("notes")
    house.scheduler.run_job("notes")
    assert "the release notes could in part not be read: an entry is titled" in caplog.text


def doctor() -> dict[str, str]:
    done = CliRunner().invoke(main.app, ["doctor", "--json"])
    return {one["check"]: one["found"] for one in json.loads(done.stdout)}


def test_doctor_tells_the_age_of_the_page_and_what_is_held(
    upstream: Upstream, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.migrate_database(sqlite_database)
    assert doctor()["page"].startswith("not fetched")
    with sqlite_database.transaction() as session:
        sources.set_polling(session, START)
    monkeypatch.setattr(core, "now", lambda: START)
    assert doctor()["page"] == "not read yet"
    upstream.outcome = FetchedPage(
        page_factories.write_plain_html(replace_cells({TORCH_27: {"accelerator": "Toaster"}})), URL, "", "", ""
    )
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert doctor()["page"] == "last read 12 Apr 2026, 1 held back"
    monkeypatch.setattr(core, "now", lambda: START + timedelta(hours=49))
    assert doctor()["page"] == "not verified since 12 Apr 2026"
    upstream.outcome = FetchedPage(page_factories.write_plain_html(page_factories.SEED), URL, "", "", "")
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert doctor()["page"] == "last read 14 Apr 2026"


def test_doctor_tells_how_the_release_notes_and_the_policy_page_stand(
    upstream: Upstream, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.migrate_database(sqlite_database)
    assert doctor()["release notes"] == "not fetched: DLVM_NOTES_URL is off, or dlvm has not run yet"
    with sqlite_database.transaction() as session:
        upstream_jobs.record_polled_sources(session, (RELEASE_NOTES, POLICY_PAGE), START)
    monkeypatch.setattr(core, "now", lambda: START)
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    found = doctor()
    assert found["release notes"] == "not read yet (the server answered 404)"
    assert found["policy page"] == "not read yet"
    monkeypatch.setattr(core, "now", lambda: START + timedelta(hours=49))
    assert doctor()["policy page"] == "not read since 12 Apr 2026"
    upstream.others[FEED] = FetchedPage(feed_factories.build_real_feed(), FEED, "", "", "")
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert doctor()["release notes"] == "last read 14 Apr 2026"
