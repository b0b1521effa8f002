"""Channels and workspaces that refuse posts: paused, notified once, and reopened without losing a message."""

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


def build_refusal(error: str, health: Health) -> Refused:
    return Refused(error, Remedy.PAUSE_CHANNEL, health=health)


def get_channel(driver: Driver) -> Channel:
    with driver.database.read_only() as session:
        channel = channels.find(session, PLACE.workspace_id, PLACE.channel_id)
    assert channel is not None
    return channel


def build_recovery(driver: Driver, reach: ChannelReach, *, is_token_valid: bool = True) -> ChannelRecovery:
    return ChannelRecovery(driver.database, lambda _: reach, lambda _: is_token_valid)


@pytest.mark.parametrize("health", [Health.NEEDS_INVITE, Health.ARCHIVED, Health.UNREACHABLE])
def test_a_paused_channel_gets_its_reminder_when_it_opens(driver: Driver, health: Health) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [build_refusal("some_code", health)] * 5
    loop = driver.build_loop()
    assert loop.tick(DUE).held == 1
    channel = get_channel(driver)
    assert (channel.health, channel.health_since, channel.health_reason) == (health, DUE, "some_code")
    loop.tick(DUE + timedelta(minutes=1))
    assert [
        (message.channel_id, message.subject_channel_id, message.health) for message in driver.sender.health_messages
    ] == [("U1", "C1", health)]
    for hour in range(2, 50):
        assert build_recovery(driver, ChannelReach.NEEDS_INVITE).run(DUE + timedelta(hours=hour)) == 0
        loop.tick(DUE + timedelta(hours=hour))
    assert len(driver.sender.attempted) == 1
    assert build_recovery(driver, ChannelReach.OK).run(DUE + timedelta(hours=60)) == 1
    driver.sender.outcomes = []
    loop.tick(DUE + timedelta(hours=60))
    assert driver.sender.list_rungs() == [("2027-01-15", 90)]
    assert driver.sender.accepted[0].lines[0].is_late
    assert get_channel(driver).health is Health.OK
    assert len(driver.sender.health_messages) <= 2


