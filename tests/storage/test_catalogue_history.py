"""The history of the catalogue: values over time, and numbered events."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from storage import catalogue, catalogue_history, migrations
from storage.database import Database
from storage.facts import (
    DLVM,
    DateFilledIn,
    Dependency,
    DependencyReplaced,
    Milestone,
    OverrideConflict,
    PrintedDate,
    RowsArrived,
    RowsReturned,
    RowsVanished,
)
from tests.storage.factories import NOTE_MENTION, NOW, list_events, make_event, make_family, make_reading

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


FAMILIES = ("pytorch-2-7-cu128", "pytorch-2-7-cu129")
DAY, EOA = date(2027, 4, 13), Milestone.END_OF_AVAILABILITY
VERSION = (DLVM, "pytorch-2.7")
CHANGES = (
    RowsArrived(*VERSION, FAMILIES, is_new_version=True),
    DateFilledIn(*VERSION, EOA, DAY, FAMILIES),
    DateFilledIn(*VERSION, EOA, DAY, FAMILIES, "Overridden by Ada: it says so \ud800\x00."),
    RowsVanished(*VERSION, FAMILIES, is_whole_version=False),
    RowsReturned(*VERSION, FAMILIES),
    DependencyReplaced(*VERSION, Dependency.OS, "Ubuntu 22.04", "Ubuntu 24.04", FAMILIES, ("old",)),
    OverrideConflict(*VERSION, EOA, None, FAMILIES, "30 Jun 2027, by Ada", "to be determined", "Reason: x"),
    OverrideConflict(*VERSION, EOA, DAY, FAMILIES, "30 Jun 2027, by Ada", "13 Apr 2027", "Reason: x"),
    NOTE_MENTION,
    replace(NOTE_MENTION, version="pytorch-2.9"),
)
"""Changes of every kind."""


def test_events_are_numbered_and_found_by_id(database: Database) -> None:
    with database.transaction() as session:
        events = [catalogue_history.add_event(session, make_event(change)) for change in CHANGES]
    ids = [event.event_id for event in events]
    assert [0, *ids] == sorted({0, *ids})
    with database.read_only() as session:
        assert [catalogue_history.find_event(session, event_id) for event_id in ids] == events
        assert catalogue_history.find_event(session, ids[-1] + 1) is None
        assert list_events(session, "pytorch-2.7") == tuple(events[:-1])
    assert [event.change for event in events] == list(CHANGES)
