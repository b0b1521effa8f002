"""Shared parts of the commands: options, and the settings and database that they run with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.database import Database

AsJson = Annotated[bool, typer.Option("--json", help="Output JSON.")]
LOCAL_WORKSPACE = "T0LOCAL"
"""Used if none is given and dlvm is in no workspace."""

WorkspaceId = Annotated[str, typer.Option("--workspace", help="Slack team ID (default: the only workspace).")]
ChannelId = Annotated[str, typer.Option("--channel", help="Slack channel ID.")]

COMMAND_LINE = "the command line"
"""Recorded as the person who reviews or overrides."""


class Context:
    """The settings, and the database that they name, opened when it is first used."""

    def __init__(self, resources: ExitStack) -> None:
        from bot import settings

        self._resources = resources
        self.settings: Settings = settings.load()

    @cached_property
    def database(self) -> Database:
        """The database, with the current schema."""
        from bot.bootstrap import core

        return self._resources.enter_context(closing(core.prepare_database(self.settings)))


@contextmanager
def open_context() -> Iterator[Context]:
    """Yield a context, and close its database. Print settings and database errors as sentences, and exit with code 2.

    Its imports are those of nearly every command, so that `dlvm --help` needs none of them.
    """
    from bot.settings import SettingsError
    from storage.database import DatabaseError

    try:
        with ExitStack() as resources:
            yield Context(resources)
    except SettingsError as error:
        exit_with_error(*error.problems)
    except DatabaseError as error:
        exit_with_error(error.message, error.hint)


def choose_workspace(database: Database, workspace_id: str) -> str:
    """Return the given ID, else that of the only workspace, or LOCAL_WORKSPACE if there is none.

    Exits with code 2 if dlvm is in several workspaces and none is given.
    """
    from storage import workspaces

    if workspace_id:
        return workspace_id
    with database.read_only() as session:
        known = [workspace.workspace_id for workspace in workspaces.list_all(session)] or [LOCAL_WORKSPACE]
    if len(known) > 1:
        exit_with_error(f"dlvm is in {len(known)} workspaces. Choose one, e.g. --workspace {known[0]}.")
    return known[0]


def exit_with_error(*sentences: str, code: int = 2) -> NoReturn:
    """Print sentences to stderr, leaving out empty ones, and exit."""
    sys.stderr.write("".join(f"{sentence}\n" for sentence in sentences if sentence))
    sys.exit(code)


def format_count(number: int, noun: str) -> str:
    """Format `1 row` or `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
