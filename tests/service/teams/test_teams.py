"""Teams: their changes, overview and inventory, and the visibility and permissions that limit them."""

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
def directory() -> FakeUserDirectory:
    return FakeUserDirectory(public_channels={"C1", "C2", "C3"})


@pytest.fixture
def driver(database: Database, directory: FakeUserDirectory) -> Driver:
    return open_with_directory(database, directory)


@pytest.fixture
def sqlite_driver(sqlite_database: Database, directory: FakeUserDirectory) -> Driver:
    return open_with_directory(sqlite_database, directory)


def list_targets(driver: Driver, place: Place) -> set[str]:
    subscriptions = driver.run("subscriptions", NOW, place)
    assert isinstance(subscriptions, answers.SubscriptionList)
    return {line.target for line in subscriptions.lines}


def update(driver: Driver, text: str, place: Place = ANA) -> answers.TeamUpdate:
    answer = driver.run(text, NOW, place)
    assert isinstance(answer, answers.TeamUpdate), answer
    return answer


def test_a_teams_targets_reach_its_channels_and_new_ones(driver: Driver) -> None:
    update(driver, "team create ml-platform")
    update(driver, "team ml-platform add <#C1> <#C2|x>")
    update(driver, "team ml-platform subscribe pytorch-2.7 pytorch-2.9")
    added = update(driver, "team add ml-platform <#C3>")
    assert (added.channels, added.targets) == (("C3",), ("pytorch-2.7", "pytorch-2.9"))
    places = [Place("T1", channel) for channel in ("C1", "C2", "C3")]
    assert [list_targets(driver, place) for place in places] == [{"pytorch-2.7", "pytorch-2.9"}] * 3
    update(driver, "team ml-platform remove <#C3>")
    update(driver, "team ml-platform unsubscribe pytorch-2.9")
    assert [list_targets(driver, place) for place in places] == [{"pytorch-2.7"}] * 2 + [{"pytorch-2.7", "pytorch-2.9"}]
    update(driver, "team delete ml-platform")
    assert list_targets(driver, places[0]) == {"pytorch-2.7"}
    assert [(row.action, row.before, row.after) for row in list_audit_entries(driver, "C3")] == [
        ("team add", "", "ml-platform"),
        ("subscribe", "", "pytorch-2.7 pytorch-2.9 (team ml-platform)"),
        ("team remove", "ml-platform", ""),
    ]
    actions = [row.action for row in list_audit_entries(driver, "")]
    assert actions == ["team create", "team subscribe", "team unsubscribe", "team delete"]


def test_targets_of_another_team_remain(sqlite_driver: Driver) -> None:
    for team in ("one", "two"):
        update(sqlite_driver, f"team create {team}")
        update(sqlite_driver, f"team {team} add")
        update(sqlite_driver, f"team {team} subscribe pytorch-2.7")
    update(sqlite_driver, "team one unsubscribe pytorch-2.7")
    assert list_targets(sqlite_driver, ANA) == {"pytorch-2.7"}


def test_a_team_shows_its_progress_on_each_date(sqlite_driver: Driver) -> None:
    update(sqlite_driver, "team create ml")
    update(sqlite_driver, "team ml add <#C1> <#C2> <#C3>")
    update(sqlite_driver, "team ml subscribe pytorch-2.7")
    decisions = DecisionFactory(sqlite_driver.database, Schedule())
    decisions.migrate("pytorch-2.7", Place("T1", "C1", "UANA"), NOW)
    decisions.acknowledge("pytorch-2.7", EOA, date(2027, 4, 13), Place("T1", "C2", "UANA"), NOW)
    decisions.migrate("pytorch-2.7", Place("T2", "C3", "UANA"), NOW)
    sqlite_driver.run("unsubscribe pytorch-2.7", NOW, Place("T1", "C1", "UANA"))
    details = sqlite_driver.run("team ml", NOW, ANA)
    assert isinstance(details, answers.TeamDetails)
    (progress,) = details.progress
    assert (progress.milestone, progress.milestone_date) == (EOA, date(2027, 4, 13)), (
        "the end of patches passed long ago"
    )
    assert (progress.migrated, progress.acknowledged, progress.open) == (("C1",), ("C2",), ("C3",))
    assert "1 migrated, 1 acknowledged, 1 open" in render(details)["text"]


def test_a_private_channel_is_visible_only_inside_it(sqlite_driver: Driver) -> None:
    update(sqlite_driver, "team create ml")
    update(sqlite_driver, "team ml add", SECRET)
    update(sqlite_driver, "team ml subscribe pytorch-2.7", SECRET)
    for text in ("team", "team ml", "subscriptions all", "team ml add", "team ml remove <#CSECRET>", "audit"):
        answer = sqlite_driver.run(text, NOW, ANA)
        assert "CSECRET" not in str(answer).replace("channel_id='CSECRET'", "CSECRET") + str(render(answer)), text
    inside = sqlite_driver.run("team ml", NOW, SECRET)
    assert isinstance(inside, answers.TeamDetails)
    assert "CSECRET" in inside.team.channels
    hidden = sqlite_driver.run("team ml add <#COTHER>", NOW, ANA)
    assert isinstance(hidden, answers.InvalidRequest)
    command_line = sqlite_driver.run("team ml", NOW, replace(ANA, user_id=""))
    assert isinstance(command_line, answers.TeamDetails)
    assert "CSECRET" in command_line.team.channels


