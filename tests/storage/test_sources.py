"""The polling state of a page, and the stored texts of pages."""

from datetime import timedelta

from storage import sources
from storage.database import Database
from storage.facts import DLVM, Source
from tests.storage.factories import NOW

HOUR = timedelta(hours=1)


def test_a_page_can_be_polled_at_once_and_then_hourly(database: Database) -> None:
    with database.transaction() as session:
        assert sources.find(session) == Source()
        assert sources.claim(session, NOW, HOUR)
        assert not sources.claim(session, NOW + timedelta(minutes=59), HOUR)
        assert not sources.claim(session, NOW + timedelta(minutes=59), HOUR, manual=True)
        assert sources.claim(session, NOW + HOUR, HOUR)
        assert sources.find(session).polled_at == NOW + HOUR


def test_a_poll_result_sets_the_time_of_the_next_poll(database: Database) -> None:
    source = Source(DLVM, None, NOW, NOW + 6 * HOUR, NOW, '"e"', "Wed", "", "f1", NOW)
    with database.transaction() as session:
        sources.claim(session, NOW, HOUR)
        sources.save_poll_result(session, source)
        assert sources.find(session) == source
        assert not sources.claim(session, NOW + 5 * HOUR, HOUR)
        assert sources.claim(session, NOW + 5 * HOUR, HOUR, manual=True)


def test_turning_polling_on_twice_keeps_the_first_time(database: Database) -> None:
    with database.transaction() as session:
        sources.set_polling(session, NOW)
        sources.set_polling(session, NOW + HOUR)
        assert sources.find(session).polling_since == NOW
        sources.set_polling(session, None)
        assert sources.find(session).polling_since is None


def test_a_forced_poll_is_due_an_hour_after_the_last_one(database: Database) -> None:
    with database.transaction() as session:
        sources.claim(session, NOW, HOUR)
        sources.save_poll_result(session, Source(DLVM, None, NOW, NOW + 6 * HOUR, NOW, '"e"', "Wed"))
        sources.force_poll(session)
        assert sources.find(session).etag == ""
        assert not sources.claim(session, NOW + HOUR / 2, HOUR)
        assert sources.claim(session, NOW + HOUR, HOUR)


def test_a_page_keeps_its_last_text(database: Database) -> None:
    with database.transaction() as session:
        assert sources.find_text(session, "policy") is None
        sources.save_text(session, "policy", "one\ntwo", NOW)
        assert sources.find_text(session, "policy") == "one\ntwo"
        sources.save_text(session, "policy", "thr\0ee", NOW)
        sources.save_text(session, "other", "four", NOW)
    with database.read_only() as session:
        assert (sources.find_text(session, "policy"), sources.find_text(session, "other")) == ("three", "four")
