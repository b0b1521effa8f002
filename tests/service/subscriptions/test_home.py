"""Home as a use case: privacy, decisions, health, and as many channels as a workspace has."""

import time
from collections.abc import Mapping
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

from bot.answers import Home, HomeSelection
from bot.service.place import Place
from bot.service.subscriptions.home import HomeTab
from bot.service.versions.snapshot import SnapshotCache
from storage import channels, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, Health, Milestone, Schedule, Subscription
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import open_driver, utc

NOW = utc("2027-03-20 12:00")
"""PyTorch 2.7 can be used until 13 April 2027."""

PERSON = Place("T1", "", "U1")


@pytest.fixture
def workspace(sqlite_database: Database) -> Database:
    open_driver(sqlite_database)
    return sqlite_database


def watch(database: Database, channel_id: str, *targets: str, public: bool = False, workspace: str = "T1") -> Channel:
    channel = Channel(workspace, channel_id, Schedule(), name=f"name-{channel_id}", is_public=public)
    with database.transaction() as session:
        channels.save(session, channel, NOW)
        for target in targets:
            subscriptions.add(session, Subscription(workspace, channel_id, DLVM, target, "U1", NOW))
    return channel


def home(database: Database, members: Mapping[str, str] | None, **wish: str | int) -> Home:
    homes = HomeTab(database, SnapshotCache(), Schedule(), lambda _: members)
    return homes.show(PERSON, NOW, HomeSelection(**wish))  # type: ignore[arg-type] # each as it is named


def test_only_channels_the_person_is_in_are_shown(database: Database) -> None:
    workspace = open_driver(database).database
    watch(workspace, "C1", "pytorch-2.7")
    watch(workspace, "C2", "pytorch-2.7", public=True)
    watch(workspace, "C3", "pytorch-2.7")
    found = home(workspace, {"C1": "mine", "C9": "unwatched"})
    assert [line.channels for line in found.lines] == [("C1",)]
    assert [(c.channel_id, c.name) for c in found.channels] == [("C1", "mine")]
    assert found.are_channels_known


def test_without_slacks_word_only_public_channels_are(workspace: Database) -> None:
    watch(workspace, "C1", "pytorch-2.7")
    watch(workspace, "C2", "pytorch-2.7", public=True)
    found = home(workspace, None)
    assert [line.channels for line in found.lines] == [("C2",)]
    assert [c.name for c in found.channels] == ["name-C2"]
    assert not found.are_channels_known


def test_nothing_of_another_workspace_is_shown(workspace: Database) -> None:
    watch(workspace, "C1", "pytorch-2.7", public=True, workspace="T2")
    assert home(workspace, {"C1": "x"}).lines == ()
    assert home(workspace, None).subscribed_channels == 0


def test_a_channel_that_is_not_seen_is_no_filter(workspace: Database) -> None:
    watch(workspace, "C1", "pytorch-2.7")
    watch(workspace, "C2", "tensorflow-2.17")
    found = home(workspace, {"C1": "mine"}, channel_id="C2", framework="nonsense", page=99)
    assert (found.channel_id, found.framework, found.page) == ("", "", 1)
    assert [line.version for line in found.lines] == ["pytorch-2.7"]


def test_what_may_be_seen_is_asked_for_one_channel_too(workspace: Database) -> None:
    watch(workspace, "C1", "pytorch-2.7")
    inside, outside = (HomeTab(workspace, SnapshotCache(), Schedule(), lambda _, m=m: m) for m in ({"C1": "x"}, {}))  # type: ignore[misc] # a lambda's default
    assert inside.can_see(PERSON, "C1")
    assert not outside.can_see(PERSON, "C1")
    assert not inside.can_see(PERSON, "C404")


def test_a_date_within_thirty_days_waits_for_each_channels_decision(workspace: Database) -> None:
    for channel_id in ("C1", "C2", "C3", "C4"):
        watch(workspace, channel_id, "pytorch-2.7")
    members = {f"C{n}": "" for n in range(1, 5)}
    (waiting,) = home(workspace, members).open_dates
    assert (waiting.version, waiting.day, waiting.channels) == ("pytorch-2.7", date(2027, 4, 13), tuple(members))
    deciding = DecisionFactory(workspace, Schedule())
    about = ("pytorch-2.7", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13))
    deciding.acknowledge(*about, Place("T1", "C1", "U1"), NOW)
    deciding.snooze(*about, Place("T1", "C2", "U1"), NOW, None)
    deciding.migrate("pytorch-2.7", Place("T1", "C3", "U1"), NOW)
    (waiting,) = home(workspace, members).open_dates
    assert waiting.channels == ("C4",)


def test_channels_that_cant_be_reached_are_shown_to_those_in_them(workspace: Database) -> None:
    for channel_id in ("C1", "C2"):
        channel = watch(workspace, channel_id, "pytorch-2.7")
        with workspace.transaction() as session:
            channels.update_health(
                session, channel, Health.NEEDS_INVITE, since=NOW, reason="not_in_channel", check_at=NOW
            )
    (ill,) = home(workspace, {"C1": ""}).unreachable
    assert (ill.channel_id, ill.health, ill.since) == ("C1", Health.NEEDS_INVITE, NOW.date())


def test_a_thousand_channels_open_with_few_queries(sqlite_database: Database) -> None:
    workspace = open_driver(sqlite_database).database
    with workspace.transaction() as session:
        channels.save(session, Channel("T1", "C0000", Schedule()), NOW)
        for target in ("pytorch", "tensorflow-2.17", "all"):
            subscriptions.add(session, Subscription("T1", "C0000", DLVM, target, "U1", NOW))
        for table in (SQLModel.metadata.tables[name] for name in ("channel", "subscription")):
            rows = [dict(row) for row in session.execute(sa.select(table)).mappings()]
            others = [row | {"channel_id": f"C{n:04}"} for n in range(1, 1_000) for row in rows]
            session.execute(table.insert(), others)
    members = {f"C{n:04}": f"channel-{n}" for n in range(1_000)}
    homes = HomeTab(workspace, SnapshotCache(), Schedule(), lambda _: members)
    homes.show(PERSON, NOW)
    asked: list[str] = []
    event.listen(workspace._engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    began = time.perf_counter()
    found = homes.show(PERSON, NOW)
    took = time.perf_counter() - began
    assert (found.subscribed_channels, len(found.lines)) == (1_000, 20)
    assert len([query for query in asked if query.lstrip().upper().startswith("SELECT")]) <= 6
    print(f"Home of 1,000 channels: {took * 1000:.0f} ms")  # noqa: T201 - a figure for whoever looks
