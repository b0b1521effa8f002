"""How a page is watched, what is held back of it, and every value its rows had."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from storage import catalogue, catalogue_history, migrations, quarantine, sources
from storage.database import Database
from storage.facts import DLVM, WHOLE_PAGE, PrintedDate, QuarantineEntry, Resolution, Source
from tests.storage.factories import NOW, make_family, make_reading

HOUR = timedelta(hours=1)
ONE, TWO = make_family("one"), make_family("two")


def make_entry(**changes: object) -> QuarantineEntry:
    values_: dict[str, object] = {
        "finding_id": 0,
        "product": DLVM,
        "family": "one",
        "field": "accelerator",
        "printed": "Toaster",
        "reason": "“Toaster” is not an accelerator",
        "last_good": "GPU",
        "fingerprint": "f1",
        "difference": (),
        "acceptable": True,
        "found_at": NOW,
    }
    return QuarantineEntry(**{**values_, **changes})  # type: ignore[arg-type] # fields by name, of several types


def test_a_page_that_nobody_tried_can_be_tried_at_once_and_then_after_the_pace(database: Database) -> None:
    with database.transaction() as session:
        assert sources.find(session) == Source()
        assert sources.claim(session, NOW, HOUR)
        assert not sources.claim(session, NOW + timedelta(minutes=59), HOUR)
        assert not sources.claim(session, NOW + timedelta(minutes=59), HOUR, manual=True)
        assert sources.claim(session, NOW + HOUR, HOUR)
        assert sources.find(session).polled_at == NOW + HOUR


def test_what_an_attempt_came_to_is_kept_and_says_when_the_next_is(database: Database) -> None:
    told = Source(DLVM, None, NOW, NOW + 6 * HOUR, NOW, '"e"', "Wed", "", "f1", NOW)
    with database.transaction() as session:
        sources.claim(session, NOW, HOUR)
        sources.save_poll_result(session, told)
        assert sources.find(session) == told
        assert not sources.claim(session, NOW + 5 * HOUR, HOUR)
        assert sources.claim(session, NOW + 5 * HOUR, HOUR, manual=True)


def test_who_watches_already_goes_on_watching_since_then(database: Database) -> None:
    with database.transaction() as session:
        sources.set_polling(session, NOW)
        sources.set_polling(session, NOW + HOUR)
        assert sources.find(session).polling_since == NOW
        sources.set_polling(session, None)
        assert sources.find(session).polling_since is None


def test_a_page_that_is_to_be_read_anew_is_due_an_hour_after_the_last_attempt(database: Database) -> None:
    with database.transaction() as session:
        sources.claim(session, NOW, HOUR)
        sources.save_poll_result(session, Source(DLVM, None, NOW, NOW + 6 * HOUR, NOW, '"e"', "Wed"))
        sources.force_poll(session)
        assert sources.find(session).etag == ""
        assert not sources.claim(session, NOW + HOUR / 2, HOUR)
        assert sources.claim(session, NOW + HOUR, HOUR)


def test_what_is_held_is_told_once_for_as_long_as_the_page_says_it(database: Database) -> None:
    whole = make_entry(family="", field=WHOLE_PAGE, printed="", difference=("one: label “a” → “b”",))
    with database.transaction() as session:
        new = quarantine.sync(session, DLVM, [make_entry(), whole], NOW)
        assert [one.key for one in new] == [("one", "accelerator", "Toaster"), ("", WHOLE_PAGE, "f1")]
        assert quarantine.sync(session, DLVM, [make_entry(fingerprint="f2"), whole], NOW) == ()
        assert quarantine.list_open(session) == new
        quarantine.sync(session, DLVM, [whole], NOW + HOUR)
        assert quarantine.list_open(session) == (new[1],)
        gone = quarantine.find(session, new[0].entry_id)
    assert gone is not None
    assert (gone.resolution, gone.resolved_at) == (Resolution.GONE, NOW + HOUR)


def test_what_was_rejected_is_not_asked_again_until_the_page_said_something_else(database: Database) -> None:
    with database.transaction() as session:
        (one,) = quarantine.sync(session, DLVM, [make_entry()], NOW)
        assert quarantine.resolve(session, one.entry_id, Resolution.REJECTED, "Ada", NOW)
        assert not quarantine.resolve(session, one.entry_id, Resolution.ACCEPTED, "Bob", NOW)
        assert quarantine.sync(session, DLVM, [make_entry()], NOW) == ()
        assert quarantine.list_open(session) == ()
        quarantine.sync(session, DLVM, [], NOW)
        assert len(quarantine.sync(session, DLVM, [make_entry()], NOW)) == 1


def test_what_was_accepted_stays_so(database: Database) -> None:
    with database.transaction() as session:
        (one,) = quarantine.sync(session, DLVM, [make_entry()], NOW)
        quarantine.resolve(session, one.entry_id, Resolution.ACCEPTED, "Ada", NOW)
        quarantine.sync(session, DLVM, [], NOW)
        (kept,) = quarantine.list_accepted(session)
    assert (kept.key, kept.resolved_by) == (one.key, "Ada")


def test_a_value_ends_where_it_was_last_seen_and_the_next_begins(database: Database) -> None:
    moved = replace(ONE, end_of_availability=PrintedDate("May 1, 2027", date(2027, 5, 1)))
    with database.transaction() as session:
        catalogue_history.record_values(session, [ONE, TWO], NOW, last_seen=NOW)
        catalogue_history.record_values(session, [ONE, TWO], NOW + HOUR, last_seen=NOW)
        catalogue_history.record_values(session, [moved], NOW + 3 * HOUR, last_seen=NOW + 2 * HOUR)
        found = [
            value
            for value in catalogue_history.list_values(session, DLVM, "pytorch-2.7")
            if value.field == "end_of_availability"
        ]
        assert catalogue_history.list_values(session, DLVM, "pytorch-2.8") == ()
        assert len(catalogue_history.list_values(session)) == 13
    assert [(one.family, one.value, one.first_seen, one.last_seen) for one in found] == [
        ("one", "2027-04-16", NOW, NOW + 2 * HOUR),
        ("two", "2027-04-16", NOW, None),
        ("one", "2027-05-01", NOW + 3 * HOUR, None),
    ]


def test_a_row_that_vanished_keeps_its_dates_and_says_so(database: Database) -> None:
    with database.transaction() as session:
        catalogue_history.record_values(session, [ONE], NOW, last_seen=NOW)
        catalogue.save(session, [ONE], make_reading())
        catalogue_history.record_values(session, [], NOW + HOUR, last_seen=NOW, vanished=[ONE])
        catalogue.mark_vanished(session, ["one"], NOW + HOUR)
        assert catalogue.list_vanished(session) == {"one"}
        assert catalogue.list_all(session) == (ONE,)
        rows = [value.value for value in catalogue_history.list_values(session) if value.field == catalogue_history.ROW]
        catalogue.save(session, [ONE], make_reading())
        assert catalogue.list_vanished(session) == frozenset()
    assert rows == [catalogue_history.LISTED, catalogue_history.VANISHED]


def test_rows_from_before_there_was_a_history_have_one_after_the_migration(empty_database: Database) -> None:
    migrations.migrate_to(empty_database, "0003")
    with empty_database.transaction() as session:
        catalogue.save(
            session, [ONE, replace(TWO, end_of_availability=PrintedDate("soon", None, "no date"))], make_reading()
        )
    migrations.migrate(empty_database)
    with empty_database.transaction() as session:
        before = catalogue_history.list_values(session)
        catalogue_history.record_values(session, [ONE], NOW, last_seen=NOW)
        assert catalogue_history.list_values(session) == before
    assert len(before) == 12
    assert {(one.family, one.value) for one in before if one.field == "end_of_availability"} == {
        ("one", "2027-04-16"),
        ("two", ""),
    }


@pytest.mark.parametrize("text", ["x" * 501, "a\x00b"])
def test_a_value_that_no_database_keeps_is_refused(database: Database, text: str) -> None:
    with database.transaction() as session, pytest.raises(ValueError, match="text"):
        catalogue_history.record_values(session, [make_family(label=text)], NOW, last_seen=NOW)
    with database.read_only() as session:
        assert session.execute(sa.text("SELECT count(*) FROM former_value")).scalar() == 0
