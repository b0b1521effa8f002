"""The manifest: within Slack's numbers, with the least scopes."""

import re

import jsonschema
import pytest

from bot.slack import manifest, oauth
from tests.slack.manifest_schema import MANIFEST


@pytest.mark.parametrize("url", [None, "https://dlvm.example.org", "https://dlvm.example.org/"])
def test_the_manifest_is_what_slacks_schema_demands(url: str | None) -> None:
    made = manifest.build(url)
    jsonschema.validate(made, MANIFEST)
    assert re.fullmatch(r"[a-z0-9-_.]{1,80}", made["features"]["bot_user"]["display_name"])
    assert made["features"]["slash_commands"][0]["should_escape"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made | {"unknown": True}, MANIFEST)


def test_socket_mode_has_no_addresses() -> None:
    made = manifest.build()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in made["features"]["slash_commands"][0]
    assert made["settings"]["interactivity"] == {"is_enabled": True}
    assert "request_url" not in made["settings"]["event_subscriptions"]


def test_http_has_one_address_for_all() -> None:
    made = manifest.build("https://dlvm.example.org/")
    address = "https://dlvm.example.org/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["features"]["slash_commands"][0]["url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["settings"]["interactivity"]["message_menu_options_url"] == address
    assert made["settings"]["event_subscriptions"]["request_url"] == address


def test_workspaces_and_organisations_install_it_where_it_has_an_address() -> None:
    served, socket = manifest.build("https://dlvm.example.org/"), manifest.build()
    assert served["oauth_config"]["redirect_urls"] == [f"https://dlvm.example.org{oauth.REDIRECT_PATH}"]
    assert "redirect_urls" not in socket["oauth_config"]
    assert served["settings"]["org_deploy_enabled"] is True
    assert socket["settings"]["org_deploy_enabled"] is False


def test_people_may_write_to_it_and_open_its_home() -> None:
    features = manifest.build()["features"]
    home = features["app_home"]
    assert home == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    (shortcut,) = features["shortcuts"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", "check_images")
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150


def test_each_optional_scope_says_what_it_buys_and_is_not_required() -> None:
    assert not set(manifest.REQUIRED_SCOPES) & set(manifest.OPTIONAL_SCOPES)
    assert all(manifest.OPTIONAL_SCOPES.values())
    asked_for = manifest.build()["settings"]["event_subscriptions"]["bot_events"]
    assert asked_for == sorted(set(asked_for))
    assert len(asked_for) <= 100


def test_scopes_are_the_least() -> None:
    scopes = manifest.build()["oauth_config"]["scopes"]
    assert set(scopes) == {"bot", "bot_optional"}
    assert set(scopes["bot"]) - set(scopes["bot_optional"]) == {
        "commands",
        "chat:write",
        "channels:read",
        "groups:read",
        "users:read",
    }
    assert manifest.build()["settings"]["token_rotation_enabled"] is False
