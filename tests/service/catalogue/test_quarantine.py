"""What is odd about a page is held until a person says something, and the last good value stays."""

from datetime import date, datetime

import pytest

from bot.answers import VersionList
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.slack.blocks.modals.subscribe import list_options
from bot.slack.blocks.reminders.message import render_reminder as drawn
from bot.slack.blocks.render import render
from storage import catalogue
from storage.facts import WHOLE_PAGE, Resolution
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import FLOW_217, KNOWN_ROWS, TORCH_27, replace_cells
from tests.service.driver import Driver, utc
from tests.service.page_fixture import HOUR, START, FakePage, resolve_entry


@pytest.fixture
def page(desk: Driver) -> FakePage:
    return FakePage(desk)


@pytest.fixture
def lone_page(lone_desk: Driver) -> FakePage:
    return FakePage(lone_desk)


def test_a_page_of_which_something_is_held_is_read_again_whole(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    assert lone_page.read(START) is ReadingOutcome.UNCHANGED
    assert lone_page.find_source().etag == ""


def test_a_cell_that_is_odd_is_held_and_taken_once_a_person_accepts_it(page: FakePage) -> None:
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    done = page.run(START)
    assert done is not None
    assert done.outcome is ReadingOutcome.UNCHANGED
    odd = [one for one in done.quarantined if one.family == TORCH_27]
    assert odd
    assert page.get_date(TORCH_27) == date(2027, 4, 13)
    again = page.run(START + 6 * HOUR)
    assert again is not None
    assert again.quarantined == ()
    for one in odd:
        resolve_entry(page, one.entry_id, Resolution.ACCEPTED, START + 8 * HOUR)
    assert page.read(START + 8 * HOUR) is ReadingOutcome.CONFIRMED
    assert page.get_date(TORCH_27) == date(2029, 8, 13)


@pytest.mark.parametrize("settled", [Resolution.OPEN, Resolution.REJECTED])
def test_a_date_that_the_page_says_otherwise_is_not_verified_until_the_page_says_it_again(
    page: FakePage, settled: Resolution
) -> None:
    def told(now: datetime) -> str:
        return str(render(page.desk.run("status pytorch-2.7", now))["text"])

    assert "isn’t verified" not in told(START)
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    done = page.run(START)
    assert done is not None
    for one in done.quarantined if settled is Resolution.REJECTED else ():
        resolve_entry(page, one.entry_id, settled, START)
    said = told(START + HOUR)
    assert "*The last day these images can be used, 13 Apr 2027, isn’t verified* for `pytorch-2-7-cu128" in said
    assert "the page prints “August 13, 2029”: the date moved by 853 days, more than 400. The last good date" in said
    page.desk.run("subscribe pytorch-2.7", START)
    page.desk.build_loop().tick(utc("2027-01-13 09:00"))
    (reminder,) = page.desk.sender.accepted
    assert "*Not verified*: the page prints “August 13, 2029”: the date moved by" in str(drawn(reminder)["text"])
    page.rows = page_factories.SEED
    page.run(START + 6 * HOUR)
    assert "isn’t verified" not in told(START + 7 * HOUR)


@pytest.mark.parametrize(
    ("question", "said"),
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
def test_wherever_a_date_is_shown_that_the_page_says_otherwise_it_is_marked(
    page: FakePage, question: str, said: str
) -> None:
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    page.desk.run("subscribe pytorch-2.7", START)
    assert "not verified" not in str(render(page.desk.run(question, utc("2026-09-30 12:00")))["text"])
    page.run(START)
    assert said in str(render(page.desk.run(question, utc("2026-09-30 12:00")))["text"])


def test_a_date_that_has_passed_is_marked_too_where_somebody_subscribes_and_in_the_summary(lone_page: FakePage) -> None:
    desk = lone_page.desk
    lone_page.rows = replace_cells({TORCH_27: {"end_of_patch": "August 13, 2029"}})
    lone_page.run(START)
    said = str(render(desk.run("subscribe pytorch-2.7", utc("2026-04-14 10:00")))["text"])
    assert "the last day of patches and support was 13 Apr 2026 (1 day ago), not verified." in said
    desk.run("settings weekly on", utc("2026-04-14 10:00"))
    desk.build_loop().tick(utc("2026-04-20 09:00"))
    assert "was 13 Apr 2026 (7 days ago), not verified" in str(drawn(desk.sender.accepted[-1])["text"])


def test_the_form_to_subscribe_marks_it_too(page: FakePage) -> None:
    page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    page.run(START)
    listed = page.desk.run("list pytorch", utc("2026-09-30 12:00"))
    assert isinstance(listed, VersionList)
    offered = {option["value"]: option["text"]["text"] for option in list_options(listed, "")}
    assert offered["pytorch-2.7"] == "pytorch-2.7: unavailable after 13 Apr 2027 (in 195 days), not verified"
    assert "not verified" not in offered["pytorch-2.9"]


def test_a_cell_that_is_rejected_stays_as_it_was_and_is_not_asked_again(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    done = lone_page.run(START)
    assert done is not None
    for one in done.quarantined:
        resolve_entry(lone_page, one.entry_id, Resolution.REJECTED, START + HOUR)
    again = lone_page.run(START + 6 * HOUR)
    assert again is not None
    assert again.quarantined == ()
    assert lone_page.get_date(TORCH_27) == date(2027, 4, 13)


def test_a_page_that_lost_half_its_rows_is_held_whole_until_a_person_accepts_it(page: FakePage) -> None:
    page.rows = list(page_factories.SEED)[:30]
    done = page.run(START)
    assert done is not None
    (one,) = done.quarantined
    assert (done.outcome, one.field, one.reason) == (
        ReadingOutcome.QUARANTINED,
        WHOLE_PAGE,
        "22 of 52 rows are gone, more than a fifth",
    )
    assert len(one.difference) >= 22
    assert page.find_source().last_good_at is None
    resolve_entry(page, one.entry_id, Resolution.ACCEPTED, START + HOUR)
    taken = page.run(START + HOUR)
    assert taken is not None
    assert (taken.outcome, len(taken.vanished)) == (ReadingOutcome.CONFIRMED, 22)
    with page.desk.database.read_only() as session:
        assert len(catalogue.list_vanished(session)) == 22
        assert len(catalogue.list_all(session)) == 52


def test_a_text_too_long_to_be_stored_is_held_and_can_not_be_accepted(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({FLOW_217: {"accelerator": "x" * 501}})
    done = lone_page.run(START)
    assert done is not None
    (one,) = (one for one in done.quarantined if one.family == FLOW_217)
    assert (len(one.printed), one.acceptable) == (500, False)


def test_a_row_that_can_not_be_stored_changes_nothing(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells({TORCH_27: {"label": KNOWN_ROWS[TORCH_27].label + " x" * 250}})
    lone_page.run(START)
    done = lone_page.run(START + HOUR)
    assert done is not None
    assert done.outcome is None
    assert done.problem.startswith("it can’t be stored")
    assert lone_page.find_source().problem == done.problem
