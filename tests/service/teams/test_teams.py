"""Teams: made, watched together, seen at a glance, and never a way around who may see or change a channel."""

from datetime import date

import pytest
from msgspec.structs import replace

from bot import answers
from bot.answers import TeamAct
from bot.service.place import Place
from bot.slack.blocks.render import draw
from storage.database import Database
from storage.facts import Milestone, Schedule
from tests.service.decision_factories import Decisions
from tests.service.driver import Desk
from tests.service.permissions_driver import ADMIN, ANA, BEN, NOW, SaidPeople, audited, governed

SECRET = Place("T1", "CSECRET", "UANA")
EOA = Milestone.END_OF_AVAILABILITY


@pytest.fixture
def people() -> SaidPeople:
    return SaidPeople(open={"C1", "C2", "C3"})


@pytest.fixture
def desk(database: Database, people: SaidPeople) -> Desk:
    return governed(database, people)


@pytest.fixture
def lone(sqlite_database: Database, people: SaidPeople) -> Desk:
    return governed(sqlite_database, people)


def watched(desk: Desk, place: Place) -> set[str]:
    found = desk.say("subscriptions", NOW, place)
    assert isinstance(found, answers.SubscriptionList)
    return {line.target for line in found.lines}


def changed(desk: Desk, text: str, place: Place = ANA) -> answers.TeamChanged:
    found = desk.say(text, NOW, place)
    assert isinstance(found, answers.TeamChanged), found
    return found


def test_channels_watch_what_their_team_watches_also_those_that_come_later(desk: Desk) -> None:
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
    assert [(row.what, row.before, row.after) for row in audited(desk, "C3")] == [
        ("team add", "", "ml-platform"),
        ("subscribe", "", "pytorch-2.7 pytorch-2.9 (team ml-platform)"),
        ("team remove", "ml-platform", ""),
    ]
    about = [row.what for row in audited(desk, "")]
    assert about == ["team create", "team subscribe", "team unsubscribe", "team delete"]


def test_what_another_team_still_wants_goes_on(lone: Desk) -> None:
    for team in ("one", "two"):
        changed(lone, f"team create {team}")
        changed(lone, f"team {team} add")
        changed(lone, f"team {team} subscribe pytorch-2.7")
    changed(lone, "team one unsubscribe pytorch-2.7")
    assert watched(lone, ANA) == {"pytorch-2.7"}


def test_a_team_shows_who_is_left_before_each_date(lone: Desk) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add <#C1> <#C2> <#C3>")
    changed(lone, "team ml subscribe pytorch-2.7")
    decisions = Decisions(lone.database, Schedule())
    decisions.migrate("pytorch-2.7", Place("T1", "C1", "UANA"), NOW)
    decisions.acknowledge("pytorch-2.7", EOA, date(2027, 4, 13), Place("T1", "C2", "UANA"), NOW)
    decisions.migrate("pytorch-2.7", Place("T2", "C3", "UANA"), NOW)
    lone.say("unsubscribe pytorch-2.7", NOW, Place("T1", "C1", "UANA"))
    found = lone.say("team ml", NOW, ANA)
    assert isinstance(found, answers.TeamShown)
    (only,) = found.progress
    assert (only.milestone, only.milestone_date) == (EOA, date(2027, 4, 13)), "the other one passed long ago"
    assert (only.migrated, only.acknowledged, only.open) == (("C1",), ("C2",), ("C3",))
    assert "1 migrated, 1 acknowledged, 1 open" in draw(found)["text"]


def test_a_private_channel_is_shown_and_counted_only_inside_it(lone: Desk) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add", SECRET)
    changed(lone, "team ml subscribe pytorch-2.7", SECRET)
    for text in ("team", "team ml", "subscriptions all", "team ml add", "team ml remove <#CSECRET>", "audit"):
        answer = lone.say(text, NOW, ANA)
        assert "CSECRET" not in str(answer).replace("channel_id='CSECRET'", "CSECRET") + str(draw(answer)), text
    inside = lone.say("team ml", NOW, SECRET)
    assert isinstance(inside, answers.TeamShown)
    assert "CSECRET" in inside.team.channels
    hidden = lone.say("team ml add <#COTHER>", NOW, ANA)
    assert isinstance(hidden, answers.Mistaken)
    terminal = lone.say("team ml", NOW, replace(ANA, user_id=""))
    assert isinstance(terminal, answers.TeamShown)
    assert "CSECRET" in terminal.team.channels