def test_a_returning_problem_is_notified_again(driver: Driver) -> None:
    driver.run("subscribe all", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    driver.sender.outcomes = [build_refusal("is_archived", Health.ARCHIVED)]
    loop.tick(DUE)
    loop.tick(DUE + timedelta(minutes=1))
    build_recovery(driver, ChannelReach.NEEDS_INVITE).run(DUE + timedelta(hours=1))
    assert get_channel(driver).health is Health.NEEDS_INVITE
    build_recovery(driver, ChannelReach.OK).run(DUE + timedelta(hours=2))
    driver.sender.outcomes = [build_refusal("is_archived", Health.ARCHIVED)]
    loop.tick(DUE + timedelta(days=1))
    loop.tick(DUE + timedelta(days=1, minutes=1))
    assert [message.health for message in driver.sender.health_messages] == [Health.ARCHIVED, Health.ARCHIVED]


def test_a_workspace_rule_is_retried_daily_and_notified_once(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [build_refusal("restricted_action", Health.BLOCKED_BY_POLICY)] * 4
    loop = driver.build_loop()
    for hour in range(0, 24 * 6, 3):
        moment = DUE + timedelta(hours=hour)
        build_recovery(driver, ChannelReach.OK).run(moment)
        loop.tick(moment)
    assert len(driver.sender.attempted) == 5
    assert len(driver.sender.health_messages) == 1
    assert [rung for _, rung in driver.sender.list_rungs()] == [90]
    assert get_channel(driver).health_since is None


def test_listing_subscriptions_reopens_an_open_channel(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [build_refusal("not_in_channel", Health.NEEDS_INVITE)]
    loop = driver.build_loop()
    loop.tick(DUE)
    page = driver.run("subscriptions", DUE)
    assert isinstance(page, answers.SubscriptionList)
    assert (page.health, page.health_since) == (Health.NEEDS_INVITE, DUE.date())
    assert page.health_reason == "not_in_channel"
    driver.with_reach(ChannelReach.OK).run("subscriptions", DUE + timedelta(hours=1))
    loop.tick(DUE + timedelta(hours=1))
    assert driver.sender.list_rungs() == [("2027-01-13", 90)]


def test_only_the_most_urgent_held_reminder_is_sent(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [build_refusal("not_in_channel", Health.NEEDS_INVITE)]
    loop = driver.build_loop()
    for day in range(80):
        loop.tick(DUE + timedelta(days=day))
    assert len(driver.sender.attempted) == 1
    build_recovery(driver, ChannelReach.OK).run(DUE + timedelta(days=80))
    loop.tick(DUE + timedelta(days=80))
    assert [rung for _, rung in driver.sender.list_rungs()] == [14]


def test_a_paused_channel_does_not_delay_others(driver: Driver) -> None:
    for number in range(8):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    driver.sender.outcomes = [build_refusal("not_in_channel", Health.NEEDS_INVITE)]
    result = driver.build_loop().tick(DUE)
    assert (result.held, result.messages) == (1, 8), "seven reminders, and the message to the subscriber"


def test_a_workspace_is_suspended_while_its_token_is_revoked(driver: Driver) -> None:
    with driver.database.transaction() as session:
        workspaces.save(session, Workspace("T2"))  # T1 was never stored, and must be restored too
    for workspace_id in ("T1", "T2"):
        for number in range(10):
            driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place(workspace_id, f"C{number}", "U1"))
    revoked = Refused("token_revoked", Remedy.SUSPEND_WORKSPACE)
    driver.sender.workspace_outcomes = {"T1": revoked}
    loop = driver.build_loop()
    loop.tick(DUE)
    assert {message.workspace_id for message in driver.sender.accepted} == {"T2"}
    assert len(driver.sender.attempted) <= 15
    with driver.database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 10, OutboxState.HELD: 10}
        assert [w.suspended_reason for w in workspaces.list_suspended(session)] == ["token_revoked"]
    assert (
        build_recovery(driver, ChannelReach.OK, is_token_valid=False).restore_workspaces(DUE + timedelta(hours=1)) == 0
    )
    assert build_recovery(driver, ChannelReach.OK).restore_workspaces(DUE + timedelta(hours=1, minutes=30)) == 0
    assert build_recovery(driver, ChannelReach.OK).restore_workspaces(DUE + timedelta(hours=2)) == 1
    driver.sender.workspace_outcomes = {}
    loop.tick(DUE + timedelta(hours=2))
    with driver.database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 20}
    assert driver.sender.health_messages == []


def test_a_widespread_refusal_does_not_suspend_workspaces(driver: Driver) -> None:
    workspace_ids = [f"T{number}" for number in range(MIN_WORKSPACES + 3)]
    with driver.database.transaction() as session:
        for workspace_id in workspace_ids:
            workspaces.save(session, Workspace(workspace_id))
    for workspace_id in workspace_ids:
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place(workspace_id, "C1", "U1"))
    driver.sender.workspace_outcomes = dict.fromkeys(workspace_ids, Refused("invalid_auth", Remedy.SUSPEND_WORKSPACE))
    loop = driver.build_loop()
    loop.tick(DUE)
    with driver.database.read_only() as session:
        assert len(workspaces.list_suspended(session)) == MIN_WORKSPACES - 1
        assert outbox.count_by_state(session)[OutboxState.PENDING] == 4
    driver.sender.workspace_outcomes = {}
    loop.tick(DUE + timedelta(minutes=15))
    assert len(driver.sender.accepted) == 4


def test_old_entries_are_pruned_once_a_day(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    moment = utc("2026-12-02 09:00")
    while moment < utc("2027-04-20 09:00"):
        loop.tick(moment)
        moment += timedelta(days=1)
    maintenance = Maintenance(driver.database, build_recovery(driver, ChannelReach.OK), timedelta(days=90))

    def count_after_run(now: datetime) -> int:
        maintenance.run(now)
        with driver.database.read_only() as session:
            return sum(outbox.count_by_state(session).values())

    assert count_after_run(utc("2027-07-12 09:00")) == 9
    assert count_after_run(utc("2027-07-12 10:00")) == 9
    assert count_after_run(utc("2027-07-13 08:00")) == 9
    assert count_after_run(utc("2027-07-14 09:00")) == 0
    loop.tick(utc("2027-07-14 09:01"))
    assert len(driver.sender.accepted) == 9, "no pruned reminder is sent again"


def test_a_subscriber_is_notified_about_each_failing_channel(driver: Driver) -> None:
    for number in range(3):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    driver.sender.outcomes = [build_refusal("is_archived", Health.ARCHIVED)] * 3
    driver.build_loop().tick(DUE)
    for minute in range(1, 4):
        driver.build_loop().tick(DUE + timedelta(minutes=minute))
    assert sorted(message.subject_channel_id for message in driver.sender.health_messages) == ["C0", "C1", "C2"]
