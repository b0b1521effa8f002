"""Teams: made, watched together, seen at a glance, and never a way around who may see or change a channel."""

from datetime import date

import pytest
from msgspec.structs import replace

from bot import answers
from bot.answers import TeamAction
from bot.service.place import Place
from bot.slack.blocks.render import render
from storage.database import Database
from storage.facts import Milestone, Schedule
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import Driver
from tests.service.permissions_driver import (
    ADMIN,
    ANA,
    BEN,
    NOW,
    FakeUserDirectory,
    list_audit_entries,
    open_with_directory,
)

SECRET = Place("T1", "CSECRET", "UANA")
EOA = Milestone.END_OF_AVAILABILITY


@pytest.fixture
def people() -> FakeUserDirectory:
    return FakeUserDirectory(public_channels={"C1", "C2", "C3"})


@pytest.fixture
def desk(database: Database, people: FakeUserDirectory) -> Driver:
    return open_with_directory(database, people)


@pytest.fixture
def lone(sqlite_database: Database, people: FakeUserDirectory) -> Driver:
    return open_with_directory(sqlite_database, people)


def watched(desk: Driver, place: Place) -> set[str]:
    found = desk.run("subscriptions", NOW, place)
    assert isinstance(found, answers.SubscriptionList)
    return {line.target for line in found.lines}


def changed(desk: Driver, text: str, place: Place = ANA) -> answers.TeamUpdate:
    found = desk.run(text, NOW, place)
    assert isinstance(found, answers.TeamUpdate), found
    return found


def test_channels_watch_what_their_team_watches_also_those_that_come_later(desk: Driver) -> None:
    changed(desk, "team create ml-platform")
    changed(desk, "team ml-platform add <#C1> <#C2|x>")
    changed(desk, "team ml-platform subscribe pytorch-2.7 pytorch-2.9")
    added = changed(desk, "team add ml-platform <#C3>")
    assert (added.channels, added.targets) == (("C3",), ("pytorch-2.7", "pytorch-2.9"))
    places = [Place("T1", channel) for channel in ("C1", "C2", "C3")]
    assert [watched(desk, place) for place in places] == [{"pytorch-2.7", "pytorch-2.9"}] * 3
    changed(desk, "team ml-platform remove <#C3>")
    changed(desk, "team ml-platform unsubscribe pytorch-2.9")
    assert [watched(desk, place) for place in places] == [{"pytorch-2.7"}] * 2 + [{"pytorch-2.7", "pytorch-2.9"}]
    changed(desk, "team delete ml-platform")
    assert watched(desk, places[0]) == {"pytorch-2.7"}
    assert [(row.action, row.before, row.after) for row in list_audit_entries(desk, "C3")] == [
        ("team add", "", "ml-platform"),
        ("subscribe", "", "pytorch-2.7 pytorch-2.9 (team ml-platform)"),
        ("team remove", "ml-platform", ""),
    ]
    about = [row.action for row in list_audit_entries(desk, "")]
    assert about == ["team create", "team subscribe", "team unsubscribe", "team delete"]


def test_what_another_team_still_wants_goes_on(lone: Driver) -> None:
    for team in ("one", "two"):
        changed(lone, f"team create {team}")
        changed(lone, f"team {team} add")
        changed(lone, f"team {team} subscribe pytorch-2.7")
    changed(lone, "team one unsubscribe pytorch-2.7")
    assert watched(lone, ANA) == {"pytorch-2.7"}


def test_a_team_shows_who_is_left_before_each_date(lone: Driver) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add <#C1> <#C2> <#C3>")
    changed(lone, "team ml subscribe pytorch-2.7")
    decisions = DecisionFactory(lone.database, Schedule())
    decisions.migrate("pytorch-2.7", Place("T1", "C1", "UANA"), NOW)
    decisions.acknowledge("pytorch-2.7", EOA, date(2027, 4, 13), Place("T1", "C2", "UANA"), NOW)
    decisions.migrate("pytorch-2.7", Place("T2", "C3", "UANA"), NOW)
    lone.run("unsubscribe pytorch-2.7", NOW, Place("T1", "C1", "UANA"))
    found = lone.run("team ml", NOW, ANA)
    assert isinstance(found, answers.TeamDetails)
    (only,) = found.progress
    assert (only.milestone, only.milestone_date) == (EOA, date(2027, 4, 13)), "the other one passed long ago"
    assert (only.migrated, only.acknowledged, only.open) == (("C1",), ("C2",), ("C3",))
    assert "1 migrated, 1 acknowledged, 1 open" in render(found)["text"]


