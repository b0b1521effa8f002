"""The terminal's commands for what is stored: what is on its way, keys, workspaces, a channel's subscriptions.

Imports that only one command needs stand inside it, as in `bot.cli`.
"""

import sys
from typing import Annotated

import typer

from bot import settings as reading

outbox = typer.Typer(help="Show what has not reached its channel yet; retry or drop it.", invoke_without_command=True)
keys = typer.Typer(help="The keys that tokens of workspaces are encrypted with.", no_args_is_help=True)
workspace = typer.Typer(help="Give or erase all that is stored of a workspace.", no_args_is_help=True)
subscriptions = typer.Typer(
    help="Take a channel's subscriptions and settings out as YAML, and in again.", no_args_is_help=True
)
GROUPS = {"outbox": outbox, "keys": keys, "workspace": workspace, "subscriptions": subscriptions}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a drawing.")]


@outbox.callback()
def show_outbox(context: typer.Context, as_json: AsJson = False) -> None:  # noqa: FBT002 - Typer's way of a flag
    """Show what is pending, ambiguous, held or dead, and each message that may stand twice."""
    from bot.cli import outbox as backlog  # noqa: PLC0415 - SQLAlchemy is slow to import

    if context.invoked_subcommand is None:
        sys.exit(backlog.show(reading.load(), as_json=as_json))


@outbox.command("retry")
def retry_entry(entry_id: Annotated[int, typer.Argument(metavar="ID", help="As `dlvm outbox` shows it.")]) -> None:
    """Send an entry at the next tick that is dead, held or ambiguous."""
    from bot.cli import outbox as backlog  # noqa: PLC0415 - the same

    sys.exit(backlog.retry(reading.load(), entry_id))


@outbox.command("drop")
def drop_entry(entry_id: Annotated[int, typer.Argument(metavar="ID", help="As `dlvm outbox` shows it.")]) -> None:
    """Give an entry up that is not sent yet."""
    from bot.cli import outbox as backlog  # noqa: PLC0415 - the same

    sys.exit(backlog.drop(reading.load(), entry_id))


@keys.command("new")
def new_key() -> None:
    """Print a new key, to be set in DLVM_KEYS."""
    from bot.cli import workspaces  # noqa: PLC0415 - SQLAlchemy is slow to import

    typer.echo(workspaces.create_key())


@keys.command("rotate")
def rotate_keys() -> None:
    """Encrypt every stored token with the first key of DLVM_KEYS; the others can go then."""
    from bot.cli import workspaces  # noqa: PLC0415 - the same

    sys.exit(workspaces.rotate_keys(reading.load()))


@workspace.command("export")
def export_workspace(team: Annotated[str, typer.Argument(metavar="TEAM", help="Slack's team id.")]) -> None:
    """Print all that is stored of a workspace as JSON, without tokens."""
    from bot.cli import workspaces  # noqa: PLC0415 - the same

    sys.exit(workspaces.export_workspace(reading.load(), team))


@workspace.command("erase")
def erase_workspace(
    team: Annotated[str, typer.Argument(metavar="TEAM", help="Slack's team id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,  # noqa: FBT002 - Typer's way of a flag
) -> None:
    """Erase all that is stored of a workspace; it can't be brought back."""
    from bot.cli import workspaces  # noqa: PLC0415 - the same

    settings = reading.load()
    if not yes and not typer.confirm(f"Erase all that is stored of {team}? It can't be brought back"):
        sys.stderr.write("Nothing was erased.\n")
        sys.exit(2)
    sys.exit(workspaces.erase_workspace(settings, team))


@subscriptions.command("export")
def export_channel(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write it; printed without.")] = "-",
    channel: Annotated[str, typer.Option(help="The channel's id.")] = "",
    workspace: Annotated[str, typer.Option(help="Slack's team id; the only workspace by default.")] = "",
) -> None:
    """Write what the channel watches, and how, as YAML."""
    from bot.cli import subscriptions as exchanging  # noqa: PLC0415 - SQLAlchemy is slow to import

    sys.exit(exchanging.export_file(reading.load(), file, workspace_id=workspace, channel_id=channel))


@subscriptions.command("import")
def import_channel(
    file: Annotated[str, typer.Argument(metavar="FILE", help="As `export` writes it; - reads the standard input.")],
    channel: Annotated[str, typer.Option(help="The channel's id.")] = "",
    workspace: Annotated[str, typer.Option(help="Slack's team id; the only workspace by default.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference; exit 1 where there is one.")] = False,  # noqa: FBT002 - Typer's way of a flag
    as_json: AsJson = False,  # noqa: FBT002 - the same
) -> None:
    """Have the channel be as the file says, whole or not at all."""
    from bot.cli import subscriptions as exchanging  # noqa: PLC0415 - the same

    where = {"workspace_id": workspace, "channel_id": channel}
    sys.exit(exchanging.import_file(reading.load(), file, **where, dry_run=dry_run, as_json=as_json))
