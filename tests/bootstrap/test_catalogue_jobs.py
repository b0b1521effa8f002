"""The jobs that poll Google's pages, and what the log, /healthz and doctor say about them."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from bot.bootstrap import application, catalogue_jobs, catalogue_pollers, core
from bot.bootstrap.sandbox import IDENTITY
from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FEED_TYPES, PAGE_TYPES, FetchedPage, FetchResult, Unavailable
from bot.cli import main
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
POLICY = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"


class FakePages:
    """Google's pages as the fetcher gets them. Records the requests."""

    def __init__(self) -> None:
        self.outcome: FetchResult = FetchedPage(page_factories.write_plain_html(page_factories.SEED), URL, '"1"', "")
        self.other_pages: dict[str, FetchResult] = {}
        self.requests: list[tuple[str, str]] = []
        self.content_types: dict[str, tuple[str, ...]] = {}
        self.now = START

    def get(
        self, url: str, *, etag: str = "", last_modified: str = "", content_types: tuple[str, ...] = PAGE_TYPES
    ) -> FetchResult:
        del last_modified
        self.requests.append((url, etag))
        self.content_types[url] = content_types
        return self.outcome if url == URL else self.other_pages.get(url, Unavailable("the server answered 404"))


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> FakePages:
    pages = FakePages()
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(Fetcher, "get", lambda _, *arguments, **options: pages.get(*arguments, **options))
    return pages


@pytest.fixture
def bot(pages: FakePages, sqlite_database: Database) -> Iterator[application.Application]:
    assert pages.requests == []
    core.migrate_database(sqlite_database)
    bot = application.build(Settings(), sqlite_database, lambda: pages.now, IDENTITY)
    yield bot
    bot.close()


def test_refresh_job_fetches_the_page_with_its_etag(bot: application.Application, pages: FakePages) -> None:
    bot.scheduler.run_job("refresh")
    bot.scheduler.run_job("refresh")
    assert pages.requests == [(URL, "")]
    pages.now += timedelta(hours=6)
    bot.scheduler.run_job("refresh")
    assert pages.requests == [(URL, ""), (URL, '"1"')]


def test_healthz_shows_since_when_the_page_is_unverified(
    bot: application.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "now", lambda: START)
    bot.start()
    with bot.database.read_only() as session:
        assert [sources.find(session, key).polling_since for key in (DLVM, RELEASE_NOTES, POLICY_PAGE)] == [START] * 3
    monkeypatch.setattr(application, "now", lambda: START + timedelta(hours=49))
    check = {check.name: check for check in bot.run_health_checks()}["catalogue"]
    assert check.ok
    assert check.detail == "as of 2026-04-10, not verified since 2026-04-12 10:00 UTC"


def test_disabled_catalogue_has_no_jobs(pages: FakePages, sqlite_database: Database) -> None:
    core.migrate_database(sqlite_database)
    with sqlite_database.transaction() as session:
        catalogue_jobs.record_polled_sources(session, (DLVM, RELEASE_NOTES, POLICY_PAGE), START)
    settings = Settings(dlvm_catalogue_url=OFF)
    fetch = catalogue_jobs.build_fetcher(settings)
    assert catalogue_jobs.build_jobs(settings, sqlite_database, lambda: START, OperatorChannel().notify, fetch) == {}
    bot = application.build(settings, sqlite_database, lambda: START, IDENTITY)
    bot.start()
    with bot.database.read_only() as session:
        assert [sources.find(session, key).polling_since for key in (DLVM, RELEASE_NOTES, POLICY_PAGE)] == [None] * 3
    bot.close()
    assert pages.requests == []


