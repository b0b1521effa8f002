"""`dlvm catalogue`, as the operator types it."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.bootstrap import catalogue_readers, core, fetching
from bot.catalogue.http.results import FetchedPage, FetchResult, Unavailable
from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES
from bot.catalogue.page.rows import PrintedRow
from bot.cli import main
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.refresh import CatalogueRefresh
from bot.service.catalogue.release_notes import ReleaseNotesPoller
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
    """Somebody at a terminal, the clock at hand, and the page as a test has it."""

    def __init__(self) -> None:
        self.now = START
        self.rows: Iterable[PrintedRow] = page_factories.SEED
        self.outcome: FetchResult | None = None
        self.feed: FetchResult = FetchedPage(feed_factories.build_real_feed(), feed_factories.ADDRESS, "", "", "")

    def get(self, _: object) -> FetchResult:
        return self.outcome or FetchedPage(
            page_factories.write_plain_html(self.rows), "https://docs.example.test/", "", "", ""
        )

    def noting(self, _: Settings, database: Database, __: object) -> ReleaseNotesPoller:
        return ReleaseNotesPoller(database, lambda _: self.feed)

    def refreshing(self, _: Settings, database: Database, __: object) -> CatalogueRefresh:
        refresh = CatalogueIngest(database, SnapshotCache(), Schedule())
        return CatalogueRefresh(database, refresh, DEEP_LEARNING_VM_IMAGES, self.get)

    def run(self, *arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(main.app, ["catalogue", *arguments])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    def list_quarantined(self) -> Any:
        return json.loads(self.run("review", "--json"))


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> Operator:
    found = Operator()
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(core, "now", lambda: found.now)
    monkeypatch.setattr(fetching, "build_catalogue_refresh", found.refreshing)
    monkeypatch.setattr(catalogue_readers, "build_release_notes_poller", found.noting)
    return found


def test_a_refresh_by_hand_says_what_it_came_to_and_comes_once_an_hour(operator: Operator) -> None:
    assert "It says what the catalogue says." in operator.run("refresh")
    assert "try again at 11:00 UTC" in operator.run("refresh", code=1)
    operator.now += HOUR
    operator.rows = replace_cells(
        {TORCH_27: {"end_of_patch": "October 13, 2026", "end_of_availability": "Oct 13, 2027"}}
    )
    assert "a second reading an hour later" in operator.run("refresh")
    operator.now += HOUR
    assert "moved from 2027-04-13 to 2027-10-13" in operator.run("refresh")
    operator.now += HOUR
    operator.outcome = Unavailable("the server answered 500")
    done = CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert (done.exit_code, done.stdout.partition("\n")[0]) == (
        1,
        "The page could not be read: the server answered 500. Nothing was changed.",
    )
    assert "was no good reading: the server answered 500" in operator.run("review")


def test_a_refresh_by_hand_reads_the_release_notes_too_and_says_what_came(operator: Operator) -> None:
    said = operator.run("refresh").splitlines()
    assert said[0] == "The page was read. It says what the catalogue says."
    assert said[1] == "The release notes were read: 22 new items, 0 edited."
    assert said[2:] == ["2026-04-13 Breaking 1: told where base-cu128, pytorch-2.7 is watched"]
    operator.now += HOUR
    operator.feed = FetchedPage(
        feed_factories.build_feed(
            feed_factories.build_entry("April 12, 2026", feed_factories.build_item("Breaking", "PyTorch 2.7"))
        ),
        feed_factories.ADDRESS,
        "",
        "",
        "",
    )
    assert operator.run("refresh").splitlines()[1:] == [
        "The release notes were read: 1 new item, 0 edited.",
        "2026-04-12 Breaking 1: told where pytorch-2.7 is watched",
    ]
    operator.now += HOUR
    operator.feed = FetchedPage(
        feed_factories.build_feed(
            feed_factories.build_entry("Someday", ""), feed_factories.build_entry("May 01, 2025", "")
        ),
        "",
        "",
        "",
        "",
    )
    assert "Not all of them could be read: an entry is headed “Someday”" in operator.run("refresh")


def test_release_notes_that_fail_leave_the_page_alone(operator: Operator) -> None:
    operator.feed = Unavailable("the server answered 500")
    assert operator.run("refresh").splitlines() == [
        "The page was read. It says what the catalogue says.",
        "The release notes could not be read: the server answered 500.",
    ]
    assert "The last attempt at the release notes was no good reading: the server answered 500." in operator.run(
        "review"
    )
    operator.now += HOUR
    found = json.loads(operator.run("refresh", "--json"))
    assert (found["fate"], found["notes"]["problem"]) == ("nothing_new", "the server answered 500")
    done = CliRunner().invoke(main.app, ["catalogue", "refresh", "--json"])
    assert (done.exit_code, done.stdout) == (1, "")


def test_there_is_nothing_to_refresh_where_fetching_is_off(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLVM_CATALOGUE_URL", "off")
    done = CliRunner().invoke(main.app, ["catalogue", "refresh"])
    assert "DLVM_CATALOGUE_URL is off" in str(done.exception)
    assert "Nothing is held back." in operator.run("review")


def test_what_is_held_is_listed_accepted_once_and_enters(operator: Operator) -> None:
    operator.rows = replace_cells(ODD)
    assert "held back" in operator.run("refresh")
    drawn = operator.run("review")
    assert "printed “August 13, 2029”" in drawn
    assert "accept KEY" in drawn
    for one in operator.list_quarantined():
        said = operator.run("review", "accept", str(one["finding_id"]))
        assert said == f"{one['finding_id']} is accepted: it enters at the next reading.\n"
        assert "accepted already" in operator.run("review", "reject", str(one["finding_id"]), code=1)
    operator.now += HOUR
    assert "to 2029-08-13" in operator.run("refresh")
    assert operator.list_quarantined() == []


def test_what_is_rejected_leaves_the_list_and_what_is_unknown_is_said(operator: Operator) -> None:
    operator.rows = replace_cells(ODD)
    assert json.loads(operator.run("refresh", "--json"))["fate"] == "nothing_new"
    for one in operator.list_quarantined():
        assert "the last good value stays" in operator.run("review", "reject", str(one["finding_id"]))
    assert operator.list_quarantined() == []
    assert "There is no 99" in operator.run("review", "accept", "99", code=1)


def test_what_can_not_be_read_can_not_be_accepted(operator: Operator) -> None:
    operator.rows = replace_cells({TORCH_27: {"end_of_availability": "Smarch 13, 2027"}})
    operator.run("refresh")
    (one,) = operator.list_quarantined()
    assert "can’t be accepted" in operator.run("review", "accept", str(one["finding_id"]), code=1)
    assert "can’t be accepted as it is" in operator.run("review")
    operator.rows, operator.now = page_factories.SEED, START + HOUR
    operator.run("refresh")
    assert "the page no longer says it" in operator.run("review", "reject", str(one["finding_id"]), code=1)


def test_a_page_held_whole_shows_its_difference(operator: Operator) -> None:
    operator.rows = list(page_factories.SEED)[:30]
    assert "held back as a whole" in operator.run("refresh")
    drawn = operator.run("review")
    assert "the whole page, since 12 Apr 2026: 22 of 52 rows are gone" in drawn
    assert drawn.count("no longer printed") == 22


def test_history_tells_the_story_of_a_version_and_all_that_changed(operator: Operator) -> None:
    assert "No changes since the first reading." in operator.run("history")
    operator.rows = drop_families(TORCH_24)
    operator.run("refresh")
    operator.now += HOUR
    operator.run("refresh")
    assert "12 Apr 2026  pytorch-2.4: removed from the table" in operator.run("history")
    (line,) = json.loads(operator.run("history", "--json"))["lines"]
    assert (line["what"], line["version"], line["families"]) == ("vanished", "pytorch-2.4", [TORCH_24])
    story = " ".join(operator.run("history", "PyTorch-2.7").replace("│", " ").split())
    assert f"10 Apr 2026 first seen in the table ({TORCH_27})" in story
    assert "last day these images can be used published as “April 13, 2027”, 368 days before the date" in story
    told = json.loads(operator.run("history", "pytorch-2.4", "--json"))
    assert (told["answer"], told["version"], told["lines"][-1]["what"]) == ("history", "pytorch-2.4", "vanished")
    done = CliRunner().invoke(main.app, ["catalogue", "history", "pytorch-2.8"])
    assert (done.exit_code, "isn’t in Google’s table" in done.stdout) == (1, True)
    done = CliRunner().invoke(main.app, ["catalogue", "history", "pytorch-2.8", "--json"])
    assert (done.exit_code, json.loads(done.stdout)["answer"]) == (1, "not_in_catalogue")


def test_the_catalogue_is_exported_in_three_forms_that_say_the_same(operator: Operator) -> None:
    rows = json.loads(operator.run("export"))
    table = list(csv.DictReader(io.StringIO(operator.run("export", "--format", "csv"))))
    marked = operator.run("export", "--format", "markdown").splitlines()
    assert len(rows) == len(table) == len(marked) - 2 == 52
    assert [row["family"] for row in rows] == [row["family"] for row in table]
    torch = next(row for row in rows if row["family"] == TORCH_27)
    assert (torch["version"], torch["end_of_availability"], torch["listed"]) == ("pytorch-2.7", "2027-04-13", True)
    assert all(line.count(" | ") == len(torch) - 1 for line in marked)
    assert "none of json, csv, markdown" in operator.run("export", "--format", "xml", code=2)
