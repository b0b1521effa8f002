"""Whether the operator's channel can be reached, asked of Slack with the token that is good there."""

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
INSIDE = {"ok": True, "channel": {"id": "C0OPS", "is_member": True}}


def settings(slack: FakeSlackServer, **more: Any) -> Settings:
    return Settings(_env_file=None, dlvm_operator_channel="C0OPS1", slack_api_url=slack.url, **more)  # type: ignore[call-arg] # pydantic-settings' own argument


@pytest.mark.parametrize(
    ("answer", "well", "mend"),
    [
        (INSIDE, True, ""),
        ({"ok": True, "channel": {"id": "C0OPS1", "is_member": False}}, False, "Type /invite @dlvm there"),
        ({"ok": True, "channel": {"id": "C0OPS1", "is_archived": True}}, False, "Unarchive it, or set DLVM_OPERATOR"),
        ({"ok": False, "error": "channel_not_found"}, False, "Type /invite @dlvm there, or set DLVM_OPERATOR"),
        ({"ok": False, "error": "fatal_error"}, True, ""),
    ],
)
def test_slack_says_whether_it_can_be_posted_to(
    sqlite_database: Database, misbehaving: FakeSlackServer, answer: dict[str, Any], *, well: bool, mend: str
) -> None:
    key = generate_key()
    fact = Installation("", "T1", "xoxb-hush", "B1", "UBOT", ("commands",), "U1", NOW, "Acme")
    InstallationRegistry(sqlite_database, TokenVault([key]), lambda: 0.0).install(fact, NOW)
    misbehaving.behaviours = [respond_json(**answer)]
    is_well, found, told = operator_channel.check_operator_channel(
        settings(misbehaving, dlvm_keys=key), sqlite_database
    )
    assert (is_well, found.startswith("T1/C0OPS1: ")) == (well, True)
    assert told.startswith(mend)
    assert b"xoxb-hush" in misbehaving.requests[0]


def test_the_token_of_the_settings_is_asked_with_where_it_is_that_workspace_s(
    sqlite_database: Database, misbehaving: FakeSlackServer
) -> None:
    with sqlite_database.transaction() as session:
        workspaces.save(session, Workspace("T1"))
    own: dict[str, Any] = {"slack_bot_token": "xoxb-own", "slack_app_token": "xapp-1"}
    misbehaving.behaviours = [
        respond_json(ok=True, team_id="T1", team="Acme", bot_id="B1", user_id="UBOT"),
        respond_json(**INSIDE),
    ]
    assert operator_channel.check_operator_channel(settings(misbehaving, **own), sqlite_database)[0]
    assert b"xoxb-own" in misbehaving.requests[1]
    misbehaving.behaviours = [respond_json(ok=False, error="invalid_auth")]
    assert "did not say" in operator_channel.check_operator_channel(settings(misbehaving, **own), sqlite_database)[1]


def test_the_log_says_at_the_start_why_nothing_would_arrive(
    sqlite_database: Database, misbehaving: FakeSlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    operator_channel.log_problem(settings(misbehaving), sqlite_database)
    assert "DLVM_OPERATOR_CHANNEL is C0OPS1, but dlvm is not installed in any workspace yet." in caplog.text
