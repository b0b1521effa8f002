"""The check of the operator's channel, against a fake Slack server."""

from typing import Any

import pytest

from bot.bootstrap import operator_channel
from bot.service.workspaces.installations import InstallationRegistry, TokenVault, generate_key
from bot.settings import Settings
from storage import workspaces
from storage.database import Database
from storage.facts import Installation, Workspace
from tests.service.driver import utc
from tests.slack.fake_slack_server import FakeSlackServer, respond_json

NOW = utc("2026-11-23 12:00")
MEMBER = {"ok": True, "channel": {"id": "C0OPS", "is_member": True}}


def build_settings(server: FakeSlackServer, **values: Any) -> Settings:
    return Settings(_env_file=None, dlvm_operator_channel="C0OPS1", slack_api_url=server.url, **values)  # type: ignore[call-arg] # an argument of pydantic-settings


@pytest.mark.parametrize(
    ("payload", "is_ok", "fix"),
    [
        (MEMBER, True, ""),
        ({"ok": True, "channel": {"id": "C0OPS1", "is_member": False}}, False, "Type /invite @dlvm in that channel"),
        ({"ok": True, "channel": {"id": "C0OPS1", "is_archived": True}}, False, "Unarchive it, or set DLVM_OPERATOR"),
        (
            {"ok": False, "error": "channel_not_found"},
            False,
            "Type /invite @dlvm in that channel, or set DLVM_OPERATOR",
        ),
        ({"ok": False, "error": "fatal_error"}, True, ""),
    ],
)
def test_check_reports_what_slack_says(
    sqlite_database: Database, slack_server: FakeSlackServer, payload: dict[str, Any], *, is_ok: bool, fix: str
) -> None:
    key = generate_key()
    installation = Installation("", "T1", "xoxb-hush", "B1", "UBOT", ("commands",), "U1", NOW, "Acme")
    InstallationRegistry(sqlite_database, TokenVault([key]), lambda: 0.0).install(installation, NOW)
    slack_server.behaviours = [respond_json(**payload)]
    settings = build_settings(slack_server, dlvm_keys=key)
    result, detail, suggestion = operator_channel.check_operator_channel(settings, sqlite_database)
    assert (result, detail.startswith("T1/C0OPS1: ")) == (is_ok, True)
    assert suggestion.startswith(fix)
    assert b"xoxb-hush" in slack_server.requests[0]


def test_check_uses_the_token_of_the_settings(sqlite_database: Database, slack_server: FakeSlackServer) -> None:
    with sqlite_database.transaction() as session:
        workspaces.save(session, Workspace("T1"))
    settings = build_settings(slack_server, slack_bot_token="xoxb-own", slack_app_token="xapp-1")
    slack_server.behaviours = [
        respond_json(ok=True, team_id="T1", team="Acme", bot_id="B1", user_id="UBOT"),
        respond_json(**MEMBER),
    ]
    assert operator_channel.check_operator_channel(settings, sqlite_database)[0]
    assert b"xoxb-own" in slack_server.requests[1]
    slack_server.behaviours = [respond_json(ok=False, error="invalid_auth")]
    assert "didn’t say" in operator_channel.check_operator_channel(settings, sqlite_database)[1]


def test_unreachable_channel_is_logged(
    sqlite_database: Database, slack_server: FakeSlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    operator_channel.log_problem(build_settings(slack_server), sqlite_database)
    assert "DLVM_OPERATOR_CHANNEL is C0OPS1, and dlvm is not installed in any workspace yet." in caplog.text
