"""`dlvm subscriptions export|import`: files, differences and exit codes."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from storage import workspaces
from storage.database import Database
from storage.facts import Workspace

Dlvm = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dlvm(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Dlvm:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)

    def run(*arguments: str, text: str = "") -> tuple[int, str, str]:
        result = CliRunner().invoke(app, list(arguments), input=text)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


HERE = ("--workspace", "T1", "--channel", "C1")


def test_an_exported_channel_can_be_imported(dlvm: Dlvm, tmp_path: Path) -> None:
    dlvm("ask", "subscribe pytorch-2.7", *HERE)
    assert dlvm("subscriptions", "export", "channel.yaml", *HERE)[0] == 0
    text = (tmp_path / "channel.yaml").read_text()
    assert dlvm("subscriptions", "export", *HERE)[1] == text
    assert dlvm("subscriptions", "import", "channel.yaml", *HERE) == (0, "no difference\n", "")
    other = ("--workspace", "T1", "--channel", "C2")
    dry = dlvm("subscriptions", "import", "channel.yaml", *other, "--dry-run")
    assert (dry[0], dry[1]) == (1, "+ pytorch-2.7\nwould be imported, 0 unchanged\n")
    assert "subscriptions: []" in dlvm("subscriptions", "export", *other)[1]
    code, out, _ = dlvm("subscriptions", "import", "-", *other, "--json", text=text + "  # from git\n")
    assert (code, json.loads(out)["added"], json.loads(out)["is_applied"]) == (0, ["pytorch-2.7"], True)
    removed = dlvm("subscriptions", "import", "-", *other, text="subscriptions: []\nsettings: {hour: 10:30}\n")
    assert removed[1] == '- pytorch-2.7\n~ hour: "09:00" -> "10:30"\nimported, 0 unchanged\n'


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"subscriptions: [pytroch-2.7]", "Did you mean"),
        (b"\xff\xfe", "isn't UTF-8"),
        (b"#" * 64_001, "larger than"),
        (None, "can't be read"),
    ],
)
def test_an_invalid_file_is_exit_code_2(dlvm: Dlvm, tmp_path: Path, content: bytes | None, part: str) -> None:
    if content is not None:
        (tmp_path / "channel.yaml").write_bytes(content)
    code, _, stderr = dlvm("subscriptions", "import", "channel.yaml", *HERE)
    assert code == 2
    assert part in stderr


def test_the_channel_is_required(dlvm: Dlvm, tmp_path: Path) -> None:
    (tmp_path / "channel.yaml").write_text("subscriptions: []")
    for arguments in (("export",), ("import", "channel.yaml")):
        code, _, stderr = dlvm("subscriptions", *arguments)
        assert (code, "No channel given." in stderr) == (2, True)
    assert dlvm("subscriptions", "export", "no/such/folder.yaml", *HERE)[0] == 2


def test_a_fresh_clone_exports_and_imports_the_given_channel(dlvm: Dlvm) -> None:
    dlvm("ask", "subscribe pytorch-2.7", "--channel", "C1")
    code, text, _ = dlvm("subscriptions", "export", "--channel", "C1")
    assert (code, "- pytorch-2.7" in text) == (0, True)
    assert dlvm("subscriptions", "import", "-", "--channel", "C1", text=text) == (0, "no difference\n", "")


@pytest.mark.parametrize("arguments", [("subscriptions", "export", "--channel", "C1"), ("ask", "subscriptions")])
def test_several_workspaces_ask_for_one(dlvm: Dlvm, sqlite_url: str, arguments: tuple[str, ...]) -> None:
    assert dlvm("migrate")[0] == 0
    database = Database(sqlite_url)
    for workspace_id in ("T1", "T2"):
        database.run(partial(workspaces.save, workspace=Workspace(workspace_id, "Acme")))
    database.close()
    assert dlvm(*arguments) == (2, "", "dlvm is in 2 workspaces. Choose one, e.g. --workspace T1.\n")
    assert dlvm(*arguments, "--workspace", "T2")[0] == 0
