"""Dates set by hand, as they are stored: in force until they have an end, and ended once."""

from datetime import UTC, date, datetime, timedelta

from storage import catalogue, overrides
from storage.database import Database
from storage.facts import DLVM, Milestone, Override

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)


def word(version: str = "pytorch-2.7", until: date | None = None, product: str = DLVM) -> Override:
    day = date(2027, 6, 30)
    return Override(0, product, version, "", Milestone.END_OF_AVAILABILITY, day, "why", "Ada", NOW, until, "2027-04-13")


def test_what_is_added_comes_back_with_a_number_and_is_found_by_product_and_version(database: Database) -> None:
    with database.transaction() as session:
        first = overrides.add(session, word(until=date(2026, 12, 31)))
        second = overrides.add(session, word("pytorch-2.9"))
        other = overrides.add(session, word(product="dlc"))
    with database.read_only() as session:
        assert overrides.list_active(session) == (first, second)
        assert overrides.list_active(session, "dlc") == (other,)
        assert overrides.list_all(session, DLVM, "pytorch-2.9") == (second,)
        assert overrides.list_by_ids(session, [second.override_id, 99]) == (second,)


def test_it_ends_once_and_says_when_and_why(database: Database) -> None:
    with database.transaction() as session:
        made = overrides.add(session, word())
        (ended,) = overrides.end(session, [made.override_id], NOW, "ended by Ada")
        assert overrides.end(session, [made.override_id], NOW + timedelta(1), "ended by Ben") == ()
        assert overrides.end(session, [], NOW, "nobody") == ()
    with database.read_only() as session:
        assert (ended.ended_at, ended.end_reason) == (NOW, "ended by Ada")
        assert overrides.list_all(session) == (ended,)
        assert overrides.list_active(session) == ()


def test_it_is_over_on_the_day_after_its_last_one(database: Database) -> None:
    with database.transaction() as session:
        made = overrides.add(session, word(until=date(2026, 12, 31)))
        overrides.add(session, word("pytorch-2.9"))
        assert overrides.list_expired(session, date(2026, 12, 31)) == ()
        assert overrides.list_expired(session, date(2027, 1, 1)) == (made,)
        overrides.end(session, [made.override_id], NOW, "over")
        assert overrides.list_expired(session, date(2027, 1, 1)) == ()


def test_the_catalogue_is_another_one_whenever_a_date_is_set_or_ended_and_not_where_somebody_heard(
    database: Database,
) -> None:
    seen = []
    with database.transaction() as session:
        seen.append(catalogue.get_state(session)[0])
        made = overrides.add(session, word())
        seen.append(catalogue.get_state(session)[0])
        overrides.mark_announced(session, made.override_id, "2027-05-01")
        assert catalogue.get_state(session)[0] == seen[-1]
        assert overrides.list_by_ids(session, [made.override_id])[0].announced_upstream == "2027-05-01"
        overrides.end(session, [made.override_id], NOW, "over")
        seen.append(catalogue.get_state(session)[0])
    assert len(set(seen)) == 3
