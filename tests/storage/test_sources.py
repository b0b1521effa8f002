"""How a page is watched, what is held back of it, and every value its rows had."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from storage import catalogue, catalogue_history, migrations, quarantine, sources
from storage.database import Database
from storage.facts import DLVM, PAGE, Finding, PrintedDate, Settled, Source
from tests.storage.factories import NOW, family, reading

HOUR = timedelta(hours=1)
ONE, TWO = family("one"), family("two")


def finding(**changes: object) -> Finding:
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
    return Finding(**{**values_, **changes})  # type: ignore[arg-type] # fields by name, of several types


def test_a_page_that_nobody_tried_can_be_tried_at_once_and_then_after_the_pace(database: Database) -> None:
    with database.transaction() as session:
        assert sources.find(session) == Source()
        assert sources.begin(session, NOW, HOUR)
        assert not sources.begin(session, NOW + timedelta(minutes=59), HOUR)
        assert not sources.begin(session, NOW + timedelta(minutes=59), HOUR, by_hand=True)
        assert sources.begin(session, NOW + HOUR, HOUR)
        assert sources.find(session).tried_at == NOW + HOUR


def test_what_an_attempt_came_to_is_kept_and_says_when_the_next_is(database: Database) -> None:
    told = Source(DLVM, None, NOW, NOW + 6 * HOUR, NOW, '"e"', "Wed", "", "f1", NOW)
    with database.transaction() as session:
        sources.begin(session, NOW, HOUR)
        sources.tell(session, told)
        assert sources.find(session) == told
        assert not sources.begin(session, NOW + 5 * HOUR, HOUR)
        assert sources.begin(session, NOW + 5 * HOUR, HOUR, by_hand=True)


def test_who_watches_already_goes_on_watching_since_then(database: Database) -> None:
    with database.transaction() as session:
        sources.watch(session, NOW)
        sources.watch(session, NOW + HOUR)
        assert sources.find(session).watched_since == NOW
        sources.watch(session, None)
        assert sources.find(session).watched_since is None


def test_a_page_that_is_to_be_read_anew_is_due_an_hour_after_the_last_attempt(database: Database) -> None:
    with database.transaction() as session:
        sources.begin(session, NOW, HOUR)
        sources.tell(session, Source(DLVM, None, NOW, NOW + 6 * HOUR, NOW, '"e"', "Wed"))
        sources.read_anew(session)
        assert sources.find(session).etag == ""
        assert not sources.begin(session, NOW + HOUR / 2, HOUR)
        assert sources.begin(session, NOW + HOUR, HOUR)


def test_what_is_held_is_told_once_for_as_long_as_the_page_says_it(database: Database) -> None:
    whole = finding(family="", field=PAGE, printed="", difference=("one: label “a” → “b”",))
    with database.transaction() as session:
        new = quarantine.keep(session, DLVM, [finding(), whole], NOW)
        assert [one.key for one in new] == [("one", "accelerator", "Toaster"), ("", PAGE, "f1")]
        assert quarantine.keep(session, DLVM, [finding(fingerprint="f2"), whole], NOW) == ()
        assert quarantine.open_ones(session) == new
        quarantine.keep(session, DLVM, [whole], NOW + HOUR)
        assert quarantine.open_ones(session) == (new[1],)
        gone = quarantine.find(session, new[0].finding_id)
    assert gone is not None
    assert (gone.settled, gone.settled_at) == (Settled.GONE, NOW + HOUR)


def test_what_was_rejected_is_not_asked_again_until_the_page_said_something_else(database: Database) -> None:
    with database.transaction() as session:
        (one,) = quarantine.keep(session, DLVM, [finding()], NOW)
        assert quarantine.settle(session, one.finding_id, Settled.REJECTED, "Ada", NOW)
        assert not quarantine.settle(session, one.finding_id, Settled.ACCEPTED, "Bob", NOW)
        assert quarantine.keep(session, DLVM, [finding()], NOW) == ()
        assert quarantine.open_ones(session) == ()
        quarantine.keep(session, DLVM, [], NOW)
        assert len(quarantine.keep(session, DLVM, [finding()], NOW)) == 1


def test_what_was_accepted_stays_so(database: Database) -> None:
    with database.transaction() as session:
        (one,) = quarantine.keep(session, DLVM, [finding()], NOW)
        quarantine.settle(session, one.finding_id, Settled.ACCEPTED, "Ada", NOW)
        quarantine.keep(session, DLVM, [], NOW)
        (kept,) = quarantine.accepted(session)
    assert (kept.key, kept.settled_by) == (one.key, "Ada")


def test_a_value_ends_where_it_was_last_seen_and_the_next_begins(database: Database) -> None:
    moved = replace(ONE, end_of_availability=PrintedDate("May 1, 2027", date(2027, 5, 1)))
    with database.transaction() as session:
        catalogue_history.record(session, [ONE, TWO], NOW, seen=NOW)
        catalogue_history.record(session, [ONE, TWO], NOW + HOUR, seen=NOW)
        catalogue_history.record(session, [moved], NOW + 3 * HOUR, seen=NOW + 2 * HOUR)
        found = [
            value
            for value in catalogue_history.all(session, DLVM, "pytorch-2.7")
            if value.field == "end_of_availability"
        ]
        assert catalogue_history.all(session, DLVM, "pytorch-2.8") == ()
        assert len(catalogue_history.all(session)) == 13
    assert [(one.family, one.value, one.first_seen, one.last_seen) for one in found] == [
        ("one", "2027-04-16", NOW, NOW + 2 * HOUR),
        ("two", "2027-04-16", NOW, None),
        ("one", "2027-05-01", NOW + 3 * HOUR, None),
    ]


def test_a_row_that_vanished_keeps_its_dates_and_says_so(database: Database) -> None:
    with database.transaction() as session:
        catalogue_history.record(session, [ONE], NOW, seen=NOW)
        catalogue.save(session, [ONE], reading())
        catalogue_history.record(session, [], NOW + HOUR, seen=NOW, gone=[ONE])
        catalogue.vanish(session, ["one"], NOW + HOUR)
        assert catalogue.gone(session) == {"one"}
        assert catalogue.all(session) == (ONE,)
        rows = [value.value for value in catalogue_history.all(session) if value.field == catalogue_history.ROW]
        catalogue.save(session, [ONE], reading())
        assert catalogue.gone(session) == frozenset()
    assert rows == [catalogue_history.LISTED, catalogue_history.VANISHED]


def test_rows_from_before_there_was_a_history_have_one_after_the_migration(empty_database: Database) -> None:
    migrations.to(empty_database, "0003")
    with empty_database.transaction() as session:
        catalogue.save(
            session, [ONE, replace(TWO, end_of_availability=PrintedDate("soon", None, "no date"))], reading()
        )
    migrations.migrate(empty_database)
    with empty_database.transaction() as session:
        before = catalogue_history.all(session)
        catalogue_history.record(session, [ONE], NOW, seen=NOW)
        assert catalogue_history.all(session) == before
    assert len(before) == 12
    assert {(one.family, one.value) for one in before if one.field == "end_of_availability"} == {
        ("one", "2027-04-16"),
        ("two", ""),
    }


@pytest.mark.parametrize("text", ["x" * 501, "a\x00b"])
def test_a_value_that_no_database_keeps_is_refused(database: Database, text: str) -> None:
    with database.transaction() as session, pytest.raises(ValueError, match="text"):
        catalogue_history.record(session, [family(label=text)], NOW, seen=NOW)
    with database.reading() as session:
        assert session.execute(sa.text("SELECT count(*) FROM former_value")).scalar() == 0
