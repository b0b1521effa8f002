"""`dlvm keys` and `dlvm workspace`: manage stored tokens, and export or delete a workspace's data."""

import json
import sys
from typing import Annotated

import typer

from bot.cli.context import exit_with_error, format_count, open_context

TeamId = Annotated[str, typer.Argument(metavar="TEAM", help="Slack team ID.")]


def create_key() -> None:
    """Print a new key for DLVM_KEYS."""
    from bot.service.workspaces import installations

    typer.echo(installations.generate_key())


def rotate_keys() -> None:
    """Encrypt every token with the first key in DLVM_KEYS, so that you can remove the others."""
    from bot.service.workspaces import installations

    with open_context() as context:
        try:
            vault = installations.TokenVault(context.settings.encryption_keys)
            count = installations.rotate_keys(context.database, vault)
        except installations.KeysError as error:
            exit_with_error(str(error))
    tokens = format_count(count, "token")
    sys.stdout.write(f"Encrypted {tokens} with the first key in DLVM_KEYS. You can remove the other keys.\n")


def export(team: TeamId) -> None:
    """Print a workspace's data as JSON, without tokens."""
    from storage import workspace_data

    with open_context() as context, context.database.read_only() as session:
        data = workspace_data.export(session, team)
    if not data:
        _exit_without_data(team)
    sys.stdout.write(json.dumps(data, indent=1) + "\n")


def erase(team: TeamId, *, yes: Annotated[bool, typer.Option("--yes", help="Skip confirmation.")] = False) -> None:
    """Delete a workspace's data. This can't be undone."""
    from storage import workspace_data

    with open_context() as context:
        if not yes and not typer.confirm(f"Delete all data of {team}? This can't be undone"):
            exit_with_error("Nothing was deleted.")
        count = context.database.run(lambda session: workspace_data.delete(session, team))
    if not count:
        _exit_without_data(team)
    sys.stdout.write(f"Deleted {team} ({format_count(count, 'row')}).\n")


def _exit_without_data(team: str) -> None:
    exit_with_error(f"No data for {team!r}. Use a Slack team ID, which starts with T.", code=1)
