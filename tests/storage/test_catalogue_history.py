"""The history of the catalogue: values over time, and numbered events."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from storage import catalogue, catalogue_history, migrations
from storage.database import Database
from storage.facts import DLVM, EventKind, Milestone, PrintedDate
from tests.storage.factories import EVENT, NOW, list_events, make_family, make_reading

HOUR = timedelta(hours=1)
ONE, TWO = make_family("one"), make_family("two")


def test_a_changed_value_ends_when_it_was_last_seen(database: Database) -> None:
    moved = replace(ONE, end_of_availability=PrintedDate("May 1, 2027", date(2027, 5, 1)))
    with database.transaction() as session:
        catalogue_history.record_values(session, [ONE, TWO], NOW, last_seen=NOW)
        catalogue_history.record_values(session, [ONE, TWO], NOW + HOUR, last_seen=NOW)
        catalogue_history.record_values(session, [moved], NOW + 3 * HOUR, last_seen=NOW + 2 * HOUR)
        values = catalogue_history.list_values(session, DLVM, "pytorch-2.7")
        assert catalogue_history.list_values(session, DLVM, "pytorch-2.8") == ()
        assert len(catalogue_history.list_values(session)) == 13
    dates = [value for value in values if value.field == "end_of_availability"]
    assert [(value.family, value.value, value.first_seen, value.last_seen) for value in dates] == [
        ("one", "2027-04-16", NOW, NOW + 2 * HOUR),
        ("two", "2027-04-16", NOW, None),
        ("one", "2027-05-01", NOW + 3 * HOUR, None),
    ]


def test_a_vanished_row_keeps_its_dates(database: Database) -> None:
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


def test_the_migration_starts_the_history_of_existing_rows(empty_database: Database) -> None:
    migrations.migrate(empty_database)
    without_date = replace(TWO, end_of_availability=PrintedDate("soon", None, "no date"))
    with empty_database.transaction() as session:
        catalogue.save(session, [ONE, without_date], make_reading())
    migrations.migrate_to(empty_database, "0003")
    migrations.migrate(empty_database)
    with empty_database.transaction() as session:
        values = catalogue_history.list_values(session)
        catalogue_history.record_values(session, [ONE], NOW, last_seen=NOW)
        assert catalogue_history.list_values(session) == values
    assert len(values) == 12
    assert {(value.family, value.value) for value in values if value.field == "end_of_availability"} == {
        ("one", "2027-04-16"),
        ("two", ""),
    }


@pytest.mark.parametrize("text", ["x" * 501, "a\x00b"])
def test_an_invalid_value_is_refused(database: Database, text: str) -> None:
    with database.transaction() as session, pytest.raises(ValueError, match="text"):
        catalogue_history.record_values(session, [make_family(label=text)], NOW, last_seen=NOW)
    with database.read_only() as session:
        assert session.execute(sa.text("SELECT count(*) FROM catalogue_history")).scalar() == 0


def test_events_are_numbered_and_found_by_id(database: Database) -> None:
    filled_in = replace(EVENT, kind=EventKind.FILLED_IN, milestone=Milestone.END_OF_AVAILABILITY, day=date(2027, 4, 13))
    other = replace(EVENT, version="pytorch-2.9")
    with database.transaction() as session:
        first, second, third = (catalogue_history.add_event(session, event) for event in (EVENT, filled_in, other))
    assert 0 < first.event_id < second.event_id < third.event_id
    assert second == replace(filled_in, event_id=second.event_id)
    with database.read_only() as session:
        assert catalogue_history.find_event(session, second.event_id) == second
        assert catalogue_history.find_event(session, third.event_id + 1) is None
        assert list_events(session, "pytorch-2.7") == (first, second)
