"""Channels and workspaces that refuse posts: paused, told once, nothing lost, and mended when the cause has gone."""

from datetime import datetime, timedelta

import pytest

from bot import answers
from bot.answers import ChannelReach
from bot.policy.post_outcomes import Refused, Remedy
from bot.service.delivery.circuit_breaker import MIN_WORKSPACES
from bot.service.maintenance import Maintenance
from bot.service.place import Place
from bot.service.workspaces.channel_health import ChannelRecovery
from storage import channels, outbox, workspaces
from storage.facts import Channel, Health, OutboxState, Workspace
from tests.service.driver import PLACE, Driver, utc

DUE = utc("2027-01-13 09:00")


def refused(error: str, health: Health) -> Refused:
    return Refused(error, Remedy.PAUSE_CHANNEL, health=health)


def channel(desk: Driver, place: Place = PLACE) -> Channel:
    with desk.database.read_only() as session:
        found = channels.find(session, place.workspace_id, place.channel_id)
    assert found is not None
    return found


def healing(desk: Driver, reach: ChannelReach, *, works: bool = True) -> ChannelRecovery:
    return ChannelRecovery(desk.database, lambda _: reach, lambda _: works)


@pytest.mark.parametrize("health", [Health.NEEDS_INVITE, Health.ARCHIVED, Health.UNREACHABLE])
def test_a_refused_channel_is_paused_told_once_and_gets_its_reminder_when_it_opens(
    desk: Driver, health: Health
) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("some_code", health)] * 5
    delivery = desk.build_loop()
    assert delivery.tick(DUE).held == 1
    found = channel(desk)
    assert (found.health, found.health_since, found.health_reason) == (health, DUE, "some_code")
    delivery.tick(DUE + timedelta(minutes=1))
    assert [(note.channel_id, note.subject_channel_id, note.health) for note in desk.sender.health_messages] == [
        ("U1", "C1", health)
    ]
    for hour in range(2, 50):
        assert healing(desk, ChannelReach.NEEDS_INVITE).run(DUE + timedelta(hours=hour)) == 0
        delivery.tick(DUE + timedelta(hours=hour))
    assert len(desk.sender.attempted) == 1
    assert healing(desk, ChannelReach.OK).run(DUE + timedelta(hours=60)) == 1
    desk.sender.outcomes = []
    delivery.tick(DUE + timedelta(hours=60))
    assert desk.sender.list_rungs() == [("2027-01-15", 90)]
    assert desk.sender.accepted[0].lines[0].is_late
    assert channel(desk).health is Health.OK
    assert len(desk.sender.health_messages) <= 2


