from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from msgspec.structs import replace

from storage import catalogue, channels, subscriptions, workspaces
from storage.database import Database
from storage.facts import (
    DLVM,
    Channel,
    Milestone,
    PrintedDate,
    Schedule,
    Subscription,
    Workspace,
)
from tests.storage.factories import BEFORE, NOW, make_family, make_reading, subscribe

BERLIN = timezone(timedelta(hours=2))

STORED_TEXTS = (
    "",
    "Größe",
    "日本語",
    "👩‍💻",
    "a' OR 1=1 --",
    '"; DROP TABLE channel;',
    "<!channel> *bold*",
    "\u202e",
    "%s :name",
)
REFUSED_TEXTS = ("a\x00b", "a\nb", "\x1b[31m", "\x7f", "\x85", "\ud800", "x" * 501)

FAMILIES = (
    make_family(),
    make_family("base-cpu", cuda="", driver="", end_of_availability=PrintedDate("To be determined")),
    make_family("misprinted", end_of_patch_and_support=PrintedDate("Ju1 11, 2026", None, "no such month")),
    make_family("far", end_of_availability=PrintedDate("December 31, 9999", date.max)),
)

SCHEDULES = (
    Schedule(),
    Schedule("Asia/Taipei", time(9, 30), (7, 1, 0, -1), (4, 5), "TW"),
    Schedule("Pacific/Apia", time(0, 0), (), ()),
    Schedule(hour=time(23, 59)),
)


def test_families_are_stored_unchanged(database: Database) -> None:
    with database.transaction() as session:
        catalogue.save(session, FAMILIES, make_reading(len(FAMILIES)))
    with database.read_only() as session:
        assert catalogue.list_all(session) == FAMILIES


@pytest.mark.parametrize("quarantined", [(), ("one: unreadable",), ("one: unreadable", "two: “Ju1 11” is no date")])
def test_a_reading_is_stored_unchanged(database: Database, quarantined: tuple[str, ...]) -> None:
    fact = make_reading(52, quarantined=quarantined)
    with database.transaction() as session:
        catalogue.save(session, (), fact)
        assert catalogue.find_last_reading(session) == fact


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_channel_is_stored_with_its_schedule(database: Database, schedule: Schedule) -> None:
    channel = Channel("T1", "C1", schedule, has_own_zone=True, is_public=True)
    with database.transaction() as session:
        channels.save(session, channel, NOW)
    with database.read_only() as session:
        assert channels.find(session, "T1", "C1") == channel


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 6, 1, 9, 0, tzinfo=BERLIN),
        datetime(2026, 6, 1, 7, 0, tzinfo=UTC),
        datetime(2026, 6, 1, 7, 0, 0, 123456, tzinfo=UTC),
    ],
)
def test_an_instant_is_stored_in_utc(database: Database, instant: datetime) -> None:
    with database.transaction() as session:
        subscribe(session, at=instant)
    with database.read_only() as session:
        (subscription,) = subscriptions.list_for_channel(session, "T1", "C1")
    assert subscription.created_at == instant
    assert subscription.created_at.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="timezone"), database.transaction() as session:
        subscribe(session, at=datetime(2026, 6, 1))  # noqa: DTZ001 - a naive datetime is the point of the test
    with database.read_only() as session:
        assert subscriptions.list_for_channel(session, "T1", "C1") == ()


@pytest.mark.parametrize("text", STORED_TEXTS)
def test_an_unusual_text_is_stored_unchanged(database: Database, text: str) -> None:
    workspace = Workspace("T1", name=text)
    with database.transaction() as session:
        workspaces.save(session, workspace)
        subscribe(session, target=text)
    with database.read_only() as session:
        assert workspaces.find(session, "T1") == workspace
        assert subscriptions.list_channel_targets(session, "T1", "C1") == (text,)


@pytest.mark.parametrize("text", REFUSED_TEXTS)
def test_an_invalid_text_is_refused_in_every_table(database: Database, text: str) -> None:
    with database.transaction() as session:
        subscribe(session)
        with pytest.raises(ValueError, match="text"):
            workspaces.save(session, Workspace("T1", name=text))
        with pytest.raises(ValueError, match="text"):
            subscriptions.add(session, Subscription("T1", "C1", DLVM, text, "U1", BEFORE))
        with pytest.raises(ValueError, match="text"):
            channels.save(session, Channel("T1", text, Schedule()), NOW)
        with pytest.raises(ValueError, match="text"):
            channels.save(session, Channel("T1", "C1", Schedule(zone=text)), NOW)
        with pytest.raises(ValueError, match="text"):
            catalogue.save(session, [make_family(label=text)], make_reading())
        with pytest.raises(ValueError, match="text"):
            catalogue.save(session, [], make_reading(source_url=text))
    with database.read_only() as session:
        assert workspaces.list_all(session) == ()
        assert catalogue.list_all(session) == ()


def test_a_subscription_without_a_channel_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.transaction() as session:
        subscriptions.add(session, Subscription("T1", "C1", DLVM, "all", "U1", NOW))


def test_a_family_returns_its_dates() -> None:
    fact = make_family()
    assert fact.version == "pytorch-2.7"
    assert fact.get_date(Milestone.END_OF_PATCH_AND_SUPPORT).day == date(2026, 4, 16)
    assert fact.get_date(Milestone.END_OF_AVAILABILITY).day == date(2027, 4, 16)


def test_saving_a_workspace_replaces_it(database: Database) -> None:
    first = Workspace("T1", "Before", "B1", "U1", "UTC")
    with database.transaction() as session:
        workspaces.save(session, Workspace("T2"))
        workspaces.save(session, first)
        workspaces.save(session, replace(first, name="After"))
    with database.read_only() as session:
        assert workspaces.list_all(session) == (replace(first, name="After"), Workspace("T2"))
        assert workspaces.find(session, "T3") is None
