"""Who may change a channel, on a real database: refused, written down, asked for, allowed."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.commands import parser
from bot.policy.permissions import Refusal, Role
from bot.service.access.requests import AccessRequests, RequestOutcome
from storage import subscriptions
from storage.facts import PermissionRule
from tests.service.driver import Driver
from tests.service.permissions_driver import (
    ADMIN,
    ANA,
    BEN,
    GUEST,
    NOW,
    FakeUserDirectory,
    list_audit_entries,
    open_with_directory,
)

CHANGES = (
    "subscribe pytorch-2.7",
    "unsubscribe pytorch",
    "settings hour 10",
    "team create ml",
    "team ml add",
    "team ml owner nobody",
    "team ml subscribe pytorch-2.9",
    "team ml unsubscribe pytorch-2.9",
    "team ml remove",
    "team delete ml",
)
LOOKS = ("status pytorch-2.7", "list", "subscriptions", "subscriptions all", "settings", "audit", "team", "export")


@pytest.fixture
def people() -> FakeUserDirectory:
    return FakeUserDirectory()


@pytest.fixture
def desk(sqlite_database: object, people: FakeUserDirectory) -> Driver:
    return open_with_directory(sqlite_database, people)  # type: ignore[arg-type] # pytest gives a Database


@pytest.mark.parametrize("text", LOOKS)
def test_a_guest_may_look(desk: Driver, text: str) -> None:
    assert not isinstance(desk.run(text, NOW, GUEST), answers.PermissionDenied)


@pytest.mark.parametrize("text", CHANGES)
@pytest.mark.parametrize("who", ["UGUEST", "USTRANGER"])
def test_a_guest_or_stranger_changes_nothing_and_it_is_written_down(desk: Driver, text: str, who: str) -> None:
    denied = desk.run(text, NOW, replace(GUEST, user_id=who))
    assert isinstance(denied, answers.PermissionDenied)
    assert parser.parse(denied.command) == parser.parse(text)
    (only,) = list_audit_entries(desk)
    assert (only.action, only.actor, only.after) == ("denied", who, denied.command)
    assert desk.run("subscriptions", NOW) == desk.run("subscriptions", NOW, GUEST)


@pytest.mark.parametrize("text", CHANGES)
@pytest.mark.parametrize("rule", ["anyone", "creators", "named <@UBEN>", "named <!subteam^SOPS|@ops>"])
def test_who_may_is_as_the_workspace_says(desk: Driver, people: FakeUserDirectory, text: str, rule: str) -> None:
    people.creators["C1"] = "UANA"
    people.groups["SOPS"] = ("UANA",)
    desk.run("team create ml", NOW, ADMIN)
    desk.run(f"permissions {rule}", NOW, ADMIN)
    may = {"anyone": {"UANA", "UBEN"}, "creators": {"UANA"}, "named <@UBEN>": {"UBEN"}}.get(rule, {"UANA"})
    for place in (ANA, BEN):
        found = desk.run(text, NOW, place)
        assert isinstance(found, answers.PermissionDenied) != (place.user_id in may), (rule, place.user_id)
    assert not isinstance(desk.run(text, NOW, replace(ANA, user_id="")), answers.PermissionDenied), "the terminal may"


def test_only_admins_and_named_people_say_who_may(desk: Driver) -> None:
    refused = desk.run("permissions creators", NOW, ANA)
    assert refused == answers.PermissionDenied(Refusal.NOT_ADMIN)
    changed = desk.run("permissions named <@UANA|ana> <!subteam^SOPS|@ops>", NOW, ADMIN)
    assert changed == answers.Permissions(PermissionRule.NAMED, ("UANA", "SOPS"), is_changed=True)
    kept = desk.run("permissions creators", NOW, ANA)
    assert kept == answers.Permissions(PermissionRule.CREATORS, ("UANA", "SOPS"), is_changed=True)
    assert desk.run("permissions", NOW, BEN) == replace(kept, is_changed=False)
    rows = list_audit_entries(desk, "")
    assert [(row.before, row.after) for row in rows] == [
        ("anyone", "named UANA SOPS"),
        ("named UANA SOPS", "creators UANA SOPS"),
    ]
    assert isinstance(desk.run("permissions anyone nobody", NOW, ADMIN), answers.Permissions)
    assert isinstance(desk.run("permissions named", NOW, ADMIN), answers.InvalidRequest)
    many = " ".join(f"<@U{n:05}>" for n in range(51))
    assert isinstance(desk.run(f"permissions named {many}", NOW, ADMIN), answers.InvalidRequest)


def test_of_whom_slack_says_nothing_in_time_is_asked_to_try_again(desk: Driver, people: FakeUserDirectory) -> None:
    people.roles["UANA"] = Role.UNKNOWN
    assert desk.run("subscribe pytorch-2.7", NOW, ANA) == answers.PermissionDenied(Refusal.ROLE_UNKNOWN)
    people.creators["C1"] = "UANA"
    desk.run("permissions creators", NOW, ADMIN)
    assert isinstance(desk.run("subscribe pytorch-2.7", NOW, ANA), answers.Subscribed)


def test_a_rule_holds_in_its_own_workspace(desk: Driver) -> None:
    desk.run("permissions named <@UBEN>", NOW, ADMIN)
    assert isinstance(desk.run("subscribe pytorch-2.7", NOW, ANA), answers.PermissionDenied)
    assert isinstance(desk.run("subscribe pytorch-2.7", NOW, replace(ANA, workspace_id="T2")), answers.Subscribed)
    assert [row.action for row in list_audit_entries(desk, workspace_id="T2")] == ["subscribe"]
    shown = desk.run("permissions", NOW, replace(ANA, workspace_id="T2"))
    assert shown == answers.Permissions(PermissionRule.ANYONE, ())


def test_what_was_asked_for_is_done_once_it_is_allowed(desk: Driver, people: FakeUserDirectory) -> None:
    desk.run("permissions named <@UBEN>", NOW, ADMIN)
    denied = desk.run("subscribe pytorch-2.7", NOW, ANA)
    assert isinstance(denied, answers.PermissionDenied)
    requests = AccessRequests(desk.database, desk.dispatcher.permissions)
    assert requests.ask(denied.command, ANA, NOW) == answers.AccessRequested("UBEN", "subscribe pytorch-2.7")
    assert requests.ask(denied.command, ANA, NOW) == answers.AccessRequested(
        "UBEN", "subscribe pytorch-2.7", is_repeat=True
    )
    desk.build_loop().tick(NOW)
    (note,) = desk.sender.personal
    assert isinstance(note, answers.AccessRequestMessage)
    assert (note.channel_id, note.requested_by, note.subject_channel_id, note.command) == (
        "UBEN",
        "UANA",
        "C1",
        denied.command,
    )

    direct = replace(BEN, channel_id="D1")
    assert isinstance(
        requests.decide(note.request_id, replace(direct, user_id="UANA"), NOW, granted=True), answers.PermissionDenied
    )
    assert isinstance(
        requests.decide(note.request_id, replace(direct, workspace_id="T2"), NOW, granted=True), answers.InvalidRequest
    )
    allowed = requests.decide(note.request_id, direct, NOW, granted=True)
    assert isinstance(allowed, RequestOutcome)
    assert allowed.place == BEN
    late = requests.decide(note.request_id, direct, NOW, granted=False)
    assert isinstance(late, RequestOutcome)
    assert (late.answer.is_granted, late.answer.is_already_answered, late.place) == (True, True, None)
    desk.dispatcher.execute(parser.parse(allowed.answer.command), BEN, NOW)
    with desk.database.read_only() as session:
        (only,) = subscriptions.list_for_channel(session, "T1", "C1")
    assert (only.target, only.created_by) == ("pytorch-2.7", "UBEN")
    desk.build_loop().tick(NOW + timedelta(minutes=1))
    told = desk.sender.personal[1]
    assert isinstance(told, answers.AccessDecisionMessage)
    assert (told.channel_id, told.answered_by, told.is_granted) == ("UANA", "UBEN", True)
    assert [row.action for row in list_audit_entries(desk)] == ["denied", "request", "denied", "allow", "subscribe"]


def test_several_notes_to_one_person_all_arrive_and_an_answered_one_does_not(desk: Driver) -> None:
    desk.run("permissions named <@UBEN>", NOW, ADMIN)
    requests = AccessRequests(desk.database, desk.dispatcher.permissions)
    for command in ("subscribe pytorch-2.7", "subscribe pytorch-2.9", "subscribe pytorch"):
        requests.ask(command, ANA, NOW)
    declined = requests.decide(1, BEN, NOW, granted=False)
    assert isinstance(declined, RequestOutcome)
    assert declined.place is None
    delivery = desk.build_loop()
    for second in range(0, 10, 2):
        delivery.tick(NOW + timedelta(seconds=second))
    asked = [note.command for note in desk.sender.personal if isinstance(note, answers.AccessRequestMessage)]
    told = [note.is_granted for note in desk.sender.personal if isinstance(note, answers.AccessDecisionMessage)]
    assert (sorted(asked), told) == (["subscribe pytorch", "subscribe pytorch-2.9"], [False])


def test_whom_to_ask_is_found_in_turn(desk: Driver, people: FakeUserDirectory) -> None:
    requests = AccessRequests(desk.database, desk.dispatcher.permissions)
    assert requests.ask("subscribe all", GUEST, NOW).approver == ""
    desk.run("subscribe pytorch", NOW, ANA)
    assert requests.ask("subscribe all", GUEST, NOW).approver == "UANA"
    people.groups["SOPS"] = ("UBEN",)
    desk.run("permissions named <!subteam^SOPS>", NOW, ADMIN)
    assert requests.ask("unsubscribe all", GUEST, NOW).approver == "UBEN"
    people.creators["C1"] = "UCHEN"
    desk.run("permissions creators", NOW, ADMIN)
    assert requests.ask("settings hour 10", GUEST, NOW).approver == "UCHEN"
