from datetime import date, timedelta

from msgspec.structs import replace

from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, PrintedDate
from tests.storage.factories import BEFORE, make_family, make_reading

ONE, TWO, THREE = (make_family(name) for name in ("one", "two", "three"))


def test_an_empty_catalogue_has_no_reading(database: Database) -> None:
    with database.read_only() as session:
        assert catalogue.list_all(session) == ()
        assert catalogue.find_last_reading(session, DLVM) is None


def test_rows_are_listed_in_page_order(database: Database) -> None:
    with database.transaction() as session:
        catalogue.save(session, [THREE, ONE, TWO], make_reading(3))
        catalogue.save(session, [TWO, THREE, ONE], make_reading(3))
        assert catalogue.list_all(session) == (TWO, THREE, ONE)


def test_a_moved_date_replaces_the_old_one(database: Database) -> None:
    moved = replace(ONE, end_of_availability=PrintedDate("May 1, 2027", date(2027, 5, 1)))
    with database.transaction() as session:
        catalogue.save(session, [ONE], make_reading())
        catalogue.save(session, [moved], make_reading())
        assert catalogue.list_all(session) == (moved,)


def test_a_row_missing_from_a_reading_is_kept(database: Database) -> None:
    with database.transaction() as session:
        catalogue.save(session, [ONE, TWO], make_reading(2))
        catalogue.save(session, [ONE], make_reading(1))
        assert set(catalogue.list_all(session)) == {ONE, TWO}


def test_products_do_not_mix(database: Database) -> None:
    other = replace(ONE, product="dlc")
    with database.transaction() as session:
        catalogue.save(session, [ONE], make_reading())
        catalogue.save(session, [other], make_reading(product="dlc"))
        assert catalogue.list_all(session) == (ONE,)
        assert catalogue.list_all(session, "dlc") == (other,)
        assert catalogue.find_last_reading(session, DLVM) == make_reading()


def test_every_reading_changes_the_revision(database: Database) -> None:
    later = make_reading(read_at=BEFORE + timedelta(hours=6), as_of=date(2026, 5, 1))
    with database.transaction() as session:
        catalogue.save(session, [ONE], make_reading())
        before, *_ = catalogue.get_state(session)
        catalogue.save(session, [ONE], later)
        assert catalogue.get_state(session)[0] > before > (0, 0)
        assert catalogue.find_last_reading(session, DLVM) == later