def test_a_change_needs_permission_for_every_channel(sqlite_driver: Driver, directory: FakeUserDirectory) -> None:
    update(sqlite_driver, "team create ml")
    update(sqlite_driver, "team ml add <#C1> <#C2>")
    directory.creators = {"C1": "UBEN", "C2": "UANA"}
    sqlite_driver.run("permissions creators", NOW, ADMIN)
    assert isinstance(sqlite_driver.run("team ml subscribe pytorch-2.7", NOW, BEN), answers.PermissionDenied)
    assert list_targets(sqlite_driver, ANA) == set()
    assert isinstance(sqlite_driver.run("team ml subscribe pytorch-2.7", NOW, ADMIN), answers.TeamUpdate)


def test_a_team_belongs_to_one_workspace(sqlite_driver: Driver) -> None:
    update(sqlite_driver, "team create ml")
    update(sqlite_driver, "team ml add")
    other = replace(ANA, workspace_id="T2")
    assert sqlite_driver.run("team", NOW, other) == answers.TeamList(())
    assert isinstance(sqlite_driver.run("team ml", NOW, other), answers.InvalidRequest)
    assert isinstance(sqlite_driver.run("team ml subscribe all", NOW, other), answers.InvalidRequest)
    assert list_targets(sqlite_driver, ANA) == set()


@pytest.mark.parametrize("name", ["x", "a" * 41, "ml_platform", "-ml", "été", "<!channel>"])
def test_an_invalid_name_is_explained(sqlite_driver: Driver, name: str) -> None:
    answer = sqlite_driver.run(f"team create {name}", NOW, ANA)
    assert isinstance(answer, answers.InvalidRequest)
    assert "<!" not in str(render(answer))


def test_a_repeated_change_has_no_effect(sqlite_driver: Driver) -> None:
    update(sqlite_driver, "team create ml")
    update(sqlite_driver, "team ml add")
    update(sqlite_driver, "team ml owner <!subteam^S12|@x>")
    update(sqlite_driver, "team ml subscribe pytorch")
    before = len(list_audit_entries(sqlite_driver)), len(list_audit_entries(sqlite_driver, ""))
    for text in (
        "team create ml",
        "team ml add",
        "team ml owner <!subteam^S12|@x>",
        "team ml subscribe pytorch",
        "team ml remove <#C9>",
        "team ml unsubscribe tf-2.17",
    ):
        answer = update(sqlite_driver, text)
        assert answer.is_unchanged, text
        assert render(answer)["text"]
    assert (len(list_audit_entries(sqlite_driver)), len(list_audit_entries(sqlite_driver, ""))) == before
    assert isinstance(sqlite_driver.run("team ml subscribe pytroch-2.7", NOW, ANA), answers.DidYouMean)
    assert isinstance(sqlite_driver.run("team ml unsubscribe pytorch-latest-gpu", NOW, ANA), answers.RollingFamily)
    many = " ".join(f"<#C{n:03}>" for n in range(21))
    assert isinstance(sqlite_driver.run(f"team ml add {many}", NOW, ANA), answers.InvalidRequest)


def test_teams_and_their_channels_are_limited(sqlite_driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.service.teams.teams.MAX_TEAMS", 1)
    monkeypatch.setattr("bot.service.teams.teams.MAX_CHANNELS", 2)
    update(sqlite_driver, "team create ml")
    assert isinstance(sqlite_driver.run("team create other", NOW, ANA), answers.InvalidRequest)
    assert isinstance(sqlite_driver.run("team ml add <#C1> <#C2> <#C3>", NOW, ANA), answers.InvalidRequest)


def test_the_inventory_starts_with_this_channel_and_pages(sqlite_driver: Driver, directory: FakeUserDirectory) -> None:
    directory.public_channels = {f"C{n:02}" for n in range(20)}
    for channel in (*sorted(directory.public_channels), "CSECRET"):
        sqlite_driver.run("subscribe pytorch-2.7", NOW, Place("T1", channel, "UANA"))
    sqlite_driver.run("subscribe pytorch-2.7", NOW, Place("T2", "C99", "UANA"))
    first = sqlite_driver.run("subscriptions all", NOW, Place("T1", "C07", "UANA"))
    assert isinstance(first, answers.Inventory)
    assert (first.total, first.pages, first.lines[0].channel_id, len(first.lines)) == (20, 2, "C07", 15)
    assert first.lines[0].next_reminder is not None
    last = sqlite_driver.run("subscriptions all 9", NOW, Place("T1", "C07", "UANA"))
    assert isinstance(last, answers.Inventory)
    assert (last.page, len(last.lines)) == (2, 5)


@pytest.mark.parametrize("action", TeamAction)
def test_an_unknown_team_is_explained(sqlite_driver: Driver, action: TeamAction) -> None:
    text = {TeamAction.OWNER: "nobody", TeamAction.SUBSCRIBE: "all", TeamAction.UNSUBSCRIBE: "all"}.get(action, "")
    answer = sqlite_driver.run(f"team none {action.value} {text}", NOW, ANA)
    assert isinstance(answer, answers.TeamUpdate if action is TeamAction.CREATE else answers.InvalidRequest)
