"""Overrides are active until they end, and end once."""

from datetime import UTC, date, datetime, timedelta

from storage import catalogue, overrides
from storage.database import Database
from storage.facts import DLVM, Milestone, Override

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)


def make_override(version: str = "pytorch-2.7", until: date | None = None, product: str = DLVM) -> Override:
    return Override(
        override_id=0,
        product=product,
        version=version,
        family="",
        milestone=Milestone.END_OF_AVAILABILITY,
        day=date(2027, 6, 30),
        reason="announced by mail",
        set_by="Ada",
        set_at=NOW,
        until=until,
        announced_upstream="2027-04-13",
    )


def test_overrides_are_listed_by_product_and_version(database: Database) -> None:
    with database.transaction() as session:
        first = overrides.add(session, make_override(until=date(2026, 12, 31)))
        second = overrides.add(session, make_override("pytorch-2.9"))
        other = overrides.add(session, make_override(product="dlc"))
    with database.read_only() as session:
        assert overrides.list_active(session) == (first, second)
        assert overrides.list_active(session, "dlc") == (other,)
        assert overrides.list_all(session, DLVM, "pytorch-2.9") == (second,)
        assert overrides.list_by_ids(session, [second.override_id, 99]) == (second,)


def test_an_override_ends_once_with_time_and_reason(database: Database) -> None:
    with database.transaction() as session:
        override = overrides.add(session, make_override())
        (ended,) = overrides.end(session, [override.override_id], NOW, "ended by Ada")
        assert overrides.end(session, [override.override_id], NOW + timedelta(1), "ended by Ben") == ()
        assert overrides.end(session, [], NOW, "ended by no one") == ()
    with database.read_only() as session:
        assert (ended.ended_at, ended.end_reason) == (NOW, "ended by Ada")
        assert overrides.list_all(session) == (ended,)
        assert overrides.list_active(session) == ()


def test_an_override_expires_the_day_after_its_last_one(database: Database) -> None:
    with database.transaction() as session:
        override = overrides.add(session, make_override(until=date(2026, 12, 31)))
        overrides.add(session, make_override("pytorch-2.9"))
        assert overrides.list_expired(session, date(2026, 12, 31)) == ()
        assert overrides.list_expired(session, date(2027, 1, 1)) == (override,)
        overrides.end(session, [override.override_id], NOW, "expired")
        assert overrides.list_expired(session, date(2027, 1, 1)) == ()


def test_revision_changes_when_an_override_starts_or_ends(database: Database) -> None:
    revisions = []
    with database.transaction() as session:
        revisions.append(catalogue.get_state(session)[0])
        override = overrides.add(session, make_override())
        revisions.append(catalogue.get_state(session)[0])
        overrides.mark_announced(session, override.override_id, "2027-05-01")
        assert catalogue.get_state(session)[0] == revisions[-1]
        assert overrides.list_by_ids(session, [override.override_id])[0].announced_upstream == "2027-05-01"
        overrides.end(session, [override.override_id], NOW, "expired")
        revisions.append(catalogue.get_state(session)[0])
    assert len(set(revisions)) == 3
