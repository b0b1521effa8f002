"""Refresh of the catalogue from the page: polling, confirmation, failures and vanished rows."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.answers import ReminderMessage
from bot.catalogue.http.results import FetchedPage, Unavailable
from bot.catalogue.page import PAGE_URL
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.service.catalogue.refresh import RefreshResult
from storage import catalogue, catalogue_history, sources
from storage.facts import DLVM, Source
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import TORCH_24, TORCH_27, drop_families, replace_cells
from tests.service.page_fixture import HOUR, LATER_DATES, START, FakePage


def test_change_is_applied_once_a_second_reading_confirms_it(page: FakePage) -> None:
    page.driver.run("subscribe pytorch-2.7", START)
    page.rows = replace_cells(LATER_DATES)
    assert page.read(START) is ReadingOutcome.UNCONFIRMED
    assert page.get_date(TORCH_27) == date(2027, 4, 13)
    assert page.run(START + timedelta(minutes=59)) is None
    result = page.run(START + HOUR)
    assert result is not None
    assert result.outcome is ReadingOutcome.CONFIRMED
    assert page.get_date(TORCH_27) == date(2027, 10, 13)
    assert [(change.before, change.after) for change in result.changes if "availability" in change.milestone] == [
        (date(2027, 4, 13), date(2027, 10, 13))
    ]
    page.driver.build_loop().tick(START + 2 * HOUR)
    (message,) = page.driver.sender.accepted
    assert isinstance(message, ReminderMessage)
    assert {line.after for line in message.date_changes} == {date(2027, 10, 13), date(2026, 10, 13)}
    with page.driver.database.read_only() as session:
        values = catalogue_history.list_values(session, DLVM, "pytorch-2.7")
    days = [(v.value, v.last_seen) for v in values if (v.family, v.field) == (TORCH_27, "end_of_availability")]
    assert days == [("2027-04-13", START), ("2027-10-13", None)]


def test_change_that_is_reverted_is_not_applied(lone_page: FakePage) -> None:
    lone_page.rows = replace_cells(LATER_DATES)
    assert lone_page.read(START) is ReadingOutcome.UNCONFIRMED
    lone_page.rows = page_factories.SEED
    assert lone_page.read(START + HOUR) is ReadingOutcome.UNCHANGED
    lone_page.rows = replace_cells(LATER_DATES)
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCONFIRMED
    assert lone_page.get_date(TORCH_27) == date(2027, 4, 13)


def test_page_is_polled_every_6_hours_or_manually_once_an_hour(lone_page: FakePage) -> None:
    assert lone_page.read(START) is ReadingOutcome.UNCHANGED
    assert lone_page.run(START + timedelta(hours=5, minutes=59)) is None
    assert lone_page.run(START + timedelta(minutes=59), manual=True) is None
    assert lone_page.read(START + HOUR, manual=True) is ReadingOutcome.UNCHANGED
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCHANGED
    assert len(lone_page.requests) == 3
    assert lone_page.requests[0].etag == ""
    assert lone_page.requests[1].etag == lone_page.requests[2].etag != ""


def read_tables(page: FakePage) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with page.driver.database.read_only() as session:
        return {
            table.name: [tuple(row) for row in session.execute(sa.select(table))]
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.mark.parametrize("has_etag", [True, False], ids=["304", "the same page"])
def test_refresh_without_changes_writes_one_row(page: FakePage, *, has_etag: bool) -> None:
    page.run(START)
    if not has_etag:
        with page.driver.database.transaction() as session:
            sources.save_poll_result(session, Source(next_poll_at=START))
    before, written = read_tables(page), set()

    def record_write(*arguments: object) -> None:
        statement = str(arguments[2])
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written.add(statement.removeprefix("INSERT INTO").removeprefix("UPDATE").split()[0])

    sa.event.listen(sa.Engine, "before_cursor_execute", record_write)
    try:
        assert page.read(START + 6 * HOUR) is ReadingOutcome.UNCHANGED
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", record_write)
    after = read_tables(page)
    assert written == {"source"}
    assert {name for name in after if after[name] != before[name]} == {"source"}
    assert [len(tables["source"]) for tables in (before, after)] == [1, 1]


def test_failed_fetch_changes_nothing_and_is_retried_in_an_hour(lone_page: FakePage) -> None:
    lone_page.run(START)
    lone_page.outcome = Unavailable("the server answered 500")
    result = lone_page.run(START + 6 * HOUR)
    assert result == RefreshResult(None, "the server answered 500")
    source = lone_page.find_source()
    assert (source.problem, source.last_good_at) == ("the server answered 500", START)
    lone_page.outcome = None
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCHANGED
    assert lone_page.find_source().problem == ""


def test_wrong_page_changes_nothing(lone_page: FakePage) -> None:
    lone_page.outcome = FetchedPage("<html><body>Are you a robot? captcha</body></html>", PAGE_URL, '"1"', "")
    result = lone_page.run(START)
    assert result is not None
    assert result.outcome is None
    assert result.problem
    assert lone_page.find_source().etag == ""


def test_page_older_than_the_catalogue_is_rejected(lone_page: FakePage) -> None:
    text = page_factories.write_plain_html(replace_cells(LATER_DATES)).replace(
        "Last updated 2026-04-10", "Last updated 2026-04-09"
    )
    lone_page.outcome = FetchedPage(text, PAGE_URL, "", "")
    result = lone_page.run(START)
    assert result is not None
    assert result.problem == "the page (2026-04-09) is older than the catalogue (2026-04-10)"


def test_older_day_with_unchanged_rows_is_ignored(lone_page: FakePage) -> None:
    text = page_factories.write_plain_html(page_factories.SEED).replace(
        "Last updated 2026-04-10", "Last updated 2026-04-09"
    )
    lone_page.outcome = FetchedPage(text, PAGE_URL, "", "")
    assert lone_page.read(START) is ReadingOutcome.UNCHANGED
    with lone_page.driver.database.read_only() as session:
        last_reading = catalogue.find_last_reading(session)
    assert last_reading is not None
    assert last_reading.as_of == date(2026, 4, 10)


def test_newer_day_with_unchanged_rows_is_stored(lone_page: FakePage) -> None:
    text = page_factories.write_plain_html(page_factories.SEED).replace(
        "Last updated 2026-04-10", "Last updated 2026-11-30"
    )
    lone_page.outcome = FetchedPage(text, PAGE_URL, "", "")
    assert lone_page.read(START) is ReadingOutcome.REDATED
    with lone_page.driver.database.read_only() as session:
        last_reading = catalogue.find_last_reading(session)
    assert last_reading is not None
    assert (last_reading.as_of, last_reading.rows) == (date(2026, 11, 30), 52)
    assert lone_page.read(START + 6 * HOUR) is ReadingOutcome.UNCHANGED


def test_vanished_row_is_kept_and_listed_again_on_return(lone_page: FakePage) -> None:
    lone_page.rows = drop_families(TORCH_24)
    assert lone_page.read(START) is ReadingOutcome.UNCONFIRMED
    result = lone_page.run(START + HOUR)
    assert result is not None
    assert (result.outcome, result.vanished) == (ReadingOutcome.CONFIRMED, (TORCH_24,))
    assert lone_page.get_date(TORCH_24)
    assert lone_page.read(START + 7 * HOUR) is ReadingOutcome.UNCHANGED
    lone_page.rows = page_factories.SEED
    assert lone_page.read(START + 13 * HOUR) is ReadingOutcome.UNCONFIRMED
    assert lone_page.read(START + 14 * HOUR) is ReadingOutcome.CONFIRMED
    with lone_page.driver.database.read_only() as session:
        assert catalogue.list_vanished(session) == frozenset()
        rows = [
            v.value
            for v in catalogue_history.list_values(session)
            if (v.family, v.field) == (TORCH_24, catalogue_history.ROW)
        ]
    assert rows == [catalogue_history.LISTED, catalogue_history.VANISHED, catalogue_history.LISTED]


def test_source_claimed_by_another_process_is_not_fetched(lone_page: FakePage) -> None:
    with lone_page.driver.database.transaction() as session:
        assert sources.claim(session, START, HOUR)
    assert lone_page.run(START) is None
    assert lone_page.requests == []
