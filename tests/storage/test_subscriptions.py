from datetime import timedelta

from msgspec.structs import replace

from storage import channels, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, Schedule, Subscription
from tests.storage.factories import BEFORE, NOW, make_schedule_at, subscribe


def test_subscribing_twice_keeps_the_first(database: Database) -> None:
    first = Subscription("T1", "C1", DLVM, "all", "U1", BEFORE)
    with database.transaction() as session:
        channels.save(session, Channel("T1", "C1", Schedule()), NOW)
        assert subscriptions.add(session, first)
        assert not subscriptions.add(session, replace(first, created_by="U2", created_at=NOW))
        assert subscriptions.list_for_channel(session, "T1", "C1") == (first,)


def test_delete_returns_the_number_of_subscriptions(database: Database) -> None:
    with database.transaction() as session:
        for target in ("all", "pytorch", "pytorch-2.7"):
            subscribe(session, target=target)
        assert subscriptions.delete(session, "T1", "C1", DLVM, ["all", "pytorch", "tensorflow"]) == 2
        assert subscriptions.delete(session, "T1", "C1", DLVM, ["all"]) == 0
        assert subscriptions.delete(session, "T1", "C1", DLVM, []) == 0
        assert subscriptions.delete(session, "T1", "C1", "dlc", ["pytorch-2.7"]) == 0
        assert subscriptions.list_channel_targets(session, "T1", "C1") == ("pytorch-2.7",)


def test_subscriptions_of_two_workspaces_do_not_mix(database: Database) -> None:
    with database.transaction() as session:
        subscribe(session, "C1", "all", workspace="T1")
        subscribe(session, "C1", "all", workspace="T2", schedule=make_schedule_at(7))
        assert subscriptions.delete(session, "T1", "C1", DLVM, ["all"]) == 1
    with database.read_only() as session:
        assert subscriptions.list_for_channel(session, "T1", "C1") == ()
        assert len(subscriptions.list_for_channel(session, "T2", "C1")) == 1
        channel = channels.find(session, "T2", "C1")
        assert channel is not None
        assert channel.schedule == make_schedule_at(7)


def test_a_new_schedule_keeps_the_subscriptions(database: Database) -> None:
    with database.transaction() as session:
        before = subscribe(session)
        after = subscribe(session, schedule=make_schedule_at(17))
        assert before != after
        assert channels.find(session, "T1", "C1") == Channel("T1", "C1", make_schedule_at(17))
        assert len(subscriptions.list_for_channel(session, "T1", "C1")) == 1


def test_an_unknown_channel_is_not_found(database: Database) -> None:
    with database.read_only() as session:
        assert channels.find(session, "T1", "C1") is None


def test_only_known_public_channels_are_public(database: Database) -> None:
    with database.transaction() as session:
        for workspace, channel, public in (("T1", "C1", True), ("T1", "C2", False), ("T2", "C3", True)):
            stored = Channel(workspace, channel, Schedule(), is_public=public)
            channels.save(session, stored, NOW + timedelta(hours=1))
        assert channels.filter_public(session, "T1", ["C1", "C2", "C3", "C4"]) == {"C1"}
        assert channels.filter_public(session, "T1", []) == frozenset()
