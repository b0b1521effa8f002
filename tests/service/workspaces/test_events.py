"""Slack's events about workspaces and channels, the daily channel check, and maintenance."""

from datetime import datetime, timedelta

import pytest

from bot.answers import ChannelLook, ChannelReach
from bot.service.maintenance import Maintenance, MaintenanceReport
from bot.service.place import Place
from bot.service.workspaces import channel_health, reconcile
from bot.service.workspaces.channel_health import ChannelRecovery
from bot.service.workspaces.events import SlackEvent, WorkspaceEvents
from bot.service.workspaces.installations import InstallationRegistry, TokenVault, generate_key
from bot.service.workspaces.reconcile import ChannelReconciler
from storage import channels, installations, outbox, subscriptions, workspaces
from storage.facts import Channel, Health, Installation, OutboxState, Workspace
from tests.service.driver import PLACE, Driver, utc

NOW = utc("2026-12-01 10:00")
DUE = utc("2027-01-13 09:00")


def build_event(
    event_id: str, at: datetime = NOW, workspace_id: str = "T1", enterprise_id: str = "", *, is_org_wide: bool = False
) -> SlackEvent:
    return SlackEvent(event_id, workspace_id, at, at, enterprise_id, is_org_wide)


def build_events(driver: Driver) -> WorkspaceEvents:
    with driver.database.transaction() as session:
        if workspaces.find(session, "T1") is None:
            workspaces.save(session, Workspace("T1", "Acme", "B1", "UBOT"))
    return WorkspaceEvents(driver.database, lambda _: None)


def find_channel(driver: Driver, channel_id: str = "C1") -> Channel | None:
    with driver.database.read_only() as session:
        return channels.find(session, "T1", channel_id)


def get_health(driver: Driver, channel_id: str = "C1") -> Health:
    channel = find_channel(driver, channel_id)
    assert channel is not None
    return channel.health


def list_held_rungs(driver: Driver) -> list[int]:
    with driver.database.read_only() as session:
        entries = outbox.list_for_channel(session, "T1", "C1")
    return [entry.reminder.rung for entry in entries if entry.state is OutboxState.HELD]


