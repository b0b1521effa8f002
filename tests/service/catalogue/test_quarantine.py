"""Quarantine of suspicious cells and pages, which keep their last good values until a person decides."""

from datetime import date, datetime

import pytest

from bot.answers import VersionList
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.slack.blocks.modals.subscribe import list_options
from bot.slack.blocks.reminders.message import render_reminder
from bot.slack.blocks.render import render
from storage import catalogue
from storage.facts import WHOLE_PAGE, Resolution
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import FLOW_217, KNOWN_ROWS, TORCH_27, replace_cells
from tests.service.driver import utc
from tests.service.page_fixture import HOUR, START, FakePage, resolve_entry


def test_page_with_a_quarantined_cell_is_fetched_in_full_again(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    assert lone_page.read(START) is ReadingOutcome.UNCHANGED
    assert lone_page.find_source().etag == ""


def test_suspicious_cell_enters_once_it_is_accepted(page: FakePage) -> None:
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    result = page.run(START)
    assert result is not None
    assert result.outcome is ReadingOutcome.UNCHANGED
    entries = [entry for entry in result.quarantined if entry.family == TORCH_27]
    assert entries
    assert page.get_date(TORCH_27) == date(2027, 4, 13)
    again = page.run(START + 6 * HOUR)
    assert again is not None
    assert again.quarantined == ()
    for entry in entries:
        resolve_entry(page, entry.entry_id, Resolution.ACCEPTED, START + 8 * HOUR)
    assert page.read(START + 8 * HOUR) is ReadingOutcome.CONFIRMED
    assert page.get_date(TORCH_27) == date(2029, 8, 13)


@pytest.mark.parametrize("resolution", [Resolution.OPEN, Resolution.REJECTED])
def test_date_is_unverified_until_the_page_agrees_again(page: FakePage, resolution: Resolution) -> None:
    def show_status(now: datetime) -> str:
        return str(render(page.driver.run("status pytorch-2.7", now))["text"])

    assert "isn’t verified" not in show_status(START)
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    result = page.run(START)
    assert result is not None
    for entry in result.quarantined if resolution is Resolution.REJECTED else ():
        resolve_entry(page, entry.entry_id, resolution, START)
    text = show_status(START + HOUR)
    assert "*The last day these images can be used, 13 Apr 2027, isn’t verified* for `pytorch-2-7-cu128" in text
    assert "the page now says “August 13, 2029”: the date moved by 853 days, more than 400. The last good date" in text
    page.driver.run("subscribe pytorch-2.7", START)
    page.driver.build_loop().tick(utc("2027-01-13 09:00"))
    (reminder,) = page.driver.sender.accepted
    assert "*Not verified*: the page now says “August 13, 2029”: the date moved by" in str(
        render_reminder(reminder)["text"]
    )
    page.rows = page_factories.SEED
    page.run(START + 6 * HOUR)
    assert "isn’t verified" not in show_status(START + 7 * HOUR)


@pytest.mark.parametrize(
    ("command", "phrase"),
    [
        ("list pytorch", "13 Apr 2027, not verified"),
        (
            "list pytorch",
            "Not verified: the page now prints another date; `/dlvm status` of the version shows it.",
        ),
        ("upcoming 365", "`pytorch-2.7` ★, not verified"),
        ("preview 365", "13 Apr 2027 (in 90 days), not verified"),
        ("history pytorch-2.7", "*Last day these images can be used*, 13 Apr 2027, not verified: first seen"),
        ("subscriptions", "13 Apr 2027 (in 195 days), not verified"),
        ("status pytorch-2.7", "13 Apr 2027, not verified, 195 days left"),
    ],
)
def test_unverified_date_is_marked_in_every_answer(page: FakePage, command: str, phrase: str) -> None:
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    page.driver.run("subscribe pytorch-2.7", START)
    assert "not verified" not in str(render(page.driver.run(command, utc("2026-09-30 12:00")))["text"])
    page.run(START)
    assert phrase in str(render(page.driver.run(command, utc("2026-09-30 12:00")))["text"])


def test_unverified_passed_date_is_marked_too(lone_page: FakePage) -> None:
    driver = lone_page.driver
    lone_page.rows = replace_cells({TORCH_27: {"end_of_patch": "August 13, 2029"}})
    lone_page.run(START)
    text = str(render(driver.run("subscribe pytorch-2.7", utc("2026-04-14 10:00")))["text"])
    assert "the last day of patches and support was 13 Apr 2026 (1 day ago), not verified." in text
    driver.run("settings weekly on", utc("2026-04-14 10:00"))
    driver.build_loop().tick(utc("2026-04-20 09:00"))
    assert "was 13 Apr 2026 (7 days ago), not verified" in str(render_reminder(driver.sender.accepted[-1])["text"])


def test_unverified_date_is_marked_in_the_subscribe_form(page: FakePage) -> None:
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    page.run(START)
    listed = page.driver.run("list pytorch", utc("2026-09-30 12:00"))
    assert isinstance(listed, VersionList)
    labels = {option["value"]: option["text"]["text"] for option in list_options(listed, "")}
    assert labels["pytorch-2.7"] == "pytorch-2.7: unavailable after 13 Apr 2027 (in 195 days), not verified"
    assert "not verified" not in labels["pytorch-2.9"]


def test_rejected_cell_keeps_its_value_and_is_not_reported_again(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    result = lone_page.run(START)
    assert result is not None
    for entry in result.quarantined:
        resolve_entry(lone_page, entry.entry_id, Resolution.REJECTED, START + HOUR)
    again = lone_page.run(START + 6 * HOUR)
    assert again is not None
    assert again.quarantined == ()
    assert lone_page.get_date(TORCH_27) == date(2027, 4, 13)


def test_page_that_lost_rows_is_quarantined_until_accepted(page: FakePage) -> None:
    page.rows = list(page_factories.SEED)[:30]
    result = page.run(START)
    assert result is not None
    (entry,) = result.quarantined
    assert (result.outcome, entry.field, entry.reason) == (
        ReadingOutcome.QUARANTINED,
        WHOLE_PAGE,
        "22 of 52 rows are gone, more than a fifth",
    )
    assert len(entry.difference) >= 22
    assert page.find_source().last_good_at is None
    resolve_entry(page, entry.entry_id, Resolution.ACCEPTED, START + HOUR)
    accepted = page.run(START + HOUR)
    assert accepted is not None
    assert (accepted.outcome, len(accepted.vanished)) == (ReadingOutcome.CONFIRMED, 22)
    with page.driver.database.read_only() as session:
        assert len(catalogue.list_vanished(session)) == 22
        assert len(catalogue.list_all(session)) == 52


def test_overlong_text_is_quarantined_and_not_acceptable(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({FLOW_217: {"accelerator": "x" * 501}})
    result = lone_page.run(START)
    assert result is not None
    (entry,) = (entry for entry in result.quarantined if entry.family == FLOW_217)
    assert (len(entry.printed), entry.acceptable) == (500, False)


def test_row_that_cannot_be_stored_changes_nothing(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({TORCH_27: {"label": KNOWN_ROWS[TORCH_27].label + " x" * 250}})
    lone_page.run(START)
    result = lone_page.run(START + HOUR)
    assert result is not None
    assert result.outcome is None
    assert result.problem.startswith("it can’t be stored")
    assert lone_page.find_source().problem == result.problem