def test_a_private_channel_is_shown_and_counted_only_inside_it(lone: Driver) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add", SECRET)
    changed(lone, "team ml subscribe pytorch-2.7", SECRET)
    for text in ("team", "team ml", "subscriptions all", "team ml add", "team ml remove <#CSECRET>", "audit"):
        answer = lone.run(text, NOW, ANA)
        assert "CSECRET" not in str(answer).replace("channel_id='CSECRET'", "CSECRET") + str(render(answer)), text
    inside = lone.run("team ml", NOW, SECRET)
    assert isinstance(inside, answers.TeamDetails)
    assert "CSECRET" in inside.team.channels
    hidden = lone.run("team ml add <#COTHER>", NOW, ANA)
    assert isinstance(hidden, answers.InvalidRequest)
    terminal = lone.run("team ml", NOW, replace(ANA, user_id=""))
    assert isinstance(terminal, answers.TeamDetails)
    assert "CSECRET" in terminal.team.channels


def test_a_team_changes_no_channel_that_its_changer_may_not(lone: Driver, people: FakeUserDirectory) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add <#C1> <#C2>")
    people.creators = {"C1": "UBEN", "C2": "UANA"}
    lone.run("permissions creators", NOW, ADMIN)
    assert isinstance(lone.run("team ml subscribe pytorch-2.7", NOW, BEN), answers.PermissionDenied)
    assert watched(lone, ANA) == set()
    assert isinstance(lone.run("team ml subscribe pytorch-2.7", NOW, ADMIN), answers.TeamUpdate)


def test_a_team_is_its_workspaces(lone: Driver) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add")
    other = replace(ANA, workspace_id="T2")
    assert lone.run("team", NOW, other) == answers.TeamList(())
    assert isinstance(lone.run("team ml", NOW, other), answers.InvalidRequest)
    assert isinstance(lone.run("team ml subscribe all", NOW, other), answers.InvalidRequest)
    assert watched(lone, ANA) == set()


@pytest.mark.parametrize("name", ["x", "a" * 41, "ml_platform", "-ml", "été", "<!channel>"])
def test_a_name_that_can_not_be_is_said(lone: Driver, name: str) -> None:
    found = lone.run(f"team create {name}", NOW, ANA)
    assert isinstance(found, answers.InvalidRequest)
    assert "<!" not in str(render(found))


def test_whatever_is_so_already_changes_nothing(lone: Driver) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add")
    changed(lone, "team ml owner <!subteam^S12|@x>")
    changed(lone, "team ml subscribe pytorch")
    before = len(list_audit_entries(lone)), len(list_audit_entries(lone, ""))
    for text in (
        "team create ml",
        "team ml add",
        "team ml owner <!subteam^S12|@x>",
        "team ml subscribe pytorch",
        "team ml remove <#C9>",
        "team ml unsubscribe tf-2.17",
    ):
        found = changed(lone, text)
        assert found.is_unchanged, text
        assert render(found)["text"]
    assert (len(list_audit_entries(lone)), len(list_audit_entries(lone, ""))) == before
    assert isinstance(lone.run("team ml subscribe pytroch-2.7", NOW, ANA), answers.DidYouMean)
    assert isinstance(lone.run("team ml unsubscribe pytorch-latest-gpu", NOW, ANA), answers.RollingFamily)
    many = " ".join(f"<#C{n:03}>" for n in range(21))
    assert isinstance(lone.run(f"team ml add {many}", NOW, ANA), answers.InvalidRequest)


def test_there_is_an_end_to_teams_and_their_channels(lone: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.service.teams.teams.MAX_TEAMS", 1)
    monkeypatch.setattr("bot.service.teams.teams.MAX_CHANNELS", 2)
    changed(lone, "team create ml")
    assert isinstance(lone.run("team create other", NOW, ANA), answers.InvalidRequest)
    assert isinstance(lone.run("team ml add <#C1> <#C2> <#C3>", NOW, ANA), answers.InvalidRequest)


def test_the_inventory_is_the_present_channel_first_and_pages(lone: Driver, people: FakeUserDirectory) -> None:
    people.public_channels = {f"C{n:02}" for n in range(20)}
    for channel in (*sorted(people.public_channels), "CSECRET"):
        lone.run("subscribe pytorch-2.7", NOW, Place("T1", channel, "UANA"))
    lone.run("subscribe pytorch-2.7", NOW, Place("T2", "C99", "UANA"))
    first = lone.run("subscriptions all", NOW, Place("T1", "C07", "UANA"))
    assert isinstance(first, answers.Inventory)
    assert (first.total, first.pages, first.lines[0].channel_id, len(first.lines)) == (20, 2, "C07", 15)
    assert first.lines[0].next_reminder is not None
    last = lone.run("subscriptions all 9", NOW, Place("T1", "C07", "UANA"))
    assert isinstance(last, answers.Inventory)
    assert (last.page, len(last.lines)) == (2, 5)


@pytest.mark.parametrize("act", TeamAction)
def test_a_team_that_is_not_there_is_said(lone: Driver, act: TeamAction) -> None:
    text = {TeamAction.OWNER: "nobody", TeamAction.SUBSCRIBE: "all", TeamAction.UNSUBSCRIBE: "all"}.get(act, "")
    found = lone.run(f"team none {act.value} {text}", NOW, ANA)
    assert isinstance(found, answers.TeamUpdate if act is TeamAction.CREATE else answers.InvalidRequest)