def test_an_archived_channel_gets_held_reminders_when_it_returns(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", NOW)
    events, loop = build_events(driver), driver.build_loop()
    events.mark_unreachable(build_event("E1", DUE - timedelta(days=1)), "C1", Health.ARCHIVED)
    loop.tick(DUE)
    assert list_held_rungs(driver) == [90]
    assert driver.sender.accepted == []
    assert [(note.channel_id, note.health) for note in driver.sender.health_messages] == [("U1", Health.ARCHIVED)]
    events.mark_unarchived(build_event("E2", DUE), "C1")
    events.mark_unarchived(build_event("E3", DUE), "C1")
    loop.tick(DUE + timedelta(minutes=1))
    loop.tick(DUE + timedelta(minutes=2))
    assert driver.sender.list_rungs() == [("2027-01-13", 90)]


def test_a_repeated_event_has_no_effect(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    events = build_events(sqlite_driver)
    events.mark_unreachable(build_event("E1"), "C1", Health.ARCHIVED)
    events.mark_unarchived(build_event("E2"), "C1")
    events.mark_unreachable(build_event("E1"), "C1", Health.ARCHIVED)
    assert get_health(sqlite_driver) is Health.OK
    events.mark_unreachable(build_event(""), "C1", Health.ARCHIVED)
    assert get_health(sqlite_driver) is Health.ARCHIVED, "without an id it is processed each time"


@pytest.mark.parametrize(
    ("health", "is_open"),
    [(Health.NEEDS_INVITE, True), (Health.UNREACHABLE, True), (Health.ARCHIVED, False)],
)
def test_an_invitation_reopens_the_channel_unless_archived(
    sqlite_driver: Driver, health: Health, *, is_open: bool
) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    events = build_events(sqlite_driver)
    events.mark_unreachable(build_event("E1"), "C1", health)
    events.handle_join(build_event("E2"), "C1", "U5", "U1")
    assert get_health(sqlite_driver) is health, "another person joined"
    events.handle_join(build_event("E3"), "C1", "UBOT", "U1")
    assert (get_health(sqlite_driver) is Health.OK) == is_open


def test_unarchiving_does_not_replace_an_invitation(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    events = build_events(sqlite_driver)
    events.mark_unreachable(build_event("E1"), "C1", Health.NEEDS_INVITE)
    events.mark_unarchived(build_event("E2"), "C1")
    assert get_health(sqlite_driver) is Health.NEEDS_INVITE


def test_the_bot_introduces_itself_once_in_each_channel(driver: Driver) -> None:
    events, loop = build_events(driver), driver.build_loop()
    events.handle_join(build_event("E0"), "C2", "U5", "U7")
    events.handle_join(build_event("E1"), "C2", "UBOT", "U7")
    events.handle_join(build_event("E2"), "C2", "UBOT", "U8")
    loop.tick(NOW)
    events.handle_join(build_event("E3", NOW + timedelta(days=400)), "C2", "UBOT", "U9")
    loop.tick(NOW + timedelta(days=400))
    assert [(i.channel_id, i.invited_by) for i in driver.sender.introductions] == [("C2", "U7")]
    events.handle_join(build_event("E4", workspace_id="T9"), "C2", "UBOT", "U7")
    with driver.database.read_only() as session:
        assert outbox.list_for_channel(session, "T9", "C2") == ()


def test_an_introduction_is_not_pruned(driver: Driver) -> None:
    build_events(driver).handle_join(build_event("E1"), "C2", "UBOT", "U7")
    driver.build_loop().tick(NOW)
    with driver.database.transaction() as session:
        assert outbox.prune(session, NOW.date() + timedelta(days=500), 0) is None
    with driver.database.read_only() as session:
        assert outbox.has_introduction(session, "T1", "C2")


def test_an_introduction_does_not_replace_a_reminder(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", NOW)
    events, loop = build_events(driver), driver.build_loop()
    events.handle_join(build_event("E1", DUE), "C1", "UBOT", "U7")
    loop.tick(DUE)
    assert [i.channel_id for i in driver.sender.introductions] == ["C1"]
    assert driver.sender.list_rungs() == [("2027-01-13", 90)]


def test_names_and_sharing_are_stored(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    events = build_events(sqlite_driver)
    events.rename_channel(build_event("E1"), "C1", "ml-<platform>")
    events.set_shared(build_event("E2"), "C1", is_shared=True)
    channel = find_channel(sqlite_driver)
    assert channel is not None
    assert (channel.name, channel.is_shared) == ("ml-<platform>", True)
    events.set_shared(build_event("E3"), "C1", is_shared=False)
    events.rename_channel(build_event("E4"), "C404", "nobody")
    assert find_channel(sqlite_driver, "C404") is None


def test_a_channel_with_a_new_id_keeps_everything(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", NOW)
    driver.run("settings hour 11:00", NOW)
    events, loop = build_events(driver), driver.build_loop()
    events.handle_join(build_event("E1"), "C1", "UBOT", "U7")
    loop.tick(NOW)
    events.change_channel_id(build_event("E2"), "C1", "G2")
    events.change_channel_id(build_event("E2"), "C1", "G2")
    events.change_channel_id(build_event("E3"), "G2", "G2")
    assert find_channel(driver) is None
    channel = find_channel(driver, "G2")
    assert channel is not None
    assert f"{channel.schedule.hour:%H:%M}" == "11:00"
    loop.tick(DUE + timedelta(hours=2))
    assert [message.channel_id for message in driver.sender.accepted] == ["G2"]
    with driver.database.read_only() as session:
        assert outbox.list_for_channel(session, "T1", "C1") == ()
        assert outbox.has_introduction(session, "T1", "G2")


def test_a_new_channel_id_keeps_its_own_subscriptions(driver: Driver) -> None:
    other = Place("T1", "G2", "U2")
    for place in (PLACE, other, Place("T2", "C1", "U1")):
        driver.run("subscribe pytorch-2.7", NOW, place)
    driver.run("subscribe pytorch-2.9", NOW)
    driver.run("subscribe tensorflow-2.11", NOW, other)
    driver.build_loop().tick(NOW)
    build_events(driver).change_channel_id(build_event("E1"), "C1", "G2")
    with driver.database.read_only() as session:
        targets = set(subscriptions.list_channel_targets(session, "T1", "G2"))
        other_targets = set(subscriptions.list_channel_targets(session, "T2", "C1"))
        entries = outbox.list_for_channel(session, "T1", "G2")
    assert targets == {"pytorch-2.7", "pytorch-2.9", "tensorflow-2.11"}
    assert other_targets == {"pytorch-2.7"}
    assert len({entry.reminder for entry in entries}) == len(entries)
    assert find_channel(driver) is None


def install(
    driver: Driver, enterprise_id: str = "", workspace_id: str = "T1", at: datetime = NOW
) -> InstallationRegistry:
    registry = InstallationRegistry(driver.database, TokenVault([generate_key()]), lambda: 0.0)
    registry.install(Installation(enterprise_id, workspace_id, "xoxb-1", "B1", "UBOT", (), "U1", at), at)
    return registry


@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_uninstall_deletes_the_token_and_holds_messages(driver: Driver, times: int) -> None:
    driver.run("subscribe pytorch-2.7", NOW)
    registry = install(driver)
    events = WorkspaceEvents(driver.database, registry.evict)
    assert registry.find_token("T1") == "xoxb-1"
    for number in range(times):
        events.uninstall(build_event(f"E{number}", NOW + timedelta(hours=number + 1)))
        events.uninstall(build_event(f"F{number}", NOW, workspace_id="T404"))
    with driver.database.read_only() as session:
        assert installations.list_all(session) == ()
        (workspace,) = workspaces.list_suspended(session)
    assert (workspace.workspace_id, workspace.suspended_reason) == ("T1", channel_health.UNINSTALLED)
    assert workspace.suspended_since == NOW + timedelta(hours=1)
    assert (registry.find_token("T1"), registry.find_workspace("T1")) == (None, None)
    driver.build_loop().tick(DUE)
    assert list_held_rungs(driver) == [90]
    assert driver.sender.attempted == []


def test_a_late_uninstall_does_not_end_a_new_installation(sqlite_driver: Driver) -> None:
    registry = install(sqlite_driver, at=NOW + timedelta(minutes=5))
    events = WorkspaceEvents(sqlite_driver.database, registry.evict)
    events.uninstall(SlackEvent("E1", "T1", NOW + timedelta(minutes=6), NOW))
    assert registry.find_token("T1") == "xoxb-1"


def test_a_suspended_workspace_can_still_be_uninstalled(sqlite_driver: Driver) -> None:
    registry = install(sqlite_driver)
    with sqlite_driver.database.transaction() as session:
        workspaces.suspend(session, "T1", NOW, "token_revoked")
    WorkspaceEvents(sqlite_driver.database, registry.evict).uninstall(build_event("E1", NOW + timedelta(days=1)))
    with sqlite_driver.database.read_only() as session:
        (workspace,) = workspaces.list_suspended(session)
    assert (workspace.suspended_since, workspace.suspended_reason) == (NOW, channel_health.UNINSTALLED)


def build_maintenance(driver: Driver, *, is_token_valid: bool = False) -> Maintenance:
    recovery = ChannelRecovery(driver.database, lambda _: ChannelReach.UNCHECKED, lambda _: is_token_valid)
    return Maintenance(driver.database, recovery, timedelta(days=90))


@pytest.mark.parametrize(("days", "is_kept"), [(89, True), (90, False)])
def test_data_is_kept_for_ninety_days_after_an_uninstall(driver: Driver, days: int, *, is_kept: bool) -> None:
    driver.run("subscribe pytorch-2.7", NOW)
    driver.run("subscribe pytorch-2.7", NOW, Place("T2", "C9", "U9"))
    registry = install(driver)
    WorkspaceEvents(driver.database, registry.evict).uninstall(build_event("E1"))
    driver.build_loop().tick(DUE)
    later = NOW + timedelta(days=days)
    build_maintenance(driver).run(later)
    registry.install(Installation("", "T1", "xoxb-2", "B1", "UBOT", (), "U1", later), later)
    with driver.database.read_only() as session:
        assert bool(subscriptions.list_for_channel(session, "T1", "C1")) == is_kept
        assert subscriptions.list_for_channel(session, "T2", "C9")
    driver.build_loop().tick(later)
    assert any(message.workspace_id == "T1" for message in driver.sender.accepted) == is_kept


def test_a_revoked_token_never_erases_data(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    with sqlite_driver.database.transaction() as session:
        workspaces.suspend(session, "T1", NOW, "token_revoked")
    build_maintenance(sqlite_driver).run(NOW + timedelta(days=400))
    with sqlite_driver.database.read_only() as session:
        assert subscriptions.list_for_channel(session, "T1", "C1")


def test_an_organisation_grants_and_revokes_workspaces(driver: Driver) -> None:
    registry = install(driver, "E1", "")
    events = WorkspaceEvents(driver.database, registry.evict)
    events.grant_workspaces(build_event("E1", enterprise_id="E1"), ("T1", "T2"))
    assert (registry.find_token("T1"), registry.find_token("T2")) == ("xoxb-1", "xoxb-1")
    events.revoke_workspaces(build_event("E2", enterprise_id="E2"), ("T1",))
    assert registry.find_token("T1") == "xoxb-1", "revoked by another organisation"
    events.revoke_workspaces(build_event("E3", enterprise_id="E1"), ("T1", "T404"))
    assert (registry.find_token("T1"), registry.find_token("T2")) == (None, "xoxb-1")
    report = build_maintenance(driver, is_token_valid=True).run(NOW + timedelta(days=1))
    assert report.restored_workspaces == 0, "the organisation's valid token no longer covers it"
    events.grant_workspaces(build_event("E4", enterprise_id="E1"), ("T1",))
    assert registry.find_token("T1") == "xoxb-1"


def test_a_workspaces_own_installation_outlives_its_organisations(driver: Driver) -> None:
    registry = install(driver, "E1", "")
    events = WorkspaceEvents(driver.database, registry.evict)
    events.grant_workspaces(build_event("E1", enterprise_id="E1"), ("T1", "T2"))
    registry.install(Installation("E1", "T2", "xoxb-own", "B1", "UBOT", (), "U1", NOW), NOW)
    events.uninstall(build_event("E2", NOW + timedelta(hours=1), "", enterprise_id="E1", is_org_wide=True))
    assert (registry.find_token("T1"), registry.find_token("T2")) == (None, "xoxb-own")


class FakeLookUp:
    """Looks up channels from a table, and records their ids. Other channels are open."""

    def __init__(self, **looks: ChannelLook) -> None:
        self.looks = looks
        self.channel_ids: list[str] = []

    def __call__(self, place: Place) -> ChannelLook:
        self.channel_ids.append(place.channel_id)
        return self.looks.get(place.channel_id, ChannelLook(ChannelReach.OK))


def test_the_daily_check_corrects_what_events_missed(driver: Driver) -> None:
    for name in ("C1", "C2", "C3", "C4", "C5"):
        driver.run("subscribe pytorch-2.7", NOW, Place("T1", name, "U1"))
    events = build_events(driver)
    events.mark_unreachable(build_event("E1"), "C2", Health.ARCHIVED)
    look_up = FakeLookUp(
        C1=ChannelLook(ChannelReach.ARCHIVED, is_public=True),
        C2=ChannelLook(ChannelReach.OK, is_public=True, name="news", creator="U3", is_shared=True),
        C3=ChannelLook(ChannelReach.UNCHECKED),
        C4=ChannelLook(ChannelReach.UNREACHABLE),
    )
    reconciler = ChannelReconciler(driver.database, look_up)
    assert reconciler.run(NOW, 40) == 5
    assert [get_health(driver, name) for name in ("C1", "C2", "C3", "C4")] == [
        Health.ARCHIVED,
        Health.OK,
        Health.OK,
        Health.UNREACHABLE,
    ]
    channel = find_channel(driver, "C2")
    assert channel is not None
    assert (channel.name, channel.creator, channel.is_shared, channel.is_public) == ("news", "U3", True, True)
    look_up.channel_ids.clear()
    assert reconciler.run(NOW + timedelta(hours=2), 40) == 1, "only the channel that Slack didn't describe"
    assert reconciler.run(NOW + timedelta(hours=25), 40) == 5
    assert look_up.channel_ids[0] == "C3"


def test_the_daily_check_does_not_lift_a_workspace_rule(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    with sqlite_driver.database.transaction() as session:
        channel = channels.find(session, "T1", "C1")
        assert channel is not None
        channels.update_health(
            session, channel, Health.BLOCKED_BY_POLICY, since=NOW, reason="restricted", check_at=None
        )
    assert ChannelReconciler(sqlite_driver.database, FakeLookUp()).run(NOW, 40) == 1
    assert get_health(sqlite_driver) is Health.BLOCKED_BY_POLICY


def test_the_daily_check_is_paced_and_can_be_stopped(sqlite_driver: Driver) -> None:
    for number in range(5):
        sqlite_driver.run("subscribe pytorch-2.7", NOW, Place("T1", f"C{number}", "U1"))
    sqlite_driver.run("subscribe pytorch-2.7", NOW, Place("T2", "C9", "U1"))
    with sqlite_driver.database.transaction() as session:
        workspaces.suspend(session, "T2", NOW, "token_revoked")
    look_up = FakeLookUp()
    reconciler = ChannelReconciler(sqlite_driver.database, look_up)
    assert reconciler.run(NOW, 0) == 0
    assert reconciler.run(NOW, 2) == 2
    assert reconciler.run(NOW + timedelta(seconds=30), 2) == 0, "a minute has not passed"
    assert reconciler.run(NOW + reconcile.RUN_INTERVAL, 40, lambda: len(look_up.channel_ids) >= 4) == 2
    assert reconciler.run(NOW + 2 * reconcile.RUN_INTERVAL, 40) == 1
    assert sorted(look_up.channel_ids) == [f"C{number}" for number in range(5)], "a suspended workspace is not checked"


def test_maintenance_runs_the_daily_check(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    recovery = ChannelRecovery(sqlite_driver.database, lambda _: ChannelReach.UNCHECKED, lambda _: False)
    reconciler = ChannelReconciler(sqlite_driver.database, FakeLookUp())
    maintenance = Maintenance(sqlite_driver.database, recovery, timedelta(days=90), reconciler)
    assert maintenance.run(NOW) == MaintenanceReport(0, 0, has_pruned=True, checked_channels=1)
    assert maintenance.run(NOW + timedelta(hours=1)).checked_channels == 0
