"""The Home tab: privacy, decisions, health, and a workspace with many channels."""

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
"""24 days before PyTorch 2.7 becomes unavailable (13 April 2027 is its last day)."""

VIEWER = Place("T1", "", "U1")


@pytest.fixture
def workspace(sqlite_database: Database) -> Database:
    open_driver(sqlite_database)
    return sqlite_database


def subscribe(
    database: Database, channel_id: str, *targets: str, is_public: bool = False, workspace_id: str = "T1"
) -> Channel:
    channel = Channel(workspace_id, channel_id, Schedule(), name=f"name-{channel_id}", is_public=is_public)
    with database.transaction() as session:
        channels.save(session, channel, NOW)
        for target in targets:
            subscriptions.add(session, Subscription(workspace_id, channel_id, DLVM, target, "U1", NOW))
    return channel


def build_tab(database: Database, memberships: Mapping[str, str] | None) -> HomeTab:
    return HomeTab(database, SnapshotCache(), Schedule(), lambda _: memberships)


def show(database: Database, memberships: Mapping[str, str] | None, selection: HomeSelection | None = None) -> Home:
    return build_tab(database, memberships).show(VIEWER, NOW, selection)


def test_only_channels_the_person_is_in_are_shown(database: Database) -> None:
    workspace = open_driver(database).database
    subscribe(workspace, "C1", "pytorch-2.7")
    subscribe(workspace, "C2", "pytorch-2.7", is_public=True)
    subscribe(workspace, "C3", "pytorch-2.7")
    home = show(workspace, {"C1": "mine", "C9": "unsubscribed"})
    assert [line.channels for line in home.lines] == [("C1",)]
    assert [(c.channel_id, c.name) for c in home.channels] == [("C1", "mine")]
    assert home.are_channels_known


def test_only_public_channels_are_shown_without_slacks_answer(workspace: Database) -> None:
    subscribe(workspace, "C1", "pytorch-2.7")
    subscribe(workspace, "C2", "pytorch-2.7", is_public=True)
    home = show(workspace, None)
    assert [line.channels for line in home.lines] == [("C2",)]
    assert [c.name for c in home.channels] == ["name-C2"]
    assert not home.are_channels_known


def test_other_workspaces_are_not_shown(workspace: Database) -> None:
    subscribe(workspace, "C1", "pytorch-2.7", is_public=True, workspace_id="T2")
    assert show(workspace, {"C1": "x"}).lines == ()
    assert show(workspace, None).subscribed_channels == 0


def test_an_invalid_selection_is_ignored(workspace: Database) -> None:
    subscribe(workspace, "C1", "pytorch-2.7")
    subscribe(workspace, "C2", "tensorflow-2.17")
    selection = HomeSelection(page=99, framework="nonsense", channel_id="C2")
    home = show(workspace, {"C1": "mine"}, selection)
    assert (home.channel_id, home.framework, home.page) == ("", "", 1)
    assert [line.version for line in home.lines] == ["pytorch-2.7"]


def test_can_see_follows_the_membership(workspace: Database) -> None:
    subscribe(workspace, "C1", "pytorch-2.7")
    assert build_tab(workspace, {"C1": "x"}).can_see(VIEWER, "C1")
    assert not build_tab(workspace, {}).can_see(VIEWER, "C1")
    assert not build_tab(workspace, {"C1": "x"}).can_see(VIEWER, "C404")


def test_a_near_date_is_open_until_each_channel_decides(workspace: Database) -> None:
    for channel_id in ("C1", "C2", "C3", "C4"):
        subscribe(workspace, channel_id, "pytorch-2.7")
    memberships = {f"C{n}": "" for n in range(1, 5)}
    (open_date,) = show(workspace, memberships).open_dates
    assert (open_date.version, open_date.day, open_date.channels) == (
        "pytorch-2.7",
        date(2027, 4, 13),
        tuple(memberships),
    )
    factory = DecisionFactory(workspace, Schedule())
    about = ("pytorch-2.7", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13))
    factory.acknowledge(*about, Place("T1", "C1", "U1"), NOW)
    factory.snooze(*about, Place("T1", "C2", "U1"), NOW, None)
    factory.migrate("pytorch-2.7", Place("T1", "C3", "U1"), NOW)
    (open_date,) = show(workspace, memberships).open_dates
    assert open_date.channels == ("C4",)


def test_an_unreachable_channel_is_shown_to_its_members(workspace: Database) -> None:
    for channel_id in ("C1", "C2"):
        channel = subscribe(workspace, channel_id, "pytorch-2.7")
        with workspace.transaction() as session:
            channels.update_health(
                session, channel, Health.NEEDS_INVITE, since=NOW, reason="not_in_channel", check_at=NOW
            )
    (unreachable,) = show(workspace, {"C1": ""}).unreachable
    assert (unreachable.channel_id, unreachable.health, unreachable.since) == ("C1", Health.NEEDS_INVITE, NOW.date())


def test_a_thousand_channels_need_six_queries_at_most(sqlite_database: Database) -> None:
    workspace = open_driver(sqlite_database).database
    with workspace.transaction() as session:
        channels.save(session, Channel("T1", "C0000", Schedule()), NOW)
        for target in ("pytorch", "tensorflow-2.17", "all"):
            subscriptions.add(session, Subscription("T1", "C0000", DLVM, target, "U1", NOW))
        for table in (SQLModel.metadata.tables[name] for name in ("channel", "subscription")):
            rows = [dict(row) for row in session.execute(sa.select(table)).mappings()]
            others = [row | {"channel_id": f"C{n:04}"} for n in range(1, 1_000) for row in rows]
            session.execute(table.insert(), others)
    memberships = {f"C{n:04}": f"channel-{n}" for n in range(1_000)}
    tab = build_tab(workspace, memberships)
    tab.show(VIEWER, NOW)
    queries: list[str] = []
    event.listen(workspace._engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    started = time.perf_counter()
    home = tab.show(VIEWER, NOW)
    seconds = time.perf_counter() - started
    assert (home.subscribed_channels, len(home.lines)) == (1_000, 20)
    assert len([query for query in queries if query.lstrip().upper().startswith("SELECT")]) <= 6
    print(f"Home of 1,000 channels: {seconds * 1000:.0f} ms")  # noqa: T201 - a measurement for the developer, shown by pytest -s
