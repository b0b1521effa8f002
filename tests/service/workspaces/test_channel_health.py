"""Channels and workspaces that refuse posts: paused, told once, nothing lost, and mended when the cause has gone."""

from datetime import datetime, timedelta

import pytest

from bot import answers
from bot.answers import Reach
from bot.policy.post_outcomes import Refused, Remedy
from bot.service.delivery.circuit_breaker import WORKSPACES
from bot.service.maintenance import Chores
from bot.service.place import Place
from bot.service.workspaces.channel_health import Healing
from storage import channels, outbox, workspaces
from storage.facts import Channel, Health, OutboxState, Workspace
from tests.service.driver import PLACE, Desk, at

DUE = at("2027-01-13 09:00")


def refused(error: str, health: Health) -> Refused:
    return Refused(error, Remedy.PAUSE_CHANNEL, health=health)


def channel(desk: Desk, place: Place = PLACE) -> Channel:
    with desk.database.reading() as session:
        found = channels.find(session, place.workspace_id, place.channel_id)
    assert found is not None
    return found


def healing(desk: Desk, reach: Reach, *, works: bool = True) -> Healing:
    return Healing(desk.database, lambda _: reach, lambda _: works)


@pytest.mark.parametrize("health", [Health.NEEDS_INVITE, Health.ARCHIVED, Health.UNREACHABLE])
def test_a_refused_channel_is_paused_told_once_and_gets_its_reminder_when_it_opens(desk: Desk, health: Health) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("some_code", health)] * 5
    delivery = desk.delivery()
    assert delivery.tick(DUE).held == 1
    found = channel(desk)
    assert (found.health, found.health_since, found.health_reason) == (health, DUE, "some_code")
    delivery.tick(DUE + timedelta(minutes=1))
    assert [(note.channel_id, note.about, note.health) for note in desk.sender.notes] == [("U1", "C1", health)]
    for hour in range(2, 50):
        assert healing(desk, Reach.NEEDS_INVITE).run(DUE + timedelta(hours=hour)) == 0
        delivery.tick(DUE + timedelta(hours=hour))
    assert len(desk.sender.tried) == 1
    assert healing(desk, Reach.OK).run(DUE + timedelta(hours=60)) == 1
    desk.sender.outcomes = []
    delivery.tick(DUE + timedelta(hours=60))
    assert desk.sender.rungs() == [("2027-01-15", 90)]
    assert desk.sender.accepted[0].lines[0].late
    assert channel(desk).health is Health.OK
    assert len(desk.sender.notes) <= 2


def test_a_second_trouble_of_another_kind_is_told_too_and_a_returning_one_again(desk: Desk) -> None:
    desk.say("subscribe all", at("2026-12-01 10:00"))
    delivery = desk.delivery()
    desk.sender.outcomes = [refused("is_archived", Health.ARCHIVED)]
    delivery.tick(DUE)
    delivery.tick(DUE + timedelta(minutes=1))
    healing(desk, Reach.NEEDS_INVITE).run(DUE + timedelta(hours=1))
    assert channel(desk).health is Health.NEEDS_INVITE
    healing(desk, Reach.OK).run(DUE + timedelta(hours=2))
    desk.sender.outcomes = [refused("is_archived", Health.ARCHIVED)]
    delivery.tick(DUE + timedelta(days=1))
    delivery.tick(DUE + timedelta(days=1, minutes=1))
    assert [note.health for note in desk.sender.notes] == [Health.ARCHIVED, Health.ARCHIVED]


def test_a_rule_of_the_workspace_is_tried_once_a_day_and_told_once(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("restricted_action", Health.BLOCKED_BY_POLICY)] * 4
    delivery = desk.delivery()
    for hour in range(0, 24 * 6, 3):
        moment = DUE + timedelta(hours=hour)
        healing(desk, Reach.OK).run(moment)
        delivery.tick(moment)
    assert len(desk.sender.tried) == 5
    assert len(desk.sender.notes) == 1
    assert [rung for _, rung in desk.sender.rungs()] == [90]
    assert channel(desk).health_since is None


def test_asking_for_the_list_mends_a_channel_that_slack_shows_open(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("not_in_channel", Health.NEEDS_INVITE)]
    delivery = desk.delivery()
    delivery.tick(DUE)
    shown = desk.say("subscriptions", DUE)
    assert isinstance(shown, answers.SubscriptionList)
    assert (shown.health, shown.health_since, shown.health_reason) == (
        Health.NEEDS_INVITE,
        DUE.date(),
        "not_in_channel",
    )
    desk.seen(Reach.OK).say("subscriptions", DUE + timedelta(hours=1))
    delivery.tick(DUE + timedelta(hours=1))
    assert desk.sender.rungs() == [("2027-01-13", 90)]


