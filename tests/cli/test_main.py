"""The dlvm command as typed."""

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
def _isolated_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SLACK_", "DLVM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/dlvm.db")


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main.app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


def run_json(*arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


@pytest.mark.parametrize(
    ("day", "state", "is_last_day", "days_left"),
    [
        ("2025-04-24", "supported", True, 0),
        ("2025-04-25", "deprecated", False, 364),
        ("2026-04-24", "deprecated", True, 0),
        ("2026-04-25", "unavailable", False, None),
    ],
)
def test_ask_answers_as_json(day: str, state: str, is_last_day: bool, days_left: int | None) -> None:
    status = run_json("ask", "status pytorch-2.3", "--on", day)
    assert (status["answer"], status["version"], status["day"]) == ("status", "pytorch-2.3", day)
    assert (status["state"], status["is_last_day"], status["days_left"]) == (state, is_last_day, days_left)
    assert (status["end_of_patch_and_support"], status["end_of_availability"]) == ("2025-04-24", "2026-04-24")
    assert status["successor"]["version"] == "pytorch-2.9"
    assert status["families"][0]["family"] == "pytorch-2-3-py310"
    assert status["families"][0]["end_of_availability_as_printed"] == "Apr 24, 2026"


def test_differing_rows_leave_the_version_s_fields_null() -> None:
    status = run_json("ask", "status tf-2.11", "--on", "2023-11-15")
    assert status["rows_differ"] is True
    assert [status[name] for name in ("state", "end_of_patch_and_support", "end_of_availability", "days_left")] == [
        None
    ] * 4
    assert {row["end_of_availability"] for row in status["families"]} == {"2023-11-15", "2024-11-15"}


def test_ask_renders_text_without_markup() -> None:
    output = run("ask", "status pytorch-2.7", "--on", "2026-11-23")
    for part in ("PyTorch 2.7 is deprecated", "13 Apr 2027", "141 days left", "pytorch-2.9"):
        assert part in output
    assert "*" not in output.replace("**", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [("help", 0), ("list", 0), ("upcoming 2y", 0), ("settings", 0), ("subscriptions", 0), ("successor tf 2.15", 0),
     ("status pytorch-2.5", 1), ("status 2.9", 1), ("status banana", 1), ("settings zone Mars", 1),
     ("status pytorch-latest-gpu", 1), ("status kaggle-container", 1), ("status pytroch 2.7", 1), ("nonsense", 1)],
)  # fmt: skip
def test_a_negative_answer_is_exit_code_1(text: str, code: int) -> None:
    assert run("ask", text, code=code)
    assert run_json("ask", text, code=code)["answer"]


def test_a_subscription_shows_in_a_dry_run() -> None:
    here = ("--workspace", "T1", "--channel", "C1")
    subscribed = run_json("ask", "subscribe pytorch-2.7", "--on", "2026-12-01", *here)
    assert subscribed["targets"][0]["next_reminder"]["at"] == "2027-01-13T09:00:00+00:00"
    assert run_json("tick", "--at", "2027-01-13T08:59:00Z", "--dry-run") == {"messages": [], "unsent": []}
    (message,) = run_json("tick", "--at", "2027-01-13T09:00", "--dry-run")["messages"]
    assert (message["channel_id"], message["lines"][0]["rung"]) == ("C1", 90)
    assert "90 days left until the last day" in run("tick", "--at", "2027-01-13T09:00:00Z", "--dry-run")
    assert "Nothing is due" in run("tick", "--at", "2026-12-02T09:00:00Z", "--dry-run")


def test_a_change_without_a_channel_is_a_warning() -> None:
    result = CliRunner().invoke(main.app, ["ask", "subscribe pytorch-2.7"])
    assert result.exit_code == 0
    assert "No --channel: using a local test channel." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ask", "help", "--on", "tomorrow"], "--on must be a date"),
        (["tick", "--at", "noon"], "--at must be a time"),
        (["manifest", "--url", "http://x"], "must start with https"),
        (["run", "--only", "both"], "--only must be web or worker"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(main.app, arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_migrate_reports_whether_it_changed_anything() -> None:
    assert "updated" in run("migrate")
    assert "already up to date" in run("migrate")
    assert run_json("migrate") == {
        "changed": False,
        "revision": migrations.HEAD,
        "database": str(Path.cwd() / "dlvm.db"),
    }


def test_manifest_is_json() -> None:
    assert json.loads(run("manifest"))["settings"]["socket_mode_enabled"] is True
    over_http = json.loads(run("manifest", "--url", "https://dlvm.example.org"))
    assert over_http["settings"]["interactivity"]["request_url"] == "https://dlvm.example.org/slack/events"


def test_doctor_checks_everything_and_suggests_fixes() -> None:
    assert "dlvm migrate" in run("doctor", code=1)
    run("migrate")
    results = {result["check"]: result for result in run_json("doctor")}
    stored = {"database", "catalogue", "page", "release notes", "policy page", "overrides", "reminders", "duplicates"}
    assert stored | {"settings", "slack", "operator"} == set(results)
    assert "52 rows as of 10 Apr 2026" in results["catalogue"]["detail"]


def _install(key: str, url: str, workspace_id: str = "T1") -> None:
    database = Database(url)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    installation = Installation("", workspace_id, "xoxb-hush", "B1", "UBOT", ("commands",), "U1", now, "Acme")
    InstallationRegistry(database, TokenVault([key]), lambda: 0.0).install(installation, now)
    database.close()


def test_keys_are_created_and_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    old, new = run("keys", "new").strip(), run("keys", "new").strip()
    assert old != new
    _install(old, os.environ["DATABASE_URL"])
    monkeypatch.setenv("DLVM_KEYS", f"{new},{old}")
    assert "Encrypted 1 token with the first key" in run("keys", "rotate")
    monkeypatch.setenv("DLVM_KEYS", new)
    assert "1 stored, and DLVM_KEYS decrypts all of them" in run("doctor")
    result = command("keys", "rotate", DLVM_KEYS=old)
    assert (result.returncode, "add the key they were stored with" in result.stderr) == (2, True)
    result = command("run", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")
    assert (result.returncode, "DLVM_KEYS is missing" in result.stderr) == (2, True)
    monkeypatch.setenv("DLVM_KEYS", old)
    assert "No key in DLVM_KEYS can decrypt" in run("doctor", code=1)


def test_a_workspace_is_exported_and_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    key = run("keys", "new").strip()
    for workspace_id in ("T1", "T2"):
        _install(key, os.environ["DATABASE_URL"], workspace_id)
        run("ask", "subscribe pytorch-2.7", "--workspace", workspace_id, "--channel", "C1")
    exported = json.loads(run("workspace", "export", "T1"))
    assert {"workspace", "installation", "channel", "subscription"} <= set(exported)
    assert "token" not in exported["installation"][0]
    declined = CliRunner().invoke(main.app, ["workspace", "erase", "T1"], input="n\n")
    assert declined.exit_code == 2
    assert json.loads(run("workspace", "export", "T1")) == exported
    confirmed = CliRunner().invoke(main.app, ["workspace", "erase", "T1"], input="y\n")
    assert (confirmed.exit_code, "Deleted T1" in confirmed.stdout) == (0, True)
    run("workspace", "export", "T1", code=1)
    run("workspace", "erase", "T1", "--yes", code=1)
    assert json.loads(run("workspace", "export", "T2"))["subscription"]
    assert "Deleted T2" in run("workspace", "erase", "T2", "--yes")


def test_doctor_reports_invalid_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "wrong")
    assert "not a bot token" in run("doctor", code=1)


def test_doctor_checks_the_operator_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    assert "Set DLVM_OPERATOR_CHANNEL to a channel ID" in run("doctor")
    monkeypatch.setenv("DLVM_OPERATOR_CHANNEL", "C0OPERATORS")
    assert "not installed in any workspace yet" in " ".join(run("doctor", code=1).split())
    key = run("keys", "new").strip()
    monkeypatch.setenv("DLVM_KEYS", key)
    for workspace_id in ("T1", "T2"):
        _install(key, os.environ["DATABASE_URL"], workspace_id)
    operator = {result["check"]: result for result in run_json("doctor", code=1)}["operator"]
    assert operator["status"] == "error"
    assert operator["detail"].endswith("in 2 workspaces. Add the channel’s workspace, like T1/C0OPERATORS.")


def test_doctor_reports_an_invalid_catalogue_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dates.csv").write_text("version\n")
    monkeypatch.setenv("DLVM_CATALOGUE_FILE", str(tmp_path / "dates.csv"))
    assert "dates.csv, line 1, column family" in " ".join(run("doctor", code=1).split())


def test_doctor_reports_a_file_that_is_no_database(tmp_path: Path) -> None:
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
        (["tick"], {}, "No SLACK_BOT_TOKEN"),
        (["run"], {"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN alone is not enough"),
        (["ask", "help"], {"PORT": "x", "DLVM_ZONE": "Mars"}, "DLVM_ZONE is not a time zone"),
        (["ask", "help"], {"DATABASE_URL": "sqlite:////dev/null/x.db"}, "can’t be opened"),
        (["ask", "help"], {"DATABASE_URL": "sqlite:///."}, "is a folder"),
    ],
)
def test_an_error_is_a_sentence_and_never_a_traceback(
    arguments: list[str], environment: dict[str, str], sentence: str
) -> None:
    result = command(*arguments, **environment)
    assert result.returncode == 2, result.stderr
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
