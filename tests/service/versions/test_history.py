"""History of a version: its changes, and how much notice each date gave."""

from datetime import UTC, date, datetime

import pytest

from bot import answers
from bot.answers import History, HistoryKind
from bot.service.catalogue.override_input import OverrideRequest
from bot.service.catalogue.overrides import Overrides
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks import history
from bot.slack.blocks.render import render
from storage import release_notes
from storage.facts import DLVM, Milestone, ReleaseNote, Resolution
from tests.catalogue.validation_factories import TORCH_27, drop_families, replace_cells
from tests.service.driver import Driver, utc
from tests.service.page_fixture import HOUR, LATER_DATES, START, FakePage, resolve_entry

AVAILABILITY = Milestone.END_OF_AVAILABILITY
VERSION = "pytorch-2.7"


def show_history(driver: Driver, now: datetime, text: str = VERSION) -> History:
    answer = driver.run(f"history {text}", now)
    assert isinstance(answer, History), answer
    return answer


def make_note(day: date, kind: str, text: str, *versions: str) -> ReleaseNote:
    url = f"https://docs.example.test/notes#{day:%B_%d_%Y}"
    return ReleaseNote(DLVM, day, kind, 1, "", text, "hash", url, versions, datetime(2026, 4, 11, tzinfo=UTC))


def test_history_lists_every_kind_of_change_in_order(driver: Driver) -> None:
    page = FakePage(driver, replace_cells(LATER_DATES))
    page.run(START)
    page.run(START + HOUR)
    page.rows = replace_cells({TORCH_27: {**LATER_DATES[TORCH_27], "end_of_availability": "Smarch 13, 2027"}})
    page.run(START + 2 * HOUR, manual=True)
    overrides = Overrides(driver.database, SnapshotCache(), driver.default)
    overrides.set(
        OverrideRequest("torch 2.7", {AVAILABILITY: date(2027, 12, 1)}, "case 123", "Ada"), utc("2026-05-01 10:00")
    )
    overrides.end(VERSION, (), "Ben", utc("2026-05-02 10:00"))
    page.rows = drop_families(TORCH_27)
    page.run(utc("2026-05-03 10:00"), manual=True)
    page.run(utc("2026-05-03 11:00"), manual=True)
    page.rows = replace_cells(LATER_DATES)
    page.run(utc("2026-05-04 10:00"), manual=True)
    page.run(utc("2026-05-04 11:00"), manual=True)

    answer = show_history(driver, utc("2026-06-01 10:00"))
    assert [(str(line.day), line.kind) for line in answer.lines] == [
        ("2026-04-10", HistoryKind.FIRST_SEEN),
        ("2026-04-10", HistoryKind.PRINTED),
        ("2026-04-10", HistoryKind.PRINTED),
        ("2026-04-12", HistoryKind.MOVED),
        ("2026-04-12", HistoryKind.MOVED),
        ("2026-04-12", HistoryKind.QUARANTINED),
        ("2026-05-01", HistoryKind.OVERRIDE_SET),
        ("2026-05-02", HistoryKind.OVERRIDE_ENDED),
        ("2026-05-03", HistoryKind.VANISHED),
        ("2026-05-04", HistoryKind.RETURNED),
    ]
    assert {line.notice_days for line in answer.lines if line.kind is HistoryKind.MOVED} == {184, 549}
    text = render(answer)["text"]
    for sentence in (
        "• *10 Apr 2026*  first seen in the table (`pytorch-2-7-cu128-ubuntu-2204-nvidia-570`)",
        "last day these images can be used published as “April 13, 2027”, 368 days before the date",
        "last day these images can be used changed from “April 13, 2027” to “October 13, 2027”, 549 days before the",
        "sent for review: last day these images can be used “Smarch 13, 2027”: “Smarch 13, 2027” is not a date",
        "in any format the page uses; no longer on the page; “October 13, 2027” was kept",
        "last day these images can be used overridden with 1 Dec 2027 by Ada, 579 days before the date: case 123",
        "last day these images can be used no longer overridden with 1 Dec 2027: removed by Ben",
        "• *3 May 2026*  removed from the table",
        "• *4 May 2026*  listed again",
        "*Last day these images can be used*, 13 Oct 2027: first seen 12 Apr 2026, 549 days before the date.",
    ):
        assert sentence in text


def test_history_has_the_release_notes_and_their_lead_time(sqlite_driver: Driver) -> None:
    with sqlite_driver.database.transaction() as session:
        release_notes.save(
            session,
            [
                make_note(date(2024, 5, 1), "Feature", "PyTorch 2.3 images are available.", "pytorch-2.3"),
                make_note(date(2025, 7, 14), "Breaking", "PyTorch 2.3 and earlier are deprecated. " * 9, "pytorch-2.3"),
            ],
        )
    answer = show_history(sqlite_driver, utc("2026-06-01 10:00"), "torch 2.3")
    assert [line.field for line in answer.lines if line.kind is HistoryKind.RELEASE_NOTE] == ["Feature", "Breaking"]
    assert [str(line.day) for line in answer.lines] == sorted(str(line.day) for line in answer.lines)
    assert {(notice.milestone.value, notice.announced_days_after) for notice in answer.notices} == {
        ("end_of_patch_and_support", 81),
        ("end_of_availability", -284),
    }
    text = render(answer)["text"]
    link = "Google’s <https://docs.example.test/notes#July_14_2025|release notes>"
    assert f"{link} mentioned it on 14 Jul 2025, 81 days after the date." in text
    assert "first seen 10 Apr 2026, 351 days after the date" in text
    assert "release notes>, Breaking: PyTorch 2.3 and earlier are deprecated. PyTorch" in text
    assert text.count("…") == 1
    assert (
        "Not mentioned in the release notes dlvm has seen."
        in render(show_history(sqlite_driver, utc("2026-06-01 10:00"), "pytorch-2.9"))["text"]
    )


