"""Who may change a channel, on a real database: refused, written down, asked for, allowed."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.commands import parser
from bot.policy.permissions import Refusal, Standing
from bot.service.access.requests import Allowed, Askings
from storage import subscriptions
from storage.facts import Managing
from tests.service.driver import Desk
from tests.service.permissions_driver import ADMIN, ANA, BEN, GUEST, NOW, SaidPeople, audited, governed

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
def people() -> SaidPeople:
    return SaidPeople()


@pytest.fixture
def desk(sqlite_database: object, people: SaidPeople) -> Desk:
    return governed(sqlite_database, people)  # type: ignore[arg-type] # pytest gives a Database


@pytest.mark.parametrize("text", LOOKS)
def test_a_guest_may_look(desk: Desk, text: str) -> None:
    assert not isinstance(desk.say(text, NOW, GUEST), answers.Denied)


@pytest.mark.parametrize("text", CHANGES)
@pytest.mark.parametrize("who", ["UGUEST", "USTRANGER"])
def test_a_guest_or_stranger_changes_nothing_and_it_is_written_down(desk: Desk, text: str, who: str) -> None:
    denied = desk.say(text, NOW, replace(GUEST, user_id=who))
    assert isinstance(denied, answers.Denied)
    assert parser.read(denied.command) == parser.read(text)
    (only,) = audited(desk)
    assert (only.what, only.who, only.after) == ("denied", who, denied.command)
    assert desk.say("subscriptions", NOW) == desk.say("subscriptions", NOW, GUEST)


@pytest.mark.parametrize("text", CHANGES)
@pytest.mark.parametrize("rule", ["anyone", "creators", "named <@UBEN>", "named <!subteam^SOPS|@ops>"])
def test_who_may_is_as_the_workspace_says(desk: Desk, people: SaidPeople, text: str, rule: str) -> None:
    people.creators["C1"] = "UANA"
    people.groups["SOPS"] = ("UANA",)
    desk.say("team create ml", NOW, ADMIN)
    desk.say(f"permissions {rule}", NOW, ADMIN)
    may = {"anyone": {"UANA", "UBEN"}, "creators": {"UANA"}, "named <@UBEN>": {"UBEN"}}.get(rule, {"UANA"})
    for place in (ANA, BEN):
        found = desk.say(text, NOW, place)
        assert isinstance(found, answers.Denied) != (place.user_id in may), (rule, place.user_id)
    assert not isinstance(desk.say(text, NOW, replace(ANA, user_id="")), answers.Denied), "the terminal may"


def test_only_admins_and_named_people_say_who_may(desk: Desk) -> None:
    refused = desk.say("permissions creators", NOW, ANA)
    assert refused == answers.Denied(Refusal.NOT_ADMIN)
    changed = desk.say("permissions named <@UANA|ana> <!subteam^SOPS|@ops>", NOW, ADMIN)
    assert changed == answers.Permissions(Managing.NAMED, ("UANA", "SOPS"), changed=True)
    kept = desk.say("permissions creators", NOW, ANA)
    assert kept == answers.Permissions(Managing.CREATORS, ("UANA", "SOPS"), changed=True)
    assert desk.say("permissions", NOW, BEN) == replace(kept, changed=False)
    rows = audited(desk, "")
    assert [(row.before, row.after) for row in rows] == [
        ("anyone", "named UANA SOPS"),
        ("named UANA SOPS", "creators UANA SOPS"),
    ]
    assert isinstance(desk.say("permissions anyone nobody", NOW, ADMIN), answers.Permissions)
    assert isinstance(desk.say("permissions named", NOW, ADMIN), answers.Mistaken)
    many = " ".join(f"<@U{n:05}>" for n in range(51))
    assert isinstance(desk.say(f"permissions named {many}", NOW, ADMIN), answers.Mistaken)


def test_of_whom_slack_says_nothing_in_time_is_asked_to_try_again(desk: Desk, people: SaidPeople) -> None:
    people.standings["UANA"] = Standing.UNSAID
    assert desk.say("subscribe pytorch-2.7", NOW, ANA) == answers.Denied(Refusal.UNSAID)
    people.creators["C1"] = "UANA"
    desk.say("permissions creators", NOW, ADMIN)
    assert isinstance(desk.say("subscribe pytorch-2.7", NOW, ANA), answers.Subscribed)


def test_a_rule_holds_in_its_own_workspace(desk: Desk) -> None:
    desk.say("permissions named <@UBEN>", NOW, ADMIN)
    assert isinstance(desk.say("subscribe pytorch-2.7", NOW, ANA), answers.Denied)
    assert isinstance(desk.say("subscribe pytorch-2.7", NOW, replace(ANA, workspace_id="T2")), answers.Subscribed)
    assert [row.what for row in audited(desk, workspace_id="T2")] == ["subscribe"]
    shown = desk.say("permissions", NOW, replace(ANA, workspace_id="T2"))
    assert shown == answers.Permissions(Managing.ANYONE, ())


def test_what_was_asked_for_is_done_once_it_is_allowed(desk: Desk, people: SaidPeople) -> None:
    desk.say("permissions named <@UBEN>", NOW, ADMIN)
    denied = desk.say("subscribe pytorch-2.7", NOW, ANA)
    assert isinstance(denied, answers.Denied)
    requests = Askings(desk.database, desk.conversation.permissions)
    assert requests.ask(denied.command, ANA, NOW) == answers.Asked("UBEN", "subscribe pytorch-2.7")
    assert requests.ask(denied.command, ANA, NOW) == answers.Asked("UBEN", "subscribe pytorch-2.7", again=True)
    desk.delivery().tick(NOW)
    (note,) = desk.sender.personal
    assert isinstance(note, answers.AskingNote)
    assert (note.channel_id, note.asked_by, note.about, note.command) == ("UBEN", "UANA", "C1", denied.command)

    direct = replace(BEN, channel_id="D1")
    assert isinstance(
        requests.settle(note.asking_id, replace(direct, user_id="UANA"), NOW, granted=True), answers.Denied
    )
    assert isinstance(
        requests.settle(note.asking_id, replace(direct, workspace_id="T2"), NOW, granted=True), answers.Mistaken
    )
    allowed = requests.settle(note.asking_id, direct, NOW, granted=True)
    assert isinstance(allowed, Allowed)
    assert allowed.place == BEN
    late = requests.settle(note.asking_id, direct, NOW, granted=False)
    assert isinstance(late, Allowed)
    assert (late.settled.granted, late.settled.late, late.place) == (True, True, None)
    desk.conversation.perform(parser.read(allowed.settled.command), BEN, NOW)
    with desk.database.reading() as session:
        (only,) = subscriptions.of_channel(session, "T1", "C1")
    assert (only.target, only.created_by) == ("pytorch-2.7", "UBEN")
    desk.delivery().tick(NOW + timedelta(minutes=1))
    told = desk.sender.personal[1]
    assert isinstance(told, answers.GrantedNote)
    assert (told.channel_id, told.answered_by, told.granted) == ("UANA", "UBEN", True)
    assert [row.what for row in audited(desk)] == ["denied", "request", "denied", "allow", "subscribe"]


def test_several_notes_to_one_person_all_arrive_and_an_answered_one_does_not(desk: Desk) -> None:
    desk.say("permissions named <@UBEN>", NOW, ADMIN)
    requests = Askings(desk.database, desk.conversation.permissions)
    for command in ("subscribe pytorch-2.7", "subscribe pytorch-2.9", "subscribe pytorch"):
        requests.ask(command, ANA, NOW)
    declined = requests.settle(1, BEN, NOW, granted=False)
    assert isinstance(declined, Allowed)
    assert declined.place is None
    delivery = desk.delivery()
    for second in range(0, 10, 2):
        delivery.tick(NOW + timedelta(seconds=second))
    asked = [note.command for note in desk.sender.personal if isinstance(note, answers.AskingNote)]
    told = [note.granted for note in desk.sender.personal if isinstance(note, answers.GrantedNote)]
    assert (sorted(asked), told) == (["subscribe pytorch", "subscribe pytorch-2.9"], [False])


def test_whom_to_ask_is_found_in_turn(desk: Desk, people: SaidPeople) -> None:
    requests = Askings(desk.database, desk.conversation.permissions)
    assert requests.ask("subscribe all", GUEST, NOW).asked_of == ""
    desk.say("subscribe pytorch", NOW, ANA)
    assert requests.ask("subscribe all", GUEST, NOW).asked_of == "UANA"
    people.groups["SOPS"] = ("UBEN",)
    desk.say("permissions named <!subteam^SOPS>", NOW, ADMIN)
    assert requests.ask("unsubscribe all", GUEST, NOW).asked_of == "UBEN"
    people.creators["C1"] = "UCHEN"
    desk.say("permissions creators", NOW, ADMIN)
    assert requests.ask("settings hour 10", GUEST, NOW).asked_of == "UCHEN"
