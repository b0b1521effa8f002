"""The parser for `/dlvm team`, `permissions`, `audit`, `export` and `import`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import TeamAction
from bot.commands import model, parser
from bot.commands.model import ChangePermissions, ChangeTeam, InvalidCommand, ListTeams, ShowTeam
from storage.facts import PermissionRule


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("team", ListTeams()),
        ("teams", ListTeams()),
        ("team ML-Platform", ShowTeam("ml-platform")),
        ("team create ml-platform", ChangeTeam(TeamAction.CREATE, "ml-platform")),
        ("team ml create", ChangeTeam(TeamAction.CREATE, "ml")),
        ("team delete ml", ChangeTeam(TeamAction.DELETE, "ml")),
        ("team ml add <#C123|ml-training> <#C456>", ChangeTeam(TeamAction.ADD, "ml", ("C123", "C456"))),
        ("team add ml <#C123|ml-training>, <#C123>", ChangeTeam(TeamAction.ADD, "ml", ("C123",))),
        ("team ml add", ChangeTeam(TeamAction.ADD, "ml")),
        ("team ml remove <#G123|>", ChangeTeam(TeamAction.REMOVE, "ml", ("G123",))),
        ("team ml owner <!subteam^S1234|@ml-oncall>", ChangeTeam(TeamAction.OWNER, "ml", ("S1234",))),
        ("team ml owner <@U123|ana maria>", ChangeTeam(TeamAction.OWNER, "ml", ("U123",))),
        ("team ml owner nobody", ChangeTeam(TeamAction.OWNER, "ml")),
        ("team ml subscribe pytorch tf-2.17", ChangeTeam(TeamAction.SUBSCRIBE, "ml", ("pytorch", "tf-2.17"))),
        ("team unsubscribe ml CU124", ChangeTeam(TeamAction.UNSUBSCRIBE, "ml", ("CU124",))),
        ("permissions", model.ShowPermissions()),
        ("permissions Creators", ChangePermissions(PermissionRule.CREATORS)),
        ("permissions anyone nobody", ChangePermissions(PermissionRule.ANYONE, ())),
        ("permissions named <@U123> and <!subteam^S123|@x>", ChangePermissions(PermissionRule.NAMED, ("U123", "S123"))),
        ("audit", model.ShowAudit(1)),
        ("audit page 3", model.ShowAudit(3)),
        ("subscriptions all", model.ShowInventory(1)),
        ("subscriptions all 2", model.ShowInventory(2)),
        ("export", model.Export()),
        ("import", model.OpenImportForm()),
    ],
)
def test_command_is_parsed(text: str, command: model.Command) -> None:
    assert parser.parse(text) == command


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("team ml paint", "Unknown team command"),
        ("team create", "Name a team"),
        ("team create ml platform", "one word"),
        ("team ml add #general", "isn’t a channel"),
        ("team ml add <!channel>", "isn’t a channel"),
        ("team ml owner @ana", "Who owns the team?"),
        ("team ml owner", "Who owns the team?"),
        ("team ml subscribe", "Name a version or framework"),
        ("permissions some", "isn’t a rule"),
        ("permissions named ana", "isn’t a person or user group"),
    ],
)
def test_invalid_command_is_explained(text: str, part: str) -> None:
    command = parser.parse(text)
    assert isinstance(command, InvalidCommand)
    assert part in command.message


words = st.sampled_from(
    (*TeamAction, "team", "ml", "nobody", "<#C12>", "<@U12>", "<!subteam^S12>", "settings", "hour", "9", "CU124", "all")
).map(str)


@given(st.lists(words, min_size=1, max_size=7).map(" ".join) | st.text(max_size=60).map("team ml subscribe {}".format))
def test_formatted_change_parses_to_itself(text: str) -> None:
    command = parser.parse(text)
    formatted = command.format_change()
    assert not formatted or parser.parse(formatted) == command
