"""The workspace that a payload belongs to, in every shape that Slack sends."""

import pytest

from bot.slack.listeners.requests import Body, parse_workspace_id

USER = {"id": "U1", "team_id": "T2"}


@pytest.mark.parametrize(
    ("body", "workspace_id"),
    [
        ({"command": "/dlvm", "team_id": "T1"}, "T1"),
        ({"team": {"id": "T1"}, "user": USER}, "T1"),
        ({"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True, "user": USER}, "T2"),
        ({"team": None, "view": {"app_installed_team_id": "T1"}, "user": USER}, "T1"),
        ({"team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}, "user": USER}, "T1"),
        ({"team": {"id": "T2"}, "view": {"app_installed_team_id": None}, "user": USER}, "T2"),
        ({"event": {}, "team_id": "T2", "authorizations": [{"team_id": "T1"}]}, "T1"),
        ({"event": {}, "team_id": "T1", "authorizations": [{"team_id": None}]}, "T1"),
        ({"event": {}, "team_id": None, "authorizations": []}, ""),
        ({"team": None, "user": None}, ""),
    ],
)
def test_a_payload_belongs_to_the_workspace_of_the_app(body: Body, workspace_id: str) -> None:
    assert parse_workspace_id(body) == workspace_id
