"""After 48 hours without a good reading answers and reminders say so; where the page is not fetched nobody does."""

from datetime import timedelta

from msgspec.structs import replace

from bot.slack.blocks.reminders.message import render_reminder as drawn
from bot.slack.blocks.render import render
from storage import sources
from storage.facts import DLVM
from tests.service.driver import Driver, utc

DUE = utc("2027-01-13 09:00")
GOOD = utc("2027-01-10 09:00")
SAID = "Not verified since 10 Jan 2027"


def read(desk: Driver, *, watched: bool = True) -> None:
    """The page was last well read on a day."""
    with desk.database.transaction() as session:
        sources.set_polling(session, GOOD if watched else None)
        sources.save_poll_result(session, replace(sources.find(session, DLVM), last_good_at=GOOD))


def test_a_status_says_since_when_nobody_verified_the_dates(desk: Driver) -> None:
    read(desk)
    assert SAID not in str(render(desk.run("status pytorch-2.7", GOOD + timedelta(hours=48))))
    assert SAID in str(render(desk.run("status pytorch-2.7", GOOD + timedelta(hours=49))))


def test_a_reminder_says_so_too(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    read(desk)
    desk.build_loop().tick(DUE)
    assert SAID in str(drawn(desk.sender.accepted[0]))


def test_where_the_page_is_not_fetched_its_age_is_not_counted(lone_desk: Driver) -> None:
    read(lone_desk, watched=False)
    assert "Not verified" not in str(render(lone_desk.run("status pytorch-2.7", DUE)))


def test_a_good_reading_ends_it(lone_desk: Driver) -> None:
    read(lone_desk)
    assert SAID in str(render(lone_desk.run("status pytorch-2.7", DUE)))
    with lone_desk.database.transaction() as session:
        sources.save_poll_result(session, replace(sources.find(session, DLVM), last_good_at=DUE))
    assert "Not verified" not in str(render(lone_desk.run("status pytorch-2.7", DUE)))
