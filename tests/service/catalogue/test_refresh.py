"""The page read every few hours: believed once confirmed, held where it is odd, and left alone where it is the same."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.answers import ReminderMessage
from bot.catalogue.http.results import FetchedPage, Unavailable
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.service.catalogue.refresh import RefreshResult
from storage import catalogue, catalogue_history, sources
from storage.facts import DLVM, Source
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import TORCH_24, TORCH_27, drop_families, replace_cells
from tests.service.driver import Driver
from tests.service.page_fixture import HOUR, LATER_DATES, START, URL, FakePage


@pytest.fixture
def page(desk: Driver) -> FakePage:
    return FakePage(desk)


@pytest.fixture
def lone_page(lone_desk: Driver) -> FakePage:
    return FakePage(lone_desk)


def test_a_change_is_taken_after_a_second_reading_an_hour_later_and_told(page: FakePage) -> None:
    page.desk.run("subscribe pytorch-2.7", START)
    page.rows = replace_cells(LATER_DATES)
    assert page.read(START) is ReadingOutcome.UNCONFIRMED
    assert page.get_date(TORCH_27) == date(2027, 4, 13)
    assert page.run(START + timedelta(minutes=59)) is None
    done = page.run(START + HOUR)
    assert done is not None
    assert done.outcome is ReadingOutcome.CONFIRMED
    assert page.get_date(TORCH_27) == date(2027, 10, 13)
    assert [(change.before, change.after) for change in done.changes if "availability" in change.milestone] == [
        (date(2027, 4, 13), date(2027, 10, 13))
    ]
    page.desk.build_loop().tick(START + 2 * HOUR)
    (message,) = page.desk.sender.accepted
    assert isinstance(message, ReminderMessage)
    assert {line.after for line in message.date_changes} == {date(2027, 10, 13), date(2026, 10, 13)}
    with page.desk.database.read_only() as session:
        told = catalogue_history.list_values(session, DLVM, "pytorch-2.7")
    days = [(v.value, v.last_seen) for v in told if (v.family, v.field) == (TORCH_27, "end_of_availability")]
    assert days == [("2027-04-13", START), ("2027-10-13", None)]


def test_a_change_that_is_gone_an_hour_later_was_never_there(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells(LATER_DATES)
    assert lone_page.read(START) is ReadingOutcome.UNCONFIRMED
    lone_page.rows = page_factories.SEED
    assert lone_page.read(START + HOUR) is ReadingOutcome.UNCHANGED
    lone_page.rows = replace_cells(LATER_DATES)
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCONFIRMED
    assert lone_page.get_date(TORCH_27) == date(2027, 4, 13)


def test_the_page_is_asked_every_six_hours_and_by_hand_at_most_hourly(lone_page: FakePage) -> None:
    assert lone_page.read(START) is ReadingOutcome.UNCHANGED
    assert lone_page.run(START + timedelta(hours=5, minutes=59)) is None
    assert lone_page.run(START + timedelta(minutes=59), manual=True) is None
    assert lone_page.read(START + HOUR, manual=True) is ReadingOutcome.UNCHANGED
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCHANGED
    assert len(lone_page.requests) == 3
    assert lone_page.requests[0].etag == ""
    assert lone_page.requests[1].etag == lone_page.requests[2].etag != ""


def _stored(page: FakePage) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with page.desk.database.read_only() as session:
        return {
            table.name: [tuple(row) for row in session.execute(sa.select(table))]
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.mark.parametrize("tagged", [True, False], ids=["304", "the same page"])
def test_a_refresh_that_finds_nothing_new_writes_one_row(page: FakePage, *, tagged: bool) -> None:
    page.run(START)
    if not tagged:
        with page.desk.database.transaction() as session:
            sources.save_poll_result(session, Source(next_poll_at=START))
    before, written = _stored(page), set()

    def note(*given: object) -> None:
        statement = str(given[2])
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written.add(statement.removeprefix("INSERT INTO").removeprefix("UPDATE").split()[0])

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        assert page.read(START + 6 * HOUR) is ReadingOutcome.UNCHANGED
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    after = _stored(page)
    assert written == {"source"}
    assert {name for name in after if after[name] != before[name]} == {"source"}
    assert [len(found["source"]) for found in (before, after)] == [1, 1]


def test_a_page_out_of_reach_changes_nothing_and_is_tried_again_an_hour_later(lone_page: FakePage) -> None:
    lone_page.run(START)
    lone_page.outcome = Unavailable("the server answered 500")
    done = lone_page.run(START + 6 * HOUR)
    assert done == RefreshResult(None, "the server answered 500")
    source = lone_page.find_source()
    assert (source.problem, source.last_good_at) == ("the server answered 500", START)
    lone_page.outcome = None
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCHANGED
    assert lone_page.find_source().problem == ""


def test_a_page_that_is_another_one_changes_nothing(lone_page: FakePage) -> None:
    lone_page.outcome = FetchedPage("<html><body>Are you a robot? captcha</body></html>", URL, '"1"', "", "")
    done = lone_page.run(START)
    assert done is not None
    assert done.outcome is None
    assert done.problem
    assert lone_page.find_source().etag == ""


def test_a_page_older_than_the_catalogue_is_not_believed(lone_page: FakePage) -> None:
    text = page_factories.write_plain_html(replace_cells(LATER_DATES)).replace(
        "Last updated 2026-04-10", "Last updated 2026-04-09"
    )
    lone_page.outcome = FetchedPage(text, URL, "", "", "")
    done = lone_page.run(START)
    assert done is not None
    assert done.problem == "it is as of 2026-04-09, and the catalogue as of 2026-04-10 already"


def test_an_older_day_on_a_page_with_the_same_rows_is_no_matter(lone_page: FakePage) -> None:
    text = page_factories.write_plain_html(page_factories.SEED).replace(
        "Last updated 2026-04-10", "Last updated 2026-04-09"
    )
    lone_page.outcome = FetchedPage(text, URL, "", "", "")
    assert lone_page.read(START) is ReadingOutcome.UNCHANGED
    with lone_page.desk.database.read_only() as session:
        last = catalogue.find_last_reading(session)
    assert last is not None
    assert last.as_of == date(2026, 4, 10)


def test_a_newer_day_on_a_page_with_the_same_rows_is_noted(lone_page: FakePage) -> None:
    text = page_factories.write_plain_html(page_factories.SEED).replace(
        "Last updated 2026-04-10", "Last updated 2026-11-30"
    )
    lone_page.outcome = FetchedPage(text, URL, "", "", "")
    assert lone_page.read(START) is ReadingOutcome.REDATED
    with lone_page.desk.database.read_only() as session:
        last = catalogue.find_last_reading(session)
    assert last is not None
    assert (last.as_of, last.rows) == (date(2026, 11, 30), 52)
    assert lone_page.read(START + 6 * HOUR) is ReadingOutcome.UNCHANGED


def test_a_row_that_vanishes_is_kept_and_one_that_returns_is_listed_again(lone_page: FakePage) -> None:
    lone_page.rows = drop_families(TORCH_24)
    assert lone_page.read(START) is ReadingOutcome.UNCONFIRMED
    done = lone_page.run(START + HOUR)
    assert done is not None
    assert (done.outcome, done.vanished) == (ReadingOutcome.CONFIRMED, (TORCH_24,))
    assert lone_page.get_date(TORCH_24)
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCHANGED
    lone_page.rows = page_factories.SEED
    assert lone_page.read(START + 13 * HOUR) is ReadingOutcome.UNCONFIRMED
    assert lone_page.read(START + 14 * HOUR) is ReadingOutcome.CONFIRMED
    with lone_page.desk.database.read_only() as session:
        assert catalogue.list_vanished(session) == frozenset()
        rows = [
            v.value
            for v in catalogue_history.list_values(session)
            if (v.family, v.field) == (TORCH_24, catalogue_history.ROW)
        ]
    assert rows == [catalogue_history.LISTED, catalogue_history.VANISHED, catalogue_history.LISTED]


def test_of_two_processes_one_asks(lone_page: FakePage) -> None:
    with lone_page.desk.database.transaction() as session:
        assert sources.claim(session, START, HOUR)
    assert lone_page.run(START) is None
    assert lone_page.requests == []
