"""The manifest: valid for Slack, with the fewest scopes."""

import re

import jsonschema
import pytest

from bot.slack import manifest, oauth
from tests.slack.manifest_schema import MANIFEST


@pytest.mark.parametrize("url", [None, "https://dlvm.example.org", "https://dlvm.example.org/"])
def test_manifest_matches_slacks_schema(url: str | None) -> None:
    built = manifest.build(url)
    jsonschema.validate(built, MANIFEST)
    assert re.fullmatch(r"[a-z0-9-_.]{1,80}", built["features"]["bot_user"]["display_name"])
    assert built["features"]["slash_commands"][0]["should_escape"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(built | {"unknown": True}, MANIFEST)


def test_socket_mode_manifest_has_no_urls() -> None:
    built = manifest.build()
    assert built["settings"]["socket_mode_enabled"] is True
    assert "url" not in built["features"]["slash_commands"][0]
    assert built["settings"]["interactivity"] == {"is_enabled": True}
    assert "request_url" not in built["settings"]["event_subscriptions"]


def test_http_manifest_has_one_url_for_everything() -> None:
    built = manifest.build("https://dlvm.example.org/")
    address = "https://dlvm.example.org/slack/events"
    assert built["settings"]["socket_mode_enabled"] is False
    assert built["features"]["slash_commands"][0]["url"] == address
    assert built["settings"]["interactivity"]["request_url"] == address
    assert built["settings"]["interactivity"]["message_menu_options_url"] == address
    assert built["settings"]["event_subscriptions"]["request_url"] == address


def test_http_manifest_allows_installing_by_oauth() -> None:
    http, socket_mode = manifest.build("https://dlvm.example.org/"), manifest.build()
    assert http["oauth_config"]["redirect_urls"] == [f"https://dlvm.example.org{oauth.REDIRECT_PATH}"]
    assert "redirect_urls" not in socket_mode["oauth_config"]
    assert http["settings"]["org_deploy_enabled"] is True
    assert socket_mode["settings"]["org_deploy_enabled"] is False


def test_manifest_enables_messages_home_and_shortcut() -> None:
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


def test_optional_scopes_say_what_they_enable() -> None:
    assert not set(manifest.REQUIRED_SCOPES) & set(manifest.OPTIONAL_SCOPES)
    assert all(manifest.OPTIONAL_SCOPES.values())


def test_manifest_lists_each_event_once() -> None:
    events = manifest.build()["settings"]["event_subscriptions"]["bot_events"]
    assert events == sorted(set(events))
    assert len(events) <= 100


def test_manifest_asks_for_the_fewest_scopes() -> None:
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