def test_refresh_logs_what_needs_attention(
    pages: FakePages, sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    core.migrate_database(sqlite_database)
    fetcher = catalogue_jobs.build_fetcher(Settings())
    poller = catalogue_pollers.build_catalogue_poller(Settings(), sqlite_database, fetcher)
    run = catalogue_pollers.log_results(poller, catalogue_pollers.log_refresh, lambda: pages.now)
    pages.outcome = FetchedPage(
        page_factories.write_plain_html(replace_cells({TORCH_27: {"accelerator": "Toaster"}})), URL, "", ""
    )
    with caplog.at_level(logging.INFO):
        run()
        assert run() is None
        assert f"Pending review (dlvm catalogue review): {TORCH_27} accelerator" in caplog.text
        pages.now += timedelta(hours=6)
        pages.outcome = Unavailable("the server answered 500")
        run()
        assert "Could not refresh the catalogue: the server answered 500" in caplog.text
        dates = {"end_of_patch": "October 13, 2026", "end_of_availability": "October 13, 2027"}
        pages.outcome = FetchedPage(page_factories.write_plain_html(replace_cells({TORCH_27: dates})), URL, "", "")
        for _ in range(2):
            pages.now += timedelta(hours=1)
            run()
        assert "moved from 2027-04-13 to 2027-10-13" in caplog.text


def test_release_notes_and_policy_page_have_their_own_jobs(
    bot: application.Application, pages: FakePages, caplog: pytest.LogCaptureFixture
) -> None:
    notes = feed_factories.build_feed(
        feed_factories.build_entry("April 11, 2026", feed_factories.build_item("Breaking", "PyTorch 2.7 and earlier"))
    )
    pages.other_pages[FEED] = FetchedPage(notes, FEED, '"2"', "")
    with caplog.at_level(logging.INFO):
        bot.scheduler.run_job("notes")
        bot.scheduler.run_job("policy")
    assert pages.requests == [(FEED, ""), (POLICY, "")]
    assert pages.content_types == {FEED: FEED_TYPES, POLICY: PAGE_TYPES}
    assert "New release note for pytorch-2.7: 2026-04-11 Breaking 1" in caplog.text
    assert "Could not read the policy page: the server answered 404" in caplog.text
    pages.other_pages = {POLICY: FetchedPage("# Policy\n\nFor a year.", POLICY, "", "")}
    pages.now += timedelta(hours=6)
    bot.scheduler.run_job("notes")
    bot.scheduler.run_job("policy")
    assert pages.requests[2:] == [(FEED, '"2"'), (POLICY, "")]
    assert "Could not read the release notes: the server answered 404" in caplog.text
    pages.other_pages = {
        POLICY: FetchedPage("# Policy\n\nFor two years.", POLICY, "", ""),
        FEED: FetchedPage(notes.replace("April 11", "Smarch 11"), FEED, "", ""),
    }
    for _ in range(2):
        pages.now += timedelta(hours=24)
        bot.scheduler.run_job("policy")
    assert "Google’s policy page has changed:\n− For a year.\n+ For two years." in caplog.text
    bot.scheduler.run_job("notes")
    bot.scheduler.run_job("notes")
    assert "Could not read all release notes: an entry is titled" in caplog.text


def run_doctor() -> dict[str, str]:
    result = CliRunner().invoke(main.app, ["doctor", "--json"])
    return {check["check"]: check["detail"] for check in json.loads(result.stdout)}


def test_doctor_shows_the_age_of_the_page(
    pages: FakePages, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.migrate_database(sqlite_database)
    assert run_doctor()["page"].startswith("not fetched")
    with sqlite_database.transaction() as session:
        sources.set_polling(session, START)
    monkeypatch.setattr(core, "now", lambda: START)
    assert run_doctor()["page"] == "not read yet"
    pages.outcome = FetchedPage(
        page_factories.write_plain_html(replace_cells({TORCH_27: {"accelerator": "Toaster"}})), URL, "", ""
    )
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert run_doctor()["page"] == "last read 12 Apr 2026, 1 pending review"
    monkeypatch.setattr(core, "now", lambda: START + timedelta(hours=49))
    assert run_doctor()["page"] == "not verified since 12 Apr 2026"
    pages.outcome = FetchedPage(page_factories.write_plain_html(page_factories.SEED), URL, "", "")
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert run_doctor()["page"] == "last read 14 Apr 2026"


def test_doctor_shows_the_other_sources(
    pages: FakePages, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.migrate_database(sqlite_database)
    assert run_doctor()["release notes"] == "not fetched: DLVM_NOTES_URL is off, or dlvm has not run yet"
    with sqlite_database.transaction() as session:
        catalogue_jobs.record_polled_sources(session, (RELEASE_NOTES, POLICY_PAGE), START)
    monkeypatch.setattr(core, "now", lambda: START)
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    details = run_doctor()
    assert details["release notes"] == "not read yet (the server answered 404)"
    assert details["policy page"] == "not read yet"
    monkeypatch.setattr(core, "now", lambda: START + timedelta(hours=49))
    assert run_doctor()["policy page"] == "not read since 12 Apr 2026"
    pages.other_pages[FEED] = FetchedPage(feed_factories.build_real_feed(), FEED, "", "")
    CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert run_doctor()["release notes"] == "last read 14 Apr 2026"