def test_held_reminders_collapse_to_the_most_urgent_when_the_channel_opens(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [refused("not_in_channel", Health.NEEDS_INVITE)]
    delivery = desk.delivery()
    for day in range(80):
        delivery.tick(DUE + timedelta(days=day))
    assert len(desk.sender.tried) == 1
    healing(desk, Reach.OK).run(DUE + timedelta(days=80))
    delivery.tick(DUE + timedelta(days=80))
    assert [rung for _, rung in desk.sender.rungs()] == [14]


def test_a_dead_channel_holds_up_nobody_else(desk: Desk) -> None:
    for number in range(8):
        desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    desk.sender.outcomes = [refused("not_in_channel", Health.NEEDS_INVITE)]
    done = desk.delivery().tick(DUE)
    assert (done.held, done.messages) == (1, 8)  # seven reminders, and the note to the subscriber


def test_a_revoked_token_suspends_its_workspace_and_a_working_one_brings_everything_back(desk: Desk) -> None:
    with desk.database.transaction() as session:
        workspaces.save(session, Workspace("T2"))  # T1 was never stored: it must come back all the same
    for team in ("T1", "T2"):
        for number in range(10):
            desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place(team, f"C{number}", "U1"))
    revoked = Refused("token_revoked", Remedy.SUSPEND_WORKSPACE)
    desk.sender.refusing = {"T1": revoked}
    delivery = desk.delivery()
    delivery.tick(DUE)
    assert {message.workspace_id for message in desk.sender.accepted} == {"T2"}
    assert len(desk.sender.tried) <= 15
    with desk.database.reading() as session:
        assert outbox.counts(session) == {OutboxState.SENT: 10, OutboxState.HELD: 10}
        assert [w.suspended_reason for w in workspaces.suspended(session)] == ["token_revoked"]
    assert healing(desk, Reach.OK, works=False).restore(DUE + timedelta(hours=1)) == 0
    assert healing(desk, Reach.OK).restore(DUE + timedelta(hours=1, minutes=30)) == 0
    assert healing(desk, Reach.OK).restore(DUE + timedelta(hours=2)) == 1
    desk.sender.refusing = {}
    delivery.tick(DUE + timedelta(hours=2))
    with desk.database.reading() as session:
        assert outbox.counts(session) == {OutboxState.SENT: 20}
    assert desk.sender.notes == []


def test_the_same_refusal_from_many_workspaces_at_once_is_our_own_trouble(desk: Desk) -> None:
    teams = [f"T{number}" for number in range(WORKSPACES + 3)]
    with desk.database.transaction() as session:
        for team in teams:
            workspaces.save(session, Workspace(team))
    for team in teams:
        desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place(team, "C1", "U1"))
    desk.sender.refusing = dict.fromkeys(teams, Refused("invalid_auth", Remedy.SUSPEND_WORKSPACE))
    delivery = desk.delivery()
    delivery.tick(DUE)
    with desk.database.reading() as session:
        assert len(workspaces.suspended(session)) == WORKSPACES - 1
        assert outbox.counts(session)[OutboxState.PENDING] == 4
    desk.sender.refusing = {}
    delivery.tick(DUE + timedelta(minutes=15))
    assert len(desk.sender.accepted) == 4


def test_old_rows_are_pruned_in_small_steps_and_what_guards_stays(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    delivery = desk.delivery()
    moment = at("2026-12-02 09:00")
    while moment < at("2027-04-20 09:00"):
        delivery.tick(moment)
        moment += timedelta(days=1)
    chores = Chores(desk.database, healing(desk, Reach.OK), timedelta(days=90))

    def rows(now: datetime) -> int:
        chores.run(now)
        with desk.database.reading() as session:
            return sum(outbox.counts(session).values())

    assert rows(at("2027-07-12 09:00")) == 9
    assert rows(at("2027-07-12 10:00")) == 9
    assert rows(at("2027-07-13 08:00")) == 9
    assert rows(at("2027-07-14 09:00")) == 0
    delivery.tick(at("2027-07-14 09:01"))
    assert len(desk.sender.accepted) == 9


def test_somebody_hears_of_each_of_their_channels_that_fail_at_once(desk: Desk) -> None:
    for number in range(3):
        desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    desk.sender.outcomes = [refused("is_archived", Health.ARCHIVED)] * 3
    desk.delivery().tick(DUE)
    for minute in range(1, 4):
        desk.delivery().tick(DUE + timedelta(minutes=minute))
    assert sorted(note.about for note in desk.sender.notes) == ["C0", "C1", "C2"]
