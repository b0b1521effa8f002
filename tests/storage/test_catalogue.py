from datetime import date, timedelta

from msgspec.structs import replace

from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, PrintedDate
from tests.storage.factories import BEFORE, family, reading

ONE, TWO, THREE = (family(name) for name in ("one", "two", "three"))


def test_an_empty_catalogue_has_no_reading(database: Database) -> None:
    with database.reading() as session:
        assert catalogue.all(session) == ()
        assert catalogue.last_reading(session, DLVM) is None
        assert catalogue.revision(session) == 0


def test_rows_come_in_the_order_of_the_page(database: Database) -> None:
    with database.transaction() as session:
        catalogue.save(session, [THREE, ONE, TWO], reading(3))
        catalogue.save(session, [TWO, THREE, ONE], reading(3))
        assert catalogue.all(session) == (TWO, THREE, ONE)


def test_a_moved_date_replaces_the_old_one(database: Database) -> None:
    moved = replace(ONE, end_of_availability=PrintedDate("May 1, 2027", date(2027, 5, 1)))
    with database.transaction() as session:
        catalogue.save(session, [ONE], reading())
        catalogue.save(session, [moved], reading())
        assert catalogue.all(session) == (moved,)


def test_a_row_that_a_reading_lacks_stays(database: Database) -> None:
    with database.transaction() as session:
        catalogue.save(session, [ONE, TWO], reading(2))
        catalogue.save(session, [ONE], reading(1))
        assert set(catalogue.all(session)) == {ONE, TWO}


def test_products_do_not_mix(database: Database) -> None:
    other = replace(ONE, product="dlc")
    with database.transaction() as session:
        catalogue.save(session, [ONE], reading())
        catalogue.save(session, [other], reading(product="dlc"))
        assert catalogue.all(session) == (ONE,)
        assert catalogue.all(session, "dlc") == (other,)
        assert catalogue.last_reading(session, DLVM) == reading()


def test_every_reading_changes_the_revision_and_the_newest_counts(database: Database) -> None:
    later = reading(read_at=BEFORE + timedelta(hours=6), as_of=date(2026, 5, 1))
    with database.transaction() as session:
        catalogue.save(session, [ONE], reading())
        before = catalogue.revision(session)
        catalogue.save(session, [ONE], later)
        assert catalogue.revision(session) > before > 0
        assert catalogue.last_reading(session, DLVM) == later