def test_a_second_trouble_of_another_kind_is_told_too_and_a_returning_one_again(desk: Driver) -> None:
    desk.run("subscribe all", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    desk.sender.outcomes = [refused("is_archived", Health.ARCHIVED)]
    delivery.tick(DUE)
    delivery.tick(DUE + timedelta(minutes=1))
    healing(desk, ChannelReach.NEEDS_INVITE).run(DUE + timedelta(hours=1))
    assert channel(desk).health is Health.NEEDS_INVITE
    healing(desk, ChannelReach.OK).run(DUE + timedelta(hours=2))
    desk.sender.outcomes = [refused("is_archived", Health.ARCHIVED)]
    delivery.tick(DUE + timedelta(days=1))
    delivery.tick(DUE + timedelta(days=1, minutes=1))
    assert [note.health for note in desk.sender.health_messages] == [Health.ARCHIVED, Health.ARCHIVED]


def test_a_rule_of_the_workspace_is_tried_once_a_day_and_told_once(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("restricted_action", Health.BLOCKED_BY_POLICY)] * 4
    delivery = desk.build_loop()
    for hour in range(0, 24 * 6, 3):
        moment = DUE + timedelta(hours=hour)
        healing(desk, ChannelReach.OK).run(moment)
        delivery.tick(moment)
    assert len(desk.sender.attempted) == 5
    assert len(desk.sender.health_messages) == 1
    assert [rung for _, rung in desk.sender.list_rungs()] == [90]
    assert channel(desk).health_since is None


def test_asking_for_the_list_mends_a_channel_that_slack_shows_open(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("not_in_channel", Health.NEEDS_INVITE)]
    delivery = desk.build_loop()
    delivery.tick(DUE)
    shown = desk.run("subscriptions", DUE)
    assert isinstance(shown, answers.SubscriptionList)
    assert (shown.health, shown.health_since, shown.health_reason) == (
        Health.NEEDS_INVITE,
        DUE.date(),
        "not_in_channel",
    )
    desk.with_reach(ChannelReach.OK).run("subscriptions", DUE + timedelta(hours=1))
    delivery.tick(DUE + timedelta(hours=1))
    assert desk.sender.list_rungs() == [("2027-01-13", 90)]


def test_held_reminders_collapse_to_the_most_urgent_when_the_channel_opens(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("not_in_channel", Health.NEEDS_INVITE)]
    delivery = desk.build_loop()
    for day in range(80):
        delivery.tick(DUE + timedelta(days=day))
    assert len(desk.sender.attempted) == 1
    healing(desk, ChannelReach.OK).run(DUE + timedelta(days=80))
    delivery.tick(DUE + timedelta(days=80))
    assert [rung for _, rung in desk.sender.list_rungs()] == [14]


def test_a_dead_channel_holds_up_nobody_else(desk: Driver) -> None:
    for number in range(8):
        desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    desk.sender.outcomes = [refused("not_in_channel", Health.NEEDS_INVITE)]
    done = desk.build_loop().tick(DUE)
    assert (done.held, done.messages) == (1, 8)  # seven reminders, and the note to the subscriber


def test_a_revoked_token_suspends_its_workspace_and_a_working_one_brings_everything_back(desk: Driver) -> None:
    with desk.database.transaction() as session:
        workspaces.save(session, Workspace("T2"))  # T1 was never stored: it must come back all the same
    for team in ("T1", "T2"):
        for number in range(10):
            desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place(team, f"C{number}", "U1"))
    revoked = Refused("token_revoked", Remedy.SUSPEND_WORKSPACE)
    desk.sender.workspace_outcomes = {"T1": revoked}
    delivery = desk.build_loop()
    delivery.tick(DUE)
    assert {message.workspace_id for message in desk.sender.accepted} == {"T2"}
    assert len(desk.sender.attempted) <= 15
    with desk.database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 10, OutboxState.HELD: 10}
        assert [w.suspended_reason for w in workspaces.list_suspended(session)] == ["token_revoked"]
    assert healing(desk, ChannelReach.OK, works=False).restore_workspaces(DUE + timedelta(hours=1)) == 0
    assert healing(desk, ChannelReach.OK).restore_workspaces(DUE + timedelta(hours=1, minutes=30)) == 0
    assert healing(desk, ChannelReach.OK).restore_workspaces(DUE + timedelta(hours=2)) == 1
    desk.sender.workspace_outcomes = {}
    delivery.tick(DUE + timedelta(hours=2))
    with desk.database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 20}
    assert desk.sender.health_messages == []


def test_the_same_refusal_from_many_workspaces_at_once_is_our_own_trouble(desk: Driver) -> None:
    teams = [f"T{number}" for number in range(MIN_WORKSPACES + 3)]
    with desk.database.transaction() as session:
        for team in teams:
            workspaces.save(session, Workspace(team))
    for team in teams:
        desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place(team, "C1", "U1"))
    desk.sender.workspace_outcomes = dict.fromkeys(teams, Refused("invalid_auth", Remedy.SUSPEND_WORKSPACE))
    delivery = desk.build_loop()
    delivery.tick(DUE)
    with desk.database.read_only() as session:
        assert len(workspaces.list_suspended(session)) == MIN_WORKSPACES - 1
        assert outbox.count_by_state(session)[OutboxState.PENDING] == 4
    desk.sender.workspace_outcomes = {}
    delivery.tick(DUE + timedelta(minutes=15))
    assert len(desk.sender.accepted) == 4


def test_old_rows_are_pruned_in_small_steps_and_what_guards_stays(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    moment = utc("2026-12-02 09:00")
    while moment < utc("2027-04-20 09:00"):
        delivery.tick(moment)
        moment += timedelta(days=1)
    chores = Maintenance(desk.database, healing(desk, ChannelReach.OK), timedelta(days=90))

    def rows(now: datetime) -> int:
        chores.run(now)
        with desk.database.read_only() as session:
            return sum(outbox.count_by_state(session).values())

    assert rows(utc("2027-07-12 09:00")) == 9
    assert rows(utc("2027-07-12 10:00")) == 9
    assert rows(utc("2027-07-13 08:00")) == 9
    assert rows(utc("2027-07-14 09:00")) == 0
    delivery.tick(utc("2027-07-14 09:01"))
    assert len(desk.sender.accepted) == 9


def test_somebody_hears_of_each_of_their_channels_that_fail_at_once(desk: Driver) -> None:
    for number in range(3):
        desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    desk.sender.outcomes = [refused("is_archived", Health.ARCHIVED)] * 3
    desk.build_loop().tick(DUE)
    for minute in range(1, 4):
        desk.build_loop().tick(DUE + timedelta(minutes=minute))
    assert sorted(note.subject_channel_id for note in desk.sender.health_messages) == ["C0", "C1", "C2"]