def test_overridden_date_is_known_since_the_override(sqlite_driver: Driver) -> None:
    request = OverrideRequest(VERSION, {AVAILABILITY: date(2026, 7, 11)}, "case 123", "Ada")
    Overrides(sqlite_driver.database, SnapshotCache(), sqlite_driver.default).set(request, utc("2026-05-01 10:00"))
    answer = show_history(sqlite_driver, utc("2026-06-01 10:00"))
    notices = {
        notice.milestone: (str(notice.known_since), notice.days, notice.is_overridden) for notice in answer.notices
    }
    assert notices[AVAILABILITY] == ("2026-05-01", 71, True)
    assert "11 Jul 2026, overridden: first seen 1 May 2026, 71 days before the date" in render(answer)["text"]


def test_history_has_filled_in_withdrawn_and_reprinted_cells(sqlite_driver: Driver) -> None:
    page = FakePage(
        sqlite_driver, replace_cells({TORCH_27: {"end_of_availability": "To be determined", "patch_version": "2.7.2"}})
    )
    page.run(START)
    page.run(START + HOUR)
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "Apr 13, 2027", "patch_version": "2.7.2"}})
    page.run(START + 2 * HOUR, manual=True)
    page.run(START + 3 * HOUR, manual=True)
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "April 13, 2027", "patch_version": "2.7.2"}})
    page.run(START + 4 * HOUR, manual=True)
    page.run(START + 5 * HOUR, manual=True)
    text = render(show_history(sqlite_driver, utc("2026-06-01 10:00")))["text"]
    assert "patch version “2.7.1” → “2.7.2”" in text
    assert "withdrawn: “To be determined” (previously “April 13, 2027”)" in text
    assert "filled in: “Apr 13, 2027”, 366 days before the date (previously “To be determined”)" in text
    assert "respelled: “April 13, 2027” (previously “Apr 13, 2027”)" in text


def test_history_has_the_resolution_of_a_quarantined_cell(sqlite_driver: Driver) -> None:
    page = FakePage(sqlite_driver, replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    resolve_entry(page, 1, Resolution.REJECTED, START + HOUR)
    quarantined = [
        line
        for line in show_history(sqlite_driver, utc("2026-06-01 10:00")).lines
        if line.kind is HistoryKind.QUARANTINED
    ]
    assert ("Ada", "rejected") in [(line.by, line.text.rpartition("; ")[2]) for line in quarantined]


def test_long_history_is_cut_for_slack_but_not_in_full_rendering(sqlite_driver: Driver) -> None:
    overrides = Overrides(sqlite_driver.database, SnapshotCache(), sqlite_driver.default)
    for day in range(1, history.MAX_LINES):
        request = OverrideRequest(VERSION, {AVAILABILITY: date(2027, 12, day)}, f"reason {day}", "Ada")
        overrides.set(request, utc(f"2026-05-{day:02} 10:00"))
    answer = show_history(sqlite_driver, utc("2026-06-01 10:00"))
    message_text, blocks = render(answer)["text"], history.render(answer, max_lines=0)["blocks"]
    full_text = "\n".join(block["text"]["text"] for block in blocks if block["type"] == "section")
    assert message_text.count("• ") == history.MAX_LINES
    assert "earlier lines not shown. In a terminal, `dlvm catalogue history pytorch-2.7` shows all." in message_text
    assert "first seen in the table" not in message_text
    assert full_text.count("• ") == len(answer.lines)
    assert full_text.count("• *10 Apr 2026*") == 3


def test_overrides_of_one_day_are_listed_in_order(sqlite_driver: Driver) -> None:
    overrides = Overrides(sqlite_driver.database, SnapshotCache(), sqlite_driver.default)
    request = OverrideRequest(VERSION, {AVAILABILITY: date(2027, 12, 1)}, "case 123", "Ada")
    overrides.set(request, utc("2026-05-01 10:00"))
    overrides.end(VERSION, (), "Ada", utc("2026-05-01 11:00"))
    overrides.set(request, utc("2026-05-01 12:00"))
    kinds = [line.kind for line in show_history(sqlite_driver, utc("2026-06-01 10:00")).lines[3:]]
    assert kinds == [HistoryKind.OVERRIDE_SET, HistoryKind.OVERRIDE_ENDED, HistoryKind.OVERRIDE_SET]


def test_change_of_several_families_is_one_line_that_names_them(sqlite_driver: Driver) -> None:
    answer = show_history(sqlite_driver, utc("2026-06-01 10:00"), "tf 2.11")
    (first_seen,) = [line for line in answer.lines if line.kind is HistoryKind.FIRST_SEEN]
    printed = [line for line in answer.lines if line.kind is HistoryKind.PRINTED]
    assert {len(first_seen.families), len(printed)} == {4}
    assert {(len(line.families), line.is_whole_version) for line in printed} == {(2, False)}
    assert all(
        f"({', '.join(f'`{family}`' for family in line.families)})" in render(answer)["text"] for line in printed
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2.9", answers.WhichFramework),
        ("pytorch", answers.Help),
        ("dlc:pytorch-2.4", answers.Help),
        ("workbench", answers.Help),
        ("pytorch-2.8", answers.NotInCatalogue),
        ("pytroch-2.7", answers.DidYouMean),
        ("", answers.Help),
    ],
)
def test_history_of_anything_but_a_version_asks_back(sqlite_driver: Driver, text: str, kind: type) -> None:
    assert isinstance(sqlite_driver.run(f"history {text}", START), kind)
