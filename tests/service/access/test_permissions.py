"""Permissions and access requests on a real database."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.commands import parser
from bot.policy.permissions import Refusal, Role
from bot.service.access.requests import AccessRequests, RequestOutcome
from storage import subscriptions
from storage.database import Database
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

CHANGE_COMMANDS = (
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
READ_COMMANDS = (
    "status pytorch-2.7",
    "list",
    "subscriptions",
    "subscriptions all",
    "settings",
    "audit",
    "team",
    "export",
)


@pytest.fixture
def directory() -> FakeUserDirectory:
    return FakeUserDirectory()


@pytest.fixture
def driver(sqlite_database: Database, directory: FakeUserDirectory) -> Driver:
    return open_with_directory(sqlite_database, directory)


@pytest.mark.parametrize("text", READ_COMMANDS)
def test_a_guest_can_read(driver: Driver, text: str) -> None:
    assert not isinstance(driver.run(text, NOW, GUEST), answers.PermissionDenied)


@pytest.mark.parametrize("text", CHANGE_COMMANDS)
@pytest.mark.parametrize("user_id", ["UGUEST", "USTRANGER"])
def test_a_guest_or_external_person_is_denied_and_logged(driver: Driver, text: str, user_id: str) -> None:
    denied = driver.run(text, NOW, replace(GUEST, user_id=user_id))
    assert isinstance(denied, answers.PermissionDenied)
    assert parser.parse(denied.command) == parser.parse(text)
    (entry,) = list_audit_entries(driver)
    assert (entry.action, entry.actor, entry.after) == ("denied", user_id, denied.command)
    assert driver.run("subscriptions", NOW) == driver.run("subscriptions", NOW, GUEST)


@pytest.mark.parametrize("text", CHANGE_COMMANDS)
@pytest.mark.parametrize("rule", ["anyone", "creators", "named <@UBEN>", "named <!subteam^SOPS|@ops>"])
def test_the_workspace_rule_decides_who_can_change(
    driver: Driver, directory: FakeUserDirectory, text: str, rule: str
) -> None:
    directory.creators["C1"] = "UANA"
    directory.groups["SOPS"] = ("UANA",)
    driver.run("team create ml", NOW, ADMIN)
    driver.run(f"permissions {rule}", NOW, ADMIN)
    allowed = {"anyone": {"UANA", "UBEN"}, "creators": {"UANA"}, "named <@UBEN>": {"UBEN"}}.get(rule, {"UANA"})
    for place in (ANA, BEN):
        answer = driver.run(text, NOW, place)
        assert isinstance(answer, answers.PermissionDenied) != (place.user_id in allowed), (rule, place.user_id)
    command_line = replace(ANA, user_id="")
    assert not isinstance(driver.run(text, NOW, command_line), answers.PermissionDenied)


def test_only_admins_and_named_people_change_the_rule(driver: Driver) -> None:
    denied = driver.run("permissions creators", NOW, ANA)
    assert denied == answers.PermissionDenied(Refusal.NOT_ADMIN)
    changed = driver.run("permissions named <@UANA|ana> <!subteam^SOPS|@ops>", NOW, ADMIN)
    assert changed == answers.Permissions(PermissionRule.NAMED, ("UANA", "SOPS"), is_changed=True)
    creators = driver.run("permissions creators", NOW, ANA)
    assert creators == answers.Permissions(PermissionRule.CREATORS, ("UANA", "SOPS"), is_changed=True)
    assert driver.run("permissions", NOW, BEN) == replace(creators, is_changed=False)
    rows = list_audit_entries(driver, "")
    assert [(row.before, row.after) for row in rows] == [
        ("anyone", "named UANA SOPS"),
        ("named UANA SOPS", "creators UANA SOPS"),
    ]
    assert isinstance(driver.run("permissions anyone nobody", NOW, ADMIN), answers.Permissions)
    assert isinstance(driver.run("permissions named", NOW, ADMIN), answers.InvalidRequest)
    many = " ".join(f"<@U{n:05}>" for n in range(51))
    assert isinstance(driver.run(f"permissions named {many}", NOW, ADMIN), answers.InvalidRequest)


def test_a_person_of_unknown_role_is_asked_to_try_again(driver: Driver, directory: FakeUserDirectory) -> None:
    directory.roles["UANA"] = Role.UNKNOWN
    assert driver.run("subscribe pytorch-2.7", NOW, ANA) == answers.PermissionDenied(Refusal.ROLE_UNKNOWN)
    directory.creators["C1"] = "UANA"
    driver.run("permissions creators", NOW, ADMIN)
    assert isinstance(driver.run("subscribe pytorch-2.7", NOW, ANA), answers.Subscribed)


def test_a_rule_applies_to_its_workspace_only(driver: Driver) -> None:
    driver.run("permissions named <@UBEN>", NOW, ADMIN)
    assert isinstance(driver.run("subscribe pytorch-2.7", NOW, ANA), answers.PermissionDenied)
    assert isinstance(driver.run("subscribe pytorch-2.7", NOW, replace(ANA, workspace_id="T2")), answers.Subscribed)
    assert [row.action for row in list_audit_entries(driver, workspace_id="T2")] == ["subscribe"]
    shown = driver.run("permissions", NOW, replace(ANA, workspace_id="T2"))
    assert shown == answers.Permissions(PermissionRule.ANYONE, ())


def test_an_allowed_request_is_executed_once(driver: Driver, directory: FakeUserDirectory) -> None:
    driver.run("permissions named <@UBEN>", NOW, ADMIN)
    denied = driver.run("subscribe pytorch-2.7", NOW, ANA)
    assert isinstance(denied, answers.PermissionDenied)
    requests = AccessRequests(driver.database, driver.use_cases.permissions)
    assert requests.ask(denied.command, ANA, NOW) == answers.AccessRequested("UBEN", "subscribe pytorch-2.7")
    assert requests.ask(denied.command, ANA, NOW) == answers.AccessRequested(
        "UBEN", "subscribe pytorch-2.7", is_repeat=True
    )
    driver.build_loop().tick(NOW)
    (message,) = driver.sender.personal
    assert isinstance(message, answers.AccessRequestMessage)
    assert (message.channel_id, message.requested_by, message.subject_channel_id) == ("UBEN", "UANA", "C1")
    assert message.command == denied.command

    direct = replace(BEN, channel_id="D1")
    assert isinstance(
        requests.decide(message.request_id, replace(direct, user_id="UANA"), NOW, granted=True),
        answers.PermissionDenied,
    )
    assert isinstance(
        requests.decide(message.request_id, replace(direct, workspace_id="T2"), NOW, granted=True),
        answers.InvalidRequest,
    )
    allowed = requests.decide(message.request_id, direct, NOW, granted=True)
    assert isinstance(allowed, RequestOutcome)
    assert allowed.place == BEN
    late = requests.decide(message.request_id, direct, NOW, granted=False)
    assert isinstance(late, RequestOutcome)
    assert (late.answer.is_granted, late.answer.is_already_answered, late.place) == (True, True, None)
    driver.use_cases.dispatcher.execute(parser.parse(allowed.answer.command), BEN, NOW)
    with driver.database.read_only() as session:
        (subscription,) = subscriptions.list_for_channel(session, "T1", "C1")
    assert (subscription.target, subscription.created_by) == ("pytorch-2.7", "UBEN")
    driver.build_loop().tick(NOW + timedelta(minutes=1))
    decision = driver.sender.personal[1]
    assert isinstance(decision, answers.AccessDecisionMessage)
    assert (decision.channel_id, decision.answered_by, decision.is_granted) == ("UANA", "UBEN", True)
    assert [row.action for row in list_audit_entries(driver)] == ["denied", "request", "denied", "allow", "subscribe"]


def test_only_unanswered_requests_are_sent(driver: Driver) -> None:
    driver.run("permissions named <@UBEN>", NOW, ADMIN)
    requests = AccessRequests(driver.database, driver.use_cases.permissions)
    for command in ("subscribe pytorch-2.7", "subscribe pytorch-2.9", "subscribe pytorch"):
        requests.ask(command, ANA, NOW)
    declined = requests.decide(1, BEN, NOW, granted=False)
    assert isinstance(declined, RequestOutcome)
    assert declined.place is None
    loop = driver.build_loop()
    for second in range(0, 10, 2):
        loop.tick(NOW + timedelta(seconds=second))
    requested = [
        message.command for message in driver.sender.personal if isinstance(message, answers.AccessRequestMessage)
    ]
    decided = [
        message.is_granted for message in driver.sender.personal if isinstance(message, answers.AccessDecisionMessage)
    ]
    assert (sorted(requested), decided) == (["subscribe pytorch", "subscribe pytorch-2.9"], [False])


def test_the_best_available_approver_is_asked(driver: Driver, directory: FakeUserDirectory) -> None:
    requests = AccessRequests(driver.database, driver.use_cases.permissions)
    assert requests.ask("subscribe all", GUEST, NOW).approver == ""
    driver.run("subscribe pytorch", NOW, ANA)
    assert requests.ask("subscribe all", GUEST, NOW).approver == "UANA"
    directory.groups["SOPS"] = ("UBEN",)
    driver.run("permissions named <!subteam^SOPS>", NOW, ADMIN)
    assert requests.ask("unsubscribe all", GUEST, NOW).approver == "UBEN"
    directory.creators["C1"] = "UCHEN"
    driver.run("permissions creators", NOW, ADMIN)
    assert requests.ask("settings hour 10", GUEST, NOW).approver == "UCHEN"
