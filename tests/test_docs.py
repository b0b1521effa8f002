"""The documentation: its size, its links, and every command it shows."""

import os
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import main
from bot.commands import model, parser
from storage import workspaces
from storage.database import Database
from storage.facts import Workspace

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES += [page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "benchmarks.md"]
MAX_README_WORDS = 900
LINK = re.compile(r"\]\(([^)\s]+)\)")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
SLASH_COMMAND = re.compile(r"`/dlvm ([^`…]+)`")
CLI_COMMAND = re.compile(r"`dlvm ([a-z]+)")


def read_all(pattern: re.Pattern[str]) -> list[str]:
    return list(dict.fromkeys(match for page in PAGES for match in pattern.findall(page.read_text("utf-8"))))


def list_console_commands() -> list[str]:
    lines = [line for block in read_all(CONSOLE) for line in block.splitlines()]
    return [line.removeprefix("$ .venv/bin/dlvm ") for line in lines if line.startswith("$ .venv/bin/dlvm ")]


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= MAX_README_WORDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if not target.startswith(("http", "mailto:", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("text", read_all(SLASH_COMMAND))
def test_every_slash_command_shown_is_understood(text: str) -> None:
    typed = re.sub(r"@[\w-]+", "<@U0123456789>", re.sub(r"#[\w-]+", "<#C0123456789>", text))
    command = parser.parse(typed)
    assert not isinstance(command, model.InvalidCommand), command
    assert not (isinstance(command, model.ShowHelp) and command.reason), command


@pytest.mark.parametrize("name", read_all(CLI_COMMAND))
def test_every_cli_command_named_exists(name: str) -> None:
    assert CliRunner().invoke(main.app, [name, "--help"]).exit_code == 0, name


def test_every_console_command_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SLACK_", "DLVM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/dlvm.db")
    commands = list_console_commands()
    assert len(commands) >= 8
    assert CliRunner().invoke(main.app, ["migrate"]).exit_code == 0
    database = Database(f"sqlite:///{tmp_path}/dlvm.db")
    database.run(lambda session: workspaces.save(session, Workspace("T1", "Acme")))
    database.close()
    for command in commands:
        result = CliRunner().invoke(main.app, shlex.split(command.partition(" # ")[0]))
        assert result.exit_code in {0, 1}, f"{command}: {result.output}"
        assert result.exception is None or isinstance(result.exception, SystemExit), command
