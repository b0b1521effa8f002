"""The commands for stored data: the outbox, keys, workspaces and a channel's subscriptions."""

import sys
from typing import Annotated

import typer

from bot import settings
from bot.cli.options import AsJson, ChannelId, WorkspaceId

outbox_app = typer.Typer(help="List undelivered messages; retry or drop them.", invoke_without_command=True)
keys_app = typer.Typer(help="Create and rotate the keys that encrypt workspace tokens.", no_args_is_help=True)
workspace_app = typer.Typer(help="Export or delete a workspace's data.", no_args_is_help=True)
subscriptions_app = typer.Typer(
    help="Export or import a channel's subscriptions and settings as YAML.", no_args_is_help=True
)
GROUPS = {
    "outbox": outbox_app,
    "keys": keys_app,
    "workspace": workspace_app,
    "subscriptions": subscriptions_app,
}

EntryId = Annotated[int, typer.Argument(metavar="ID", help="Number shown by `dlvm outbox`.")]
TeamId = Annotated[str, typer.Argument(metavar="TEAM", help="Slack team ID.")]


@outbox_app.callback()
def show_outbox(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List pending, ambiguous, held and dead messages, and possible duplicates."""
    from bot.cli import outbox

    if context.invoked_subcommand is None:
        sys.exit(outbox.show(settings.load(), as_json=as_json))


@outbox_app.command("retry")
def retry_entry(entry_id: EntryId) -> None:
    """Send a dead, held or ambiguous message at the next tick."""
    from bot.cli import outbox

    sys.exit(outbox.retry(settings.load(), entry_id))


@outbox_app.command("drop")
def drop_entry(entry_id: EntryId) -> None:
    """Give up a message that hasn't been sent."""
    from bot.cli import outbox

    sys.exit(outbox.drop(settings.load(), entry_id))


@keys_app.command("new")
def create_key() -> None:
    """Print a new key for DLVM_KEYS."""
    from bot.service.workspaces import installations

    typer.echo(installations.generate_key())


@keys_app.command("rotate")
def rotate_keys() -> None:
    """Encrypt every token with the first key in DLVM_KEYS, so that you can remove the others."""
    from bot.cli import workspaces

    sys.exit(workspaces.rotate_keys(settings.load()))


@workspace_app.command("export")
def export_workspace(team: TeamId) -> None:
    """Print a workspace's data as JSON, without tokens."""
    from bot.cli import workspaces

    sys.exit(workspaces.export_workspace(settings.load(), team))


@workspace_app.command("erase")
def erase_workspace(
    team: TeamId,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Skip confirmation.")] = False,
) -> None:
    """Delete a workspace's data. This can't be undone."""
    from bot.cli import workspaces

    loaded = settings.load()
    if not yes and not typer.confirm(f"Delete all data of {team}? This can't be undone"):
        sys.stderr.write("Nothing was deleted.\n")
        sys.exit(2)
    sys.exit(workspaces.erase_workspace(loaded, team))


@subscriptions_app.command("export")
def export_channel(
    file: Annotated[str, typer.Argument(metavar="FILE", help="File to write; - is stdout.")] = "-",
    channel: ChannelId = "",
    workspace: WorkspaceId = "",
) -> None:
    """Write a channel's subscriptions and settings as YAML."""
    from bot.cli import subscriptions

    sys.exit(subscriptions.export_file(settings.load(), file, workspace_id=workspace, channel_id=channel))


@subscriptions_app.command("import")
def import_channel(
    file: Annotated[str, typer.Argument(metavar="FILE", help="File written by `export`; - is stdin.")],
    channel: ChannelId = "",
    workspace: WorkspaceId = "",
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference. The exit code is 1 if there is one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Apply a subscriptions file to a channel (all or nothing)."""
    from bot.cli import subscriptions

    sys.exit(
        subscriptions.import_file(
            settings.load(), file, workspace_id=workspace, channel_id=channel, dry_run=dry_run, as_json=as_json
        )
    )
