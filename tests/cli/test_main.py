"""The dlvm command, as typed."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import main
from bot.service.workspaces.installations import InstallationRegistry, TokenVault
from storage import migrations
from storage.database import Database
from storage.facts import Installation

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SLACK_", "DLVM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/dlvm.db")


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main.app, list(arguments))
    assert done.exit_code == code, done.output
    return done.stdout


def read(*arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


@pytest.mark.parametrize(
    ("day", "state", "last_day", "days_left"),
    [
        ("2025-04-24", "supported", True, 0),
        ("2025-04-25", "deprecated", False, 364),
        ("2026-04-24", "deprecated", True, 0),
        ("2026-04-25", "unavailable", False, None),
    ],
)
def test_ask_answers_in_fields(day: str, state: str, last_day: bool, days_left: int | None) -> None:
    found = read("ask", "status pytorch-2.3", "--on", day)
    assert (found["answer"], found["version"], found["day"]) == ("status", "pytorch-2.3", day)
    assert (found["state"], found["last_day"], found["days_left"]) == (state, last_day, days_left)
    assert (found["end_of_patch_and_support"], found["end_of_availability"]) == ("2025-04-24", "2026-04-24")
    assert found["successor"]["version"] == "pytorch-2.9"
    assert found["families"][0]["family"] == "pytorch-2-3-py310"
    assert found["families"][0]["end_of_availability_as_printed"] == "Apr 24, 2026"


def test_rows_that_differ_leave_scalars_null_and_the_families_whole() -> None:
    found = read("ask", "status tf-2.11", "--on", "2023-11-15")
    assert found["rows_differ"] is True
    assert [found[name] for name in ("state", "end_of_patch_and_support", "end_of_availability", "days_left")] == [
        None
    ] * 4
    assert {row["end_of_availability"] for row in found["families"]} == {"2023-11-15", "2024-11-15"}


def test_ask_draws_for_people() -> None:
    shown = run("ask", "status pytorch-2.7", "--on", "2026-11-23")
    for part in ("PyTorch 2.7 is deprecated", "13 Apr 2027", "141 days left", "pytorch-2.9"):
        assert part in shown
    assert "*" not in shown.replace("**", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [("help", 0), ("list", 0), ("upcoming 2y", 0), ("settings", 0), ("subscriptions", 0), ("successor tf 2.15", 0),
     ("status pytorch-2.5", 1), ("status 2.9", 1), ("status banana", 1), ("settings zone Mars", 1),
     ("status pytorch-latest-gpu", 1), ("status kaggle-container", 1), ("status pytroch 2.7", 1), ("nonsense", 1)],
)  # fmt: skip
def test_a_no_is_exit_code_1(text: str, code: int) -> None:
    assert run("ask", text, code=code)
    assert read("ask", text, code=code)["answer"]


def test_subscribing_ticking_and_looking_from_the_terminal() -> None:
    here = ("--workspace", "T1", "--channel", "C1")
    asked = read("ask", "subscribe pytorch-2.7", "--on", "2026-12-01", *here)
    assert asked["watched"][0]["next"]["at"] == "2027-01-13T09:00:00+00:00"
    assert read("tick", "--at", "2027-01-13T08:59:00Z", "--dry-run") == {"messages": [], "silent": []}
    (message,) = read("tick", "--at", "2027-01-13T09:00", "--dry-run")["messages"]
    assert (message["channel_id"], message["lines"][0]["rung"]) == ("C1", 90)
    assert "90 days left until the last day" in run("tick", "--at", "2027-01-13T09:00:00Z", "--dry-run")
    assert "Nothing is due" in run("tick", "--at", "2026-12-02T09:00:00Z", "--dry-run")


def test_a_change_without_a_channel_is_remarked() -> None:
    done = CliRunner().invoke(main.app, ["ask", "subscribe pytorch-2.7"])
    assert done.exit_code == 0
    assert "No --channel given" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ask", "help", "--on", "tomorrow"], "--on is not a date"),
        (["tick", "--at", "noon"], "--at is not a moment"),
        (["manifest", "--url", "http://x"], "has to begin with https"),
        (["run", "--only", "both"], "--only is web or worker"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], sentence: str) -> None:
    done = CliRunner().invoke(main.app, arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_migrate_says_what_it_did() -> None:
    assert "brought up to date" in run("migrate")
    assert "was up to date" in run("migrate")
    assert read("migrate") == {"changed": False, "revision": migrations.HEAD, "database": str(Path.cwd() / "dlvm.db")}


def test_manifest_is_json() -> None:
    assert json.loads(run("manifest"))["settings"]["socket_mode_enabled"] is True
    served = json.loads(run("manifest", "--url", "https://dlvm.example.org"))
    assert served["settings"]["interactivity"]["request_url"] == "https://dlvm.example.org/slack/events"


def test_doctor_says_what_to_do() -> None:
    shown = run("doctor", code=1)
    assert "dlvm migrate" in shown
    run("migrate")
    findings = {each["check"]: each for each in read("doctor")}
    named = {"settings", "database", "catalogue", "page", "release notes", "policy page", "reminders", "repeats"}
    assert named | {"slack", "operator", "by hand"} == set(findings)
    assert "52 rows as of 10 Apr 2026" in findings["catalogue"]["found"]


def _install(key: str, url: str, workspace_id: str = "T1") -> None:
    database = Database(url)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    fact = Installation("", workspace_id, "xoxb-hush", "B1", "UBOT", ("commands",), "U1", now, "Acme")
    InstallationRegistry(database, TokenVault([key]), lambda: 0.0).install(fact, now)
    database.close()


def test_keys_are_made_and_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    old, new = run("keys", "new").strip(), run("keys", "new").strip()
    assert old != new
    _install(old, os.environ["DATABASE_URL"])
    monkeypatch.setenv("DLVM_KEYS", f"{new},{old}")
    assert "1 token is encrypted with the first key" in run("keys", "rotate")
    monkeypatch.setenv("DLVM_KEYS", new)
    assert "1 stored, and DLVM_KEYS opens each" in run("doctor")
    done = command("keys", "rotate", DLVM_KEYS=old)
    assert (done.returncode, "add the key they were stored with" in done.stderr) == (2, True)
    done = command("run", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")
    assert (done.returncode, "DLVM_KEYS is missing" in done.stderr) == (2, True)
    monkeypatch.setenv("DLVM_KEYS", old)
    assert "No key in DLVM_KEYS opens" in run("doctor", code=1)


def test_a_workspace_is_exported_and_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    key = run("keys", "new").strip()
    for workspace_id in ("T1", "T2"):
        _install(key, os.environ["DATABASE_URL"], workspace_id)
        run("ask", "subscribe pytorch-2.7", "--workspace", workspace_id, "--channel", "C1")
    found = json.loads(run("workspace", "export", "T1"))
    assert {"workspace", "installation", "channel", "subscription"} <= set(found)
    assert "token" not in found["installation"][0]
    declined = CliRunner().invoke(main.app, ["workspace", "erase", "T1"], input="n\n")
    assert declined.exit_code == 2
    assert json.loads(run("workspace", "export", "T1")) == found
    agreed = CliRunner().invoke(main.app, ["workspace", "erase", "T1"], input="y\n")
    assert (agreed.exit_code, "T1 is erased" in agreed.stdout) == (0, True)
    run("workspace", "export", "T1", code=1)
    run("workspace", "erase", "T1", "--yes", code=1)
    assert json.loads(run("workspace", "export", "T2"))["subscription"]
    assert "T2 is erased" in run("workspace", "erase", "T2", "--yes")


def test_doctor_names_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "wrong")
    assert "not a bot token" in run("doctor", code=1)


def test_doctor_says_how_the_operator_s_channel_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    assert "Set DLVM_OPERATOR_CHANNEL to the id of a channel" in run("doctor")
    monkeypatch.setenv("DLVM_OPERATOR_CHANNEL", "C0OPERATORS")
    assert "not installed in any workspace yet" in " ".join(run("doctor", code=1).split())
    key = run("keys", "new").strip()
    monkeypatch.setenv("DLVM_KEYS", key)
    for workspace_id in ("T1", "T2"):
        _install(key, os.environ["DATABASE_URL"], workspace_id)
    found = {each["check"]: each for each in read("doctor", code=1)}["operator"]
    assert found["verdict"] == "wrong"
    assert found["found"].endswith("in 2 workspaces: name the one that it is in, like T1/C0OPERATORS.")


def test_doctor_names_a_file_of_dates_that_can_not_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dates.csv").write_text("version\n")
    monkeypatch.setenv("DLVM_CATALOGUE_FILE", str(tmp_path / "dates.csv"))
    assert "dates.csv, line 1, column family" in " ".join(run("doctor", code=1).split())


def test_doctor_names_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "dlvm.db").write_text("<html>" * 100)
    assert "not an SQLite database" in run("doctor", code=1)


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DLVM_"))}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env=clean | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["run"], {}, "dlvm sandbox"),
        (["tick"], {}, "no SLACK_BOT_TOKEN"),
        (["run"], {"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN alone is not enough"),
        (["ask", "help"], {"PORT": "x", "DLVM_ZONE": "Mars"}, "DLVM_ZONE is not a time zone"),
        (["ask", "help"], {"DATABASE_URL": "sqlite:////dev/null/x.db"}, "can’t be opened"),
        (["ask", "help"], {"DATABASE_URL": "sqlite:///."}, "is a folder"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_never_a_traceback(
    arguments: list[str], environment: dict[str, str], sentence: str
) -> None:
    done = command(*arguments, **environment)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
