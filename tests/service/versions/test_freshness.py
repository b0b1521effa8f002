"""Answers and reminders warn after 48 hours without a good reading, if the page is polled at all."""

from datetime import timedelta

from msgspec.structs import replace

from bot.slack.blocks.reminders.message import render_reminder
from bot.slack.blocks.render import render
from storage import sources
from storage.facts import DLVM
from tests.service.driver import Driver, utc

DUE = utc("2027-01-13 09:00")
LAST_GOOD_AT = utc("2027-01-10 09:00")
WARNING = "Not verified since 10 Jan 2027"


def set_last_reading(driver: Driver, *, is_polled: bool = True) -> None:
    """Store that the page was last read successfully at LAST_GOOD_AT."""
    with driver.database.transaction() as session:
        sources.set_polling(session, LAST_GOOD_AT if is_polled else None)
        sources.save_poll_result(session, replace(sources.find(session, DLVM), last_good_at=LAST_GOOD_AT))


def test_status_warns_48_hours_after_the_last_good_reading(driver: Driver) -> None:
    set_last_reading(driver)
    assert WARNING not in str(render(driver.run("status pytorch-2.7", LAST_GOOD_AT + timedelta(hours=48))))
    assert WARNING in str(render(driver.run("status pytorch-2.7", LAST_GOOD_AT + timedelta(hours=49))))


def test_reminder_warns_too(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    set_last_reading(driver)
    driver.build_loop().tick(DUE)
    assert WARNING in str(render_reminder(driver.sender.accepted[0]))


def test_status_does_not_warn_if_the_page_is_not_polled(sqlite_driver: Driver) -> None:
    set_last_reading(sqlite_driver, is_polled=False)
    assert "Not verified" not in str(render(sqlite_driver.run("status pytorch-2.7", DUE)))


def test_good_reading_ends_the_warning(sqlite_driver: Driver) -> None:
    set_last_reading(sqlite_driver)
    assert WARNING in str(render(sqlite_driver.run("status pytorch-2.7", DUE)))
    with sqlite_driver.database.transaction() as session:
        sources.save_poll_result(session, replace(sources.find(session, DLVM), last_good_at=DUE))
    assert "Not verified" not in str(render(sqlite_driver.run("status pytorch-2.7", DUE)))
