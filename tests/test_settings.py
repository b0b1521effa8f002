"""Settings: sources, validation and hidden secrets."""

from datetime import time
from pathlib import Path

import pytest

from bot import settings
from bot.settings import SettingsError

CORE_NAMES = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "DATABASE_URL", "PORT")
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OAUTH = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush", "SLACK_SIGNING_SECRET": "0123456789abcdef"}
OTHER_NAMES = (
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
def _clear_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*CORE_NAMES, *OTHER_NAMES):
        monkeypatch.delenv(name, raising=False)


def load(monkeypatch: pytest.MonkeyPatch, **values: str) -> settings.Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return settings.load()


def test_defaults_need_no_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(monkeypatch)
    assert not loaded.has_slack
    assert loaded.database_url == "sqlite:///var/dlvm.db"
    assert (loaded.dlvm_zone, loaded.dlvm_hour) == ("UTC", time(9))


@pytest.mark.parametrize("other", [{"SLACK_APP_TOKEN": APP}, {"SLACK_SIGNING_SECRET": SECRET}])
def test_bot_token_with_either_secret_is_complete(monkeypatch: pytest.MonkeyPatch, other: dict[str, str]) -> None:
    assert load(monkeypatch, SLACK_BOT_TOKEN=BOT, **other).has_slack


def test_dotenv_file_is_load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={BOT}\nSLACK_APP_TOKEN={APP}\nUNKNOWN=fine\n")
    assert load(monkeypatch).has_slack


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"SLACK_BOT_TOKEN": BOT}, ["SLACK_BOT_TOKEN alone is not enough"]),
        ({"SLACK_APP_TOKEN": APP}, ["SLACK_BOT_TOKEN is missing"]),
        ({"SLACK_SIGNING_SECRET": SECRET}, ["SLACK_BOT_TOKEN is missing"]),
        ({"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"}, ["not a bot token", "not an app-level token"]),
        ({"SLACK_SIGNING_SECRET": "short"}, ["SLACK_SIGNING_SECRET is too short"]),
        ({"PORT": "eighty"}, ["PORT is not a port number"]),
        ({"PORT": "70000", "DLVM_HOUR": "25:00"}, ["PORT is not a port number", "DLVM_HOUR is not a time of day"]),
        ({"DATABASE_URL": "mysql://x"}, ["DATABASE_URL is not a database"]),
        ({"SLACK_API_URL": "slack.com"}, ["SLACK_API_URL is not a web address"]),
        ({"DLVM_CATALOGUE_URL": "http://docs.cloud.google.com/x"}, ["DLVM_CATALOGUE_URL is neither off nor"]),
        ({"DLVM_ZONE": "Mars"}, ["DLVM_ZONE is not a time zone"]),
        ({"LOG_LEVEL": "LOUD"}, ["LOG_LEVEL is not one of"]),
        ({"SLACK_CLIENT_ID": "1.2"}, ["SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together"]),
        ({"SLACK_CLIENT_SECRET": "hush"}, ["SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together"]),
        (OAUTH, ["DLVM_KEYS is missing"]),
        (OAUTH | {"DLVM_KEYS": "short"}, ["DLVM_KEYS contains something that is not a key"]),
        (OAUTH | {"DLVM_KEYS": f"{KEY},{'é' * 44}"}, ["DLVM_KEYS contains something that is not a key"]),
        (OAUTH | {"DLVM_KEYS": KEY, "SLACK_APP_TOKEN": APP}, ["exclude each other"]),
        (
            {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush", "DLVM_KEYS": KEY},
            ["SLACK_SIGNING_SECRET is missing"],
        ),
    ],
)
def test_each_problem_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], parts: list[str]
) -> None:
    with pytest.raises(SettingsError) as raised:
        load(monkeypatch, **values)
    assert len(raised.value.problems) == len(parts)
    for part in parts:
        assert any(part in problem for problem in raised.value.problems), part


def test_oauth_needs_no_bot_token(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(monkeypatch, **OAUTH, DLVM_KEYS=f"{KEY}, {KEY},")
    assert (loaded.has_slack, loaded.has_oauth, loaded.slack_bot_token) == (True, True, None)
    assert loaded.encryption_keys == (KEY, KEY)
    assert KEY not in repr(loaded)
    assert "hush" not in repr(loaded)
    assert load(monkeypatch, SLACK_BOT_TOKEN=BOT).has_slack


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(monkeypatch, SLACK_BOT_TOKEN="xoxb-hush", SLACK_APP_TOKEN="xapp-hush")
    assert "hush" not in repr(loaded)
    with pytest.raises(SettingsError) as raised:
        load(monkeypatch, SLACK_BOT_TOKEN="hush-hush", SLACK_SIGNING_SECRET="hush")
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "is_real"),
    [
        ("https://slack.com/api/", True),
        ("https://slack.com/api", True),
        ("https://www.slack.com/api/", True),
        ("https://notslack.com/api/", False),
        ("http://127.0.0.1:4003/api/", False),
    ],
)
def test_real_slack_api_is_recognised(monkeypatch: pytest.MonkeyPatch, url: str, is_real: bool) -> None:
    loaded = load(monkeypatch, SLACK_API_URL=url)
    assert loaded.is_slack_api_real is is_real
    assert loaded.slack_api_url.endswith("/")


def test_catalogue_is_fetched_unless_off(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(monkeypatch)
    assert loaded.should_fetch_catalogue
    assert loaded.dlvm_catalogue_url == "https://docs.cloud.google.com/deep-learning-vm/docs/images"
    assert loaded.catalogue_hosts == ("cloud.google.com",)
    assert not load(monkeypatch, DLVM_CATALOGUE_URL="OFF").should_fetch_catalogue
    mirror = {"DLVM_CATALOGUE_URL": "https://mirror.example.org/images", "DLVM_CATALOGUE_HOSTS": "Example.org, "}
    assert load(monkeypatch, **mirror).catalogue_hosts == ("example.org",)
