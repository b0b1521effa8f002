"""What Slack tells of workspaces and channels: once, in any order, any number of times."""

from collections.abc import Callable
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
from storage.facts import Channel, Health, Installation, OutboxState, Schedule, Workspace
from tests.service.driver import PLACE, Driver, utc

NOW = utc("2026-12-01 10:00")
DUE = utc("2027-01-13 09:00")


def told(event_id: str, now: datetime = NOW, workspace_id: str = "T1", **also: object) -> SlackEvent:
    return SlackEvent(event_id, workspace_id, now, now, **also)  # type: ignore[arg-type] # a test's own words


def life(desk: Driver) -> WorkspaceEvents:
    with desk.database.transaction() as session:
        if workspaces.find(session, "T1") is None:
            workspaces.save(session, Workspace("T1", "Acme", "B1", "UBOT"))
    return WorkspaceEvents(desk.database, Schedule(), lambda _: None)


def channel(desk: Driver, channel_id: str = "C1") -> Channel | None:
    with desk.database.read_only() as session:
        return channels.find(session, "T1", channel_id)


def healthy(desk: Driver, channel_id: str = "C1") -> Health:
    found = channel(desk, channel_id)
    assert found is not None
    return found.health


def held(desk: Driver) -> list[int]:
    with desk.database.read_only() as session:
        entries = outbox.list_for_channel(session, "T1", "C1")
    return [entry.reminder.rung for entry in entries if entry.state is OutboxState.HELD]


