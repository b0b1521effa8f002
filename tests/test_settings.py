"""Settings: read once, checked whole, one sentence a problem."""

from datetime import time
from pathlib import Path

import pytest

from bot import settings
from bot.settings import SettingsError

NAMES = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "DATABASE_URL", "PORT")
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OAUTH = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush", "SLACK_SIGNING_SECRET": "0123456789abcdef"}
MORE = (
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "DLVM_KEYS",
    "HOST",
    "DLVM_ZONE",
    "DLVM_HOUR",
    "LOG_LEVEL",
    "DLVM_CATALOGUE_URL",
)
BOT, APP, SECRET = "xoxb-1", "xapp-1", "0123456789abcdef"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*NAMES, *MORE):
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> settings.Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return settings.load()


def test_nothing_set_is_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch)
    assert not found.has_slack
    assert found.database_url == "sqlite:///var/dlvm.db"
    assert (found.dlvm_zone, found.dlvm_hour) == ("UTC", time(9))


@pytest.mark.parametrize("other", [{"SLACK_APP_TOKEN": APP}, {"SLACK_SIGNING_SECRET": SECRET}])
def test_a_bot_token_with_either_other_is_whole(monkeypatch: pytest.MonkeyPatch, other: dict[str, str]) -> None:
    assert read(monkeypatch, SLACK_BOT_TOKEN=BOT, **other).has_slack


def test_a_file_is_read_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={BOT}\nSLACK_APP_TOKEN={APP}\nUNKNOWN=fine\n")
    assert read(monkeypatch).has_slack


@pytest.mark.parametrize(
    ("values", "sentences"),
    [
        ({"SLACK_BOT_TOKEN": BOT}, ["SLACK_BOT_TOKEN alone is not enough"]),
        ({"SLACK_APP_TOKEN": APP}, ["SLACK_BOT_TOKEN is missing"]),
        ({"SLACK_SIGNING_SECRET": SECRET}, ["SLACK_BOT_TOKEN is missing"]),
        ({"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"}, ["not a bot token", "not an app-level token"]),
        ({"SLACK_SIGNING_SECRET": "short"}, ["SLACK_SIGNING_SECRET is too short"]),
        ({"PORT": "eighty"}, ["PORT is not a port number"]),
        ({"PORT": "70000", "DLVM_HOUR": "25:00"}, ["PORT is not a port number", "DLVM_HOUR is not a time of day"]),
        ({"DATABASE_URL": "mysql://x"}, ["DATABASE_URL names no engine"]),
        ({"SLACK_API_URL": "slack.com"}, ["SLACK_API_URL is not a web address"]),
        ({"DLVM_CATALOGUE_URL": "http://docs.cloud.google.com/x"}, ["DLVM_CATALOGUE_URL is neither off nor"]),
        ({"DLVM_ZONE": "Mars"}, ["DLVM_ZONE is not a time zone"]),
        ({"LOG_LEVEL": "LOUD"}, ["LOG_LEVEL is none of"]),
        ({"SLACK_CLIENT_ID": "1.2"}, ["SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together"]),
        ({"SLACK_CLIENT_SECRET": "hush"}, ["SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together"]),
        (OAUTH, ["DLVM_KEYS is missing"]),
        (OAUTH | {"DLVM_KEYS": "short"}, ["DLVM_KEYS holds something that is not a key"]),
        (OAUTH | {"DLVM_KEYS": f"{KEY},{'é' * 44}"}, ["DLVM_KEYS holds something that is not a key"]),
        (OAUTH | {"DLVM_KEYS": KEY, "SLACK_APP_TOKEN": APP}, ["exclude each other"]),
        (
            {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush", "DLVM_KEYS": KEY},
            ["SLACK_SIGNING_SECRET is missing"],
        ),
    ],
)
def test_each_thing_that_is_wrong_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], sentences: list[str]
) -> None:
    with pytest.raises(SettingsError) as raised:
        read(monkeypatch, **values)
    assert len(raised.value.problems) == len(sentences)
    for sentence in sentences:
        assert any(sentence in problem for problem in raised.value.problems), sentence


def test_workspaces_can_install_the_bot_without_a_token_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, **OAUTH, DLVM_KEYS=f"{KEY}, {KEY},")
    assert (found.has_slack, found.has_oauth, found.slack_bot_token) == (True, True, None)
    assert found.encryption_keys == (KEY, KEY)
    assert KEY not in repr(found)
    assert "hush" not in repr(found)
    assert read(monkeypatch, SLACK_BOT_TOKEN=BOT).has_slack


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, SLACK_BOT_TOKEN="xoxb-hush", SLACK_APP_TOKEN="xapp-hush")
    assert "hush" not in repr(found)
    with pytest.raises(SettingsError) as raised:
        read(monkeypatch, SLACK_BOT_TOKEN="hush-hush", SLACK_SIGNING_SECRET="hush")
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "slacks_own"),
    [
        ("https://slack.com/api/", True),
        ("https://slack.com/api", True),
        ("https://www.slack.com/api/", True),
        ("https://notslack.com/api/", False),
        ("http://127.0.0.1:4003/api/", False),
    ],
)
def test_slacks_own_address_is_known(monkeypatch: pytest.MonkeyPatch, url: str, slacks_own: bool) -> None:
    found = read(monkeypatch, SLACK_API_URL=url)
    assert found.is_slack_api_real is slacks_own
    assert found.slack_api_url.endswith("/")


def test_the_page_is_fetched_unless_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch)
    assert found.should_fetch_catalogue
    assert found.dlvm_catalogue_url == "https://docs.cloud.google.com/deep-learning-vm/docs/images"
    assert found.catalogue_hosts == ("cloud.google.com",)
    assert not read(monkeypatch, DLVM_CATALOGUE_URL="OFF").should_fetch_catalogue
    mirror = {"DLVM_CATALOGUE_URL": "https://mirror.example.org/images", "DLVM_CATALOGUE_HOSTS": "Example.org, "}
    assert read(monkeypatch, **mirror).catalogue_hosts == ("example.org",)
