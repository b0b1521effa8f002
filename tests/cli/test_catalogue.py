"""`dlvm catalogue` as typed by an operator."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.bootstrap import catalogue_pollers, core
from bot.catalogue.http.results import FetchedPage, FetchResult, Unavailable
from bot.catalogue.page import PAGE_URL
from bot.catalogue.page.rows import PrintedRow
from bot.cli import main
from bot.service.catalogue import refresh, release_notes
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.poller import Poller
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings
from storage.database import Database
from storage.facts import Schedule
from tests.catalogue import feed_factories, page_factories
from tests.catalogue.validation_factories import TORCH_24, TORCH_27, drop_families, replace_cells

START = datetime(2026, 4, 12, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
ODD = {TORCH_27: {"end_of_availability": "August 13, 2029"}}


class Operator:
    """An operator at the command line, with a settable clock, page and release notes."""

    def __init__(self) -> None:
        self.now = START
        self.rows: Iterable[PrintedRow] = page_factories.SEED
        self.page_result: FetchResult | None = None
        self.feed: FetchResult = FetchedPage(feed_factories.build_real_feed(), feed_factories.ADDRESS, "", "")

    def fetch_page(self, _: object) -> FetchResult:
        return self.page_result or FetchedPage(
            page_factories.write_plain_html(self.rows), "https://docs.example.test/", "", ""
        )

    def build_release_notes(
        self, _: Settings, database: Database, __: object
    ) -> Poller[release_notes.ReleaseNotesResult]:
        return release_notes.build_poller(database, lambda _: self.feed)

    def build_catalogue(self, _: Settings, database: Database, __: object) -> Poller[refresh.RefreshResult]:
        ingest = CatalogueIngest(database, SnapshotCache(), Schedule())
        return refresh.build_poller(database, ingest, PAGE_URL, self.fetch_page)

    def run(self, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main.app, ["catalogue", *arguments])
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.stderr

    def list_pending(self) -> Any:
        return json.loads(self.run("review", "--json"))


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> Operator:
    created = Operator()
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(core, "now", lambda: created.now)
    monkeypatch.setattr(catalogue_pollers, "build_catalogue_poller", created.build_catalogue)
    monkeypatch.setattr(catalogue_pollers, "build_release_notes_poller", created.build_release_notes)
    return created


def test_a_manual_refresh_reports_changes_and_runs_once_an_hour(operator: Operator) -> None:
    assert "Nothing has changed." in operator.run("refresh")
    assert "Try again at 11:00 UTC" in operator.run("refresh", code=1)
    operator.now += HOUR
    operator.rows = replace_cells(
        {TORCH_27: {"end_of_patch": "October 13, 2026", "end_of_availability": "Oct 13, 2027"}}
    )
    assert "if a reading an hour later confirms them" in operator.run("refresh")
    operator.now += HOUR
    assert "moved from 2027-04-13 to 2027-10-13" in operator.run("refresh")
    operator.now += HOUR
    operator.page_result = Unavailable("the server answered 500")
    result = CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert (result.exit_code, result.stdout.partition("\n")[0]) == (
        1,
        "The page couldn’t be read: the server answered 500. Nothing was changed.",
    )
    assert "Last fetch failed: the server answered 500" in operator.run("review")


def test_a_manual_refresh_reads_the_release_notes(operator: Operator) -> None:
    assert operator.run("refresh").splitlines() == [
        "The page was read. Nothing has changed.",
        "The release notes were read: 22 new items, 0 edited.",
        "2026-04-13 Breaking 1: announced for base-cu128, pytorch-2.7",
    ]
    operator.now += HOUR
    operator.feed = FetchedPage(
        feed_factories.build_feed(
            feed_factories.build_entry("April 12, 2026", feed_factories.build_item("Breaking", "PyTorch 2.7"))
        ),
        feed_factories.ADDRESS,
        "",
        "",
    )
    assert operator.run("refresh").splitlines()[1:] == [
        "The release notes were read: 1 new item, 0 edited.",
        "2026-04-12 Breaking 1: announced for pytorch-2.7",
    ]
    operator.now += HOUR
    operator.feed = FetchedPage(
        feed_factories.build_feed(
            feed_factories.build_entry("Someday", ""), feed_factories.build_entry("May 01, 2025", "")
        ),
        "",
        "",
        "",
    )
    assert "Some of them couldn’t be read: an entry is titled “Someday”" in operator.run("refresh")


def test_failing_release_notes_leave_the_page_alone(operator: Operator) -> None:
    operator.feed = Unavailable("the server answered 500")
    assert operator.run("refresh").splitlines() == [
        "The page was read. Nothing has changed.",
        "The release notes couldn’t be read: the server answered 500.",
    ]
    assert "Last fetch of the release notes failed: the server answered 500." in operator.run("review")
    operator.now += HOUR
    result_json = json.loads(operator.run("refresh", "--json"))
    assert (result_json["outcome"], result_json["notes"]["problem"]) == ("unchanged", "the server answered 500")
    result = CliRunner().invoke(main.app, ["catalogue", "refresh", "--json"])
    assert (result.exit_code, result.stdout) == (1, "")


def test_a_refresh_fails_if_fetching_is_off(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLVM_CATALOGUE_URL", "off")
    result = CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert (result.exit_code, "DLVM_CATALOGUE_URL is off" in result.stderr) == (2, True)
    assert "Nothing is pending review." in operator.run("review")


def test_a_pending_value_is_listed_and_accepted_once(operator: Operator) -> None:
    operator.rows = replace_cells(ODD)
    assert "pending review" in operator.run("refresh")
    listed = operator.run("review")
    assert "on the page: “August 13, 2029”" in listed
    assert "accept KEY" in listed
    for key in [str(entry["entry_id"]) for entry in operator.list_pending()]:
        accepted = f"{key} accepted: it takes effect when the page is next read.\n"
        assert operator.run("review", "accept", key) == accepted
        assert "already accepted" in operator.run("review", "reject", key, code=1)
    operator.now += HOUR
    assert "to 2029-08-13" in operator.run("refresh")
    assert operator.list_pending() == []


def test_a_rejected_value_leaves_the_list(operator: Operator) -> None:
    operator.rows = replace_cells(ODD)
    assert json.loads(operator.run("refresh", "--json"))["outcome"] == "unchanged"
    for entry in operator.list_pending():
        assert "the last good value stays" in operator.run("review", "reject", str(entry["entry_id"]))
    assert operator.list_pending() == []
    assert "There is no entry 99" in operator.run("review", "accept", "99", code=1)


def test_an_unreadable_value_can_not_be_accepted(operator: Operator) -> None:
    operator.rows = replace_cells({TORCH_27: {"end_of_availability": "Smarch 13, 2027"}})
    operator.run("refresh")
    (entry,) = operator.list_pending()
    key = str(entry["entry_id"])
    assert "can’t be accepted" in operator.run("review", "accept", key, code=1)
    assert "can’t be accepted" in operator.run("review")
    operator.rows, operator.now = page_factories.SEED, START + HOUR
    operator.run("refresh")
    assert "the page no longer shows this value" in operator.run("review", "reject", key, code=1)


def test_a_page_pending_review_shows_its_difference(operator: Operator) -> None:
    operator.rows = list(page_factories.SEED)[:30]
    assert "all of it is pending review" in operator.run("refresh")
    listed = operator.run("review")
    assert "the whole page, since 12 Apr 2026: 22 of 52 rows are gone" in listed
    assert listed.count("no longer listed") == 22


def test_history_shows_a_version_or_everything(operator: Operator) -> None:
    assert "No changes since the first reading." in operator.run("history")
    operator.rows = drop_families(TORCH_24)
    operator.run("refresh")
    operator.now += HOUR
    operator.run("refresh")
    assert "12 Apr 2026  pytorch-2.4: removed from the table" in operator.run("history")
    (line,) = json.loads(operator.run("history", "--json"))["lines"]
    assert (line["kind"], line["version"], line["families"]) == ("vanished", "pytorch-2.4", [TORCH_24])
    story = " ".join(operator.run("history", "PyTorch-2.7").replace("│", " ").split())
    assert f"10 Apr 2026 first seen in the table ({TORCH_27})" in story
    assert "last day these images can be used published as “April 13, 2027”, 368 days before the date" in story
    answer = json.loads(operator.run("history", "pytorch-2.4", "--json"))
    assert (answer["answer"], answer["version"], answer["lines"][-1]["kind"]) == ("history", "pytorch-2.4", "vanished")
    result = CliRunner().invoke(main.app, ["catalogue", "history", "pytorch-2.8"])
    assert (result.exit_code, "isn’t in Google’s table" in result.stdout) == (1, True)
    result = CliRunner().invoke(main.app, ["catalogue", "history", "pytorch-2.8", "--json"])
    assert (result.exit_code, json.loads(result.stdout)["answer"]) == (1, "not_in_catalogue")


def test_three_export_formats_have_the_same_rows(operator: Operator) -> None:
    rows = json.loads(operator.run("export"))
    csv_rows = list(csv.DictReader(io.StringIO(operator.run("export", "--format", "csv"))))
    markdown = operator.run("export", "--format", "markdown").splitlines()
    assert len(rows) == len(csv_rows) == len(markdown) - 2 == 52
    assert [row["family"] for row in rows] == [row["family"] for row in csv_rows]
    torch = next(row for row in rows if row["family"] == TORCH_27)
    assert (torch["version"], torch["end_of_availability"], torch["listed"]) == ("pytorch-2.7", "2027-04-13", True)
    assert all(line.count(" | ") == len(torch) - 1 for line in markdown)
    assert "--format must be json, csv or markdown" in operator.run("export", "--format", "xml", code=2)