def test_an_archived_channel_waits_and_gets_what_is_still_useful_once_when_it_is_back(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", NOW)
    here, delivery = life(desk), desk.build_loop()
    here.mark_unreachable(told("E1", DUE - timedelta(days=1)), "C1", Health.ARCHIVED)
    delivery.tick(DUE)
    assert held(desk) == [90]
    assert desk.sender.accepted == []
    assert [(note.channel_id, note.health) for note in desk.sender.health_messages] == [("U1", Health.ARCHIVED)]
    here.mark_unarchived(told("E2", DUE), "C1")
    here.mark_unarchived(told("E3", DUE), "C1")
    delivery.tick(DUE + timedelta(minutes=1))
    delivery.tick(DUE + timedelta(minutes=2))
    assert desk.sender.list_rungs() == [("2027-01-13", 90)]


def test_the_same_event_again_has_no_effect(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    here = life(lone_desk)
    here.mark_unreachable(told("E1"), "C1", Health.ARCHIVED)
    here.mark_unarchived(told("E2"), "C1")
    here.mark_unreachable(told("E1"), "C1", Health.ARCHIVED)
    assert healthy(lone_desk) is Health.OK
    here.mark_unreachable(told(""), "C1", Health.ARCHIVED)
    assert healthy(lone_desk) is Health.ARCHIVED, "one without an id is taken in each time"


@pytest.mark.parametrize(
    ("what", "mended"),
    [(Health.NEEDS_INVITE, True), (Health.UNREACHABLE, True), (Health.ARCHIVED, False)],
)
def test_an_invitation_mends_what_an_invitation_can(lone_desk: Driver, what: Health, *, mended: bool) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    here = life(lone_desk)
    here.mark_unreachable(told("E1"), "C1", what)
    here.handle_join(told("E2"), "C1", "U5", "U1")
    assert healthy(lone_desk) is what, "somebody else came"
    here.handle_join(told("E3"), "C1", "UBOT", "U1")
    assert (healthy(lone_desk) is Health.OK) == mended


def test_unarchiving_does_not_hide_that_an_invitation_is_missing(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    here = life(lone_desk)
    here.mark_unreachable(told("E1"), "C1", Health.NEEDS_INVITE)
    here.mark_unarchived(told("E2"), "C1")
    assert healthy(lone_desk) is Health.NEEDS_INVITE


def test_the_bot_introduces_itself_once_in_a_channel_with_who_invited_it(desk: Driver) -> None:
    here, delivery = life(desk), desk.build_loop()
    here.handle_join(told("E0"), "C2", "U5", "U7")
    here.handle_join(told("E1"), "C2", "UBOT", "U7")
    here.handle_join(told("E2"), "C2", "UBOT", "U8")
    delivery.tick(NOW)
    here.handle_join(told("E3", NOW + timedelta(days=400)), "C2", "UBOT", "U9")
    delivery.tick(NOW + timedelta(days=400))
    assert [(i.channel_id, i.invited_by) for i in desk.sender.introductions] == [("C2", "U7")]
    here.handle_join(told("E4", workspace_id="T9"), "C2", "UBOT", "U7")
    with desk.database.read_only() as session:
        assert outbox.list_for_channel(session, "T9", "C2") == ()


def test_an_introduction_lives_through_pruning(desk: Driver) -> None:
    life(desk).handle_join(told("E1"), "C2", "UBOT", "U7")
    desk.build_loop().tick(NOW)
    with desk.database.transaction() as session:
        assert outbox.prune(session, NOW.date() + timedelta(days=500), 0) is None
    with desk.database.read_only() as session:
        assert outbox.has_introduction(session, "T1", "C2")


def test_an_introduction_takes_no_reminders_place(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", NOW)
    here, delivery = life(desk), desk.build_loop()
    here.handle_join(told("E1", DUE), "C1", "UBOT", "U7")
    delivery.tick(DUE)
    assert [i.channel_id for i in desk.sender.introductions] == ["C1"]
    assert desk.sender.list_rungs() == [("2027-01-13", 90)]


def test_names_and_guests_are_noted(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    here = life(lone_desk)
    here.rename_channel(told("E1"), "C1", "ml-<platform>")
    here.set_shared(told("E2"), "C1", is_shared=True)
    found = channel(lone_desk)
    assert found is not None
    assert (found.name, found.is_shared) == ("ml-<platform>", True)
    here.set_shared(told("E3"), "C1", is_shared=False)
    here.rename_channel(told("E4"), "C404", "nobody")
    assert channel(lone_desk, "C404") is None


def test_a_channel_with_a_new_id_keeps_everything(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", NOW)
    desk.run("settings hour 11:00", NOW)
    here, delivery = life(desk), desk.build_loop()
    here.handle_join(told("E1"), "C1", "UBOT", "U7")
    delivery.tick(NOW)
    here.change_channel_id(told("E2"), "C1", "G2")
    here.change_channel_id(told("E2"), "C1", "G2")
    here.change_channel_id(told("E3"), "G2", "G2")
    assert channel(desk) is None
    found = channel(desk, "G2")
    assert found is not None
    assert f"{found.schedule.hour:%H:%M}" == "11:00"
    delivery.tick(DUE + timedelta(hours=2))
    assert [message.channel_id for message in desk.sender.accepted] == ["G2"]
    with desk.database.read_only() as session:
        assert outbox.list_for_channel(session, "T1", "C1") == ()
        assert outbox.has_introduction(session, "T1", "G2")


def test_a_new_id_that_somebody_subscribed_already_loses_nothing(desk: Driver) -> None:
    other = Place("T1", "G2", "U2")
    for place in (PLACE, other, Place("T2", "C1", "U1")):
        desk.run("subscribe pytorch-2.7", NOW, place)
    desk.run("subscribe pytorch-2.9", NOW)
    desk.run("subscribe tensorflow-2.11", NOW, other)
    desk.build_loop().tick(NOW)
    life(desk).change_channel_id(told("E1"), "C1", "G2")
    with desk.database.read_only() as session:
        watched = {s.target for s in subscriptions.list_for_channel(session, "T1", "G2")}
        elsewhere = {s.target for s in subscriptions.list_for_channel(session, "T2", "C1")}
        entries = outbox.list_for_channel(session, "T1", "G2")
    assert watched == {"pytorch-2.7", "pytorch-2.9", "tensorflow-2.11"}
    assert elsewhere == {"pytorch-2.7"}
    assert len({entry.reminder for entry in entries}) == len(entries)
    assert channel(desk) is None


def installed(desk: Driver, enterprise: str = "", workspace: str = "T1", when: datetime = NOW) -> InstallationRegistry:
    known = InstallationRegistry(desk.database, TokenVault([generate_key()]), lambda: 0.0)
    known.install(Installation(enterprise, workspace, "xoxb-1", "B1", "UBOT", (), "U1", when), when)
    return known


@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_uninstall_takes_the_token_at_once_and_holds_everything(desk: Driver, times: int) -> None:
    desk.run("subscribe pytorch-2.7", NOW)
    known = installed(desk)
    here = WorkspaceEvents(desk.database, Schedule(), known.evict)
    assert known.find_token("T1") == "xoxb-1"
    for number in range(times):
        here.uninstall(told(f"E{number}", NOW + timedelta(hours=number + 1)))
        here.uninstall(told(f"F{number}", NOW, workspace_id="T404"))
    with desk.database.read_only() as session:
        assert installations.list_all(session) == ()
        (gone,) = workspaces.list_suspended(session)
    assert (gone.workspace_id, gone.suspended_reason) == ("T1", channel_health.UNINSTALLED)
    assert gone.suspended_since == NOW + timedelta(hours=1)
    assert (known.find_token("T1"), known.find_workspace("T1")) == (None, None)
    desk.build_loop().tick(DUE)
    assert held(desk) == [90]
    assert desk.sender.attempted == []


def test_what_slack_tells_late_does_not_end_a_new_installation(lone_desk: Driver) -> None:
    known = installed(lone_desk, when=NOW + timedelta(minutes=5))
    here = WorkspaceEvents(lone_desk.database, Schedule(), known.evict)
    here.uninstall(SlackEvent("E1", "T1", NOW + timedelta(minutes=6), NOW))
    assert known.find_token("T1") == "xoxb-1"


def test_an_uninstall_of_a_workspace_that_was_suspended_already_counts_as_one(lone_desk: Driver) -> None:
    known = installed(lone_desk)
    with lone_desk.database.transaction() as session:
        workspaces.suspend(session, "T1", NOW, "token_revoked")
    WorkspaceEvents(lone_desk.database, Schedule(), known.evict).uninstall(told("E1", NOW + timedelta(days=1)))
    with lone_desk.database.read_only() as session:
        (gone,) = workspaces.list_suspended(session)
    assert (gone.suspended_since, gone.suspended_reason) == (NOW, channel_health.UNINSTALLED)


def chores(desk: Driver, works: Callable[[str], bool] = lambda _: False) -> Maintenance:
    return Maintenance(
        desk.database, ChannelRecovery(desk.database, lambda _: ChannelReach.UNCHECKED, works), timedelta(days=90)
    )


@pytest.mark.parametrize(("days", "kept"), [(89, True), (90, False)])
def test_a_return_within_ninety_days_finds_everything_and_after_that_nothing(
    desk: Driver, days: int, *, kept: bool
) -> None:
    desk.run("subscribe pytorch-2.7", NOW)
    desk.run("subscribe pytorch-2.7", NOW, Place("T2", "C9", "U9"))
    known = installed(desk)
    WorkspaceEvents(desk.database, Schedule(), known.evict).uninstall(told("E1"))
    desk.build_loop().tick(DUE)
    later = NOW + timedelta(days=days)
    chores(desk).run(later)
    known.install(Installation("", "T1", "xoxb-2", "B1", "UBOT", (), "U1", later), later)
    with desk.database.read_only() as session:
        assert bool(subscriptions.list_for_channel(session, "T1", "C1")) == kept
        assert subscriptions.list_for_channel(session, "T2", "C9")
    desk.build_loop().tick(later)
    assert any(message.workspace_id == "T1" for message in desk.sender.accepted) == kept


def test_a_refused_installation_is_not_erased_however_long_it_lasts(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    with lone_desk.database.transaction() as session:
        workspaces.suspend(session, "T1", NOW, "token_revoked")
    chores(lone_desk).run(NOW + timedelta(days=400))
    with lone_desk.database.read_only() as session:
        assert subscriptions.list_for_channel(session, "T1", "C1")


def test_an_organisation_gives_and_takes_workspaces(desk: Driver) -> None:
    known = installed(desk, "E1", "")
    here = WorkspaceEvents(desk.database, Schedule(), known.evict)
    here.grant_workspaces(told("E1", enterprise_id="E1"), ("T1", "T2"))
    assert (known.find_token("T1"), known.find_token("T2")) == ("xoxb-1", "xoxb-1")
    here.revoke_workspaces(told("E2", enterprise_id="E2"), ("T1",))
    assert known.find_token("T1") == "xoxb-1", "another organisation has no say"
    here.revoke_workspaces(told("E3", enterprise_id="E1"), ("T1", "T404"))
    assert (known.find_token("T1"), known.find_token("T2")) == (None, "xoxb-1")
    done = chores(desk, works=lambda _: True).run(NOW + timedelta(days=1))
    assert done.restored_workspaces == 0, "the organisation's token works, and is not for it"
    here.grant_workspaces(told("E4", enterprise_id="E1"), ("T1",))
    assert known.find_token("T1") == "xoxb-1"


def test_an_organisation_that_uninstalls_ends_all_but_workspaces_of_their_own(desk: Driver) -> None:
    known = installed(desk, "E1", "")
    here = WorkspaceEvents(desk.database, Schedule(), known.evict)
    here.grant_workspaces(told("E1", enterprise_id="E1"), ("T1", "T2"))
    known.install(Installation("E1", "T2", "xoxb-own", "B1", "UBOT", (), "U1", NOW), NOW)
    here.uninstall(told("E2", NOW + timedelta(hours=1), "", enterprise_id="E1", is_org_wide=True))
    assert (known.find_token("T1"), known.find_token("T2")) == (None, "xoxb-own")


class Slack:
    """Says of channels what it is told to say."""

    def __init__(self, **said: ChannelLook) -> None:
        self.said = said
        self.asked: list[str] = []

    def __call__(self, place: Place) -> ChannelLook:
        self.asked.append(place.channel_id)
        return self.said.get(place.channel_id, ChannelLook(ChannelReach.OK))


def test_a_daily_look_mends_what_events_missed(desk: Driver) -> None:
    for name in ("C1", "C2", "C3", "C4", "C5"):
        desk.run("subscribe pytorch-2.7", NOW, Place("T1", name, "U1"))
    here = life(desk)
    here.mark_unreachable(told("E1"), "C2", Health.ARCHIVED)
    slack = Slack(
        C1=ChannelLook(ChannelReach.ARCHIVED, is_public=True),
        C2=ChannelLook(ChannelReach.OK, is_public=True, name="news", creator="U3", is_shared=True),
        C3=ChannelLook(ChannelReach.UNCHECKED),
        C4=ChannelLook(ChannelReach.UNREACHABLE),
    )
    looking = ChannelReconciler(desk.database, slack)
    assert looking.run(NOW, 40) == 5
    assert [healthy(desk, name) for name in ("C1", "C2", "C3", "C4")] == [
        Health.ARCHIVED,
        Health.OK,
        Health.OK,
        Health.UNREACHABLE,
    ]
    found = channel(desk, "C2")
    assert found is not None
    assert (found.name, found.creator, found.is_shared, found.is_public) == ("news", "U3", True, True)
    slack.asked.clear()
    assert looking.run(NOW + timedelta(hours=2), 40) == 1, "only the one that Slack said nothing of"
    assert looking.run(NOW + timedelta(hours=25), 40) == 5
    assert slack.asked[0] == "C3"


def test_a_rule_that_bars_posts_is_not_mended_by_looking(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    with lone_desk.database.transaction() as session:
        found = channels.find(session, "T1", "C1")
        assert found is not None
        channels.update_health(session, found, Health.BLOCKED_BY_POLICY, since=NOW, reason="restricted", check_at=None)
    assert ChannelReconciler(lone_desk.database, Slack()).run(NOW, 40) == 1
    assert healthy(lone_desk) is Health.BLOCKED_BY_POLICY


def test_looking_is_paced_and_ends_when_asked_to(lone_desk: Driver) -> None:
    for number in range(5):
        lone_desk.run("subscribe pytorch-2.7", NOW, Place("T1", f"C{number}", "U1"))
    lone_desk.run("subscribe pytorch-2.7", NOW, Place("T2", "C9", "U1"))
    with lone_desk.database.transaction() as session:
        workspaces.suspend(session, "T2", NOW, "token_revoked")
    slack = Slack()
    looking = ChannelReconciler(lone_desk.database, slack)
    assert looking.run(NOW, 0) == 0
    assert looking.run(NOW, 2) == 2
    assert looking.run(NOW + timedelta(seconds=30), 2) == 0, "a minute has not passed"
    assert looking.run(NOW + reconcile.RUN_INTERVAL, 40, lambda: len(slack.asked) >= 4) == 2
    assert looking.run(NOW + 2 * reconcile.RUN_INTERVAL, 40) == 1
    assert sorted(slack.asked) == [f"C{number}" for number in range(5)], "and nobody could look into the other"


def test_chores_look_and_leave_room_for_channels_in_trouble(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    healing = ChannelRecovery(lone_desk.database, lambda _: ChannelReach.UNCHECKED, lambda _: False)
    slack = Slack()
    made = Maintenance(lone_desk.database, healing, timedelta(days=90), ChannelReconciler(lone_desk.database, slack))
    assert made.run(NOW) == MaintenanceReport(0, 0, pruned=True, checked_channels=1)
    assert made.run(NOW + timedelta(hours=1)).checked_channels == 0
