"""`dlvm subscriptions export|import`: a file, a difference, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app

Dlvm = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dlvm(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Dlvm:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)

    def run(*arguments: str, text: str = "") -> tuple[int, str, str]:
        found = CliRunner().invoke(app, list(arguments), input=text)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout, found.stderr

    return run


HERE = ("--workspace", "T1", "--channel", "C1")


def test_a_channel_goes_out_and_in_again(dlvm: Dlvm, tmp_path: Path) -> None:
    dlvm("ask", "subscribe pytorch-2.7", *HERE)
    assert dlvm("subscriptions", "export", "channel.yaml", *HERE)[0] == 0
    text = (tmp_path / "channel.yaml").read_text()
    assert dlvm("subscriptions", "export", *HERE)[1] == text
    assert dlvm("subscriptions", "import", "channel.yaml", *HERE) == (0, "nothing differs\n", "")
    other = ("--workspace", "T1", "--channel", "C2")
    dry = dlvm("subscriptions", "import", "channel.yaml", *other, "--dry-run")
    assert (dry[0], dry[1]) == (1, "+ pytorch-2.7\nwould be imported: 0 subscriptions stay\n")
    assert "subscriptions: []" in dlvm("subscriptions", "export", *other)[1]
    code, out, _ = dlvm("subscriptions", "import", "-", *other, "--json", text=text + "  # from git\n")
    assert (code, json.loads(out)["added"], json.loads(out)["applied"]) == (0, ["pytorch-2.7"], True)
    removed = dlvm("subscriptions", "import", "-", *other, text="subscriptions: []\nsettings: {hour: 10:30}\n")
    assert removed[1] == '- pytorch-2.7\n~ hour: "09:00" -> "10:30"\nimported: 0 subscriptions stay\n'


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"subscriptions: [pytroch-2.7]", "Did you mean"),
        (b"\xff\xfe", "not UTF-8"),
        (b"#" * 64_001, "larger than"),
        (None, "can't be read"),
    ],
)
def test_what_is_wrong_is_exit_code_2(dlvm: Dlvm, tmp_path: Path, content: bytes | None, part: str) -> None:
    if content is not None:
        (tmp_path / "channel.yaml").write_bytes(content)
    code, _, told = dlvm("subscriptions", "import", "channel.yaml", *HERE)
    assert code == 2
    assert part in told


def test_it_has_to_be_said_which_channel(dlvm: Dlvm, tmp_path: Path) -> None:
    (tmp_path / "channel.yaml").write_text("subscriptions: []")
    for arguments in (("export",), ("import", "channel.yaml"), ("export", "x.yaml", "--channel", "C1")):
        code, _, told = dlvm("subscriptions", *arguments)
        assert (code, "Say which channel" in told) == (2, True)
    assert dlvm("subscriptions", "export", "no/such/folder.yaml", *HERE)[0] == 2