def test_a_team_changes_no_channel_that_its_changer_may_not(lone: Desk, people: SaidPeople) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add <#C1> <#C2>")
    people.creators = {"C1": "UBEN", "C2": "UANA"}
    lone.say("permissions creators", NOW, ADMIN)
    assert isinstance(lone.say("team ml subscribe pytorch-2.7", NOW, BEN), answers.Denied)
    assert watched(lone, ANA) == set()
    assert isinstance(lone.say("team ml subscribe pytorch-2.7", NOW, ADMIN), answers.TeamChanged)


def test_a_team_is_its_workspaces(lone: Desk) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add")
    other = replace(ANA, workspace_id="T2")
    assert lone.say("team", NOW, other) == answers.TeamList(())
    assert isinstance(lone.say("team ml", NOW, other), answers.Mistaken)
    assert isinstance(lone.say("team ml subscribe all", NOW, other), answers.Mistaken)
    assert watched(lone, ANA) == set()


@pytest.mark.parametrize("name", ["x", "a" * 41, "ml_platform", "-ml", "été", "<!channel>"])
def test_a_name_that_can_not_be_is_said(lone: Desk, name: str) -> None:
    found = lone.say(f"team create {name}", NOW, ANA)
    assert isinstance(found, answers.Mistaken)
    assert "<!" not in str(draw(found))


def test_whatever_is_so_already_changes_nothing(lone: Desk) -> None:
    changed(lone, "team create ml")
    changed(lone, "team ml add")
    changed(lone, "team ml owner <!subteam^S12|@x>")
    changed(lone, "team ml subscribe pytorch")
    before = len(audited(lone)), len(audited(lone, ""))
    for text in (
        "team create ml",
        "team ml add",
        "team ml owner <!subteam^S12|@x>",
        "team ml subscribe pytorch",
        "team ml remove <#C9>",
        "team ml unsubscribe tf-2.17",
    ):
        found = changed(lone, text)
        assert found.nothing, text
        assert draw(found)["text"]
    assert (len(audited(lone)), len(audited(lone, ""))) == before
    assert isinstance(lone.say("team ml subscribe pytroch-2.7", NOW, ANA), answers.DidYouMean)
    assert isinstance(lone.say("team ml unsubscribe pytorch-latest-gpu", NOW, ANA), answers.MovingFamily)
    many = " ".join(f"<#C{n:03}>" for n in range(21))
    assert isinstance(lone.say(f"team ml add {many}", NOW, ANA), answers.Mistaken)


def test_there_is_an_end_to_teams_and_their_channels(lone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.service.teams.teams.MOST_TEAMS", 1)
    monkeypatch.setattr("bot.service.teams.teams.MOST_CHANNELS", 2)
    changed(lone, "team create ml")
    assert isinstance(lone.say("team create other", NOW, ANA), answers.Mistaken)
    assert isinstance(lone.say("team ml add <#C1> <#C2> <#C3>", NOW, ANA), answers.Mistaken)


def test_the_inventory_is_the_present_channel_first_and_pages(lone: Desk, people: SaidPeople) -> None:
    people.open = {f"C{n:02}" for n in range(20)}
    for channel in (*sorted(people.open), "CSECRET"):
        lone.say("subscribe pytorch-2.7", NOW, Place("T1", channel, "UANA"))
    lone.say("subscribe pytorch-2.7", NOW, Place("T2", "C99", "UANA"))
    first = lone.say("subscriptions all", NOW, Place("T1", "C07", "UANA"))
    assert isinstance(first, answers.Inventory)
    assert (first.total, first.pages, first.lines[0].channel_id, len(first.lines)) == (20, 2, "C07", 15)
    assert first.lines[0].next is not None
    last = lone.say("subscriptions all 9", NOW, Place("T1", "C07", "UANA"))
    assert isinstance(last, answers.Inventory)
    assert (last.page, len(last.lines)) == (2, 5)


@pytest.mark.parametrize("act", TeamAct)
def test_a_team_that_is_not_there_is_said(lone: Desk, act: TeamAct) -> None:
    text = {TeamAct.OWNER: "nobody", TeamAct.SUBSCRIBE: "all", TeamAct.UNSUBSCRIBE: "all"}.get(act, "")
    found = lone.say(f"team none {act.value} {text}", NOW, ANA)
    assert isinstance(found, answers.TeamChanged if act is TeamAct.CREATE else answers.Mistaken)
