"""Entry point of the dlvm command.

Commands import their modules when they run, which keeps `dlvm --help` and `dlvm ask` fast.
"""

import json
import sys
from datetime import UTC, date, datetime
from typing import Annotated, NoReturn

import typer

from bot import settings
from bot.cli import catalogue_commands, data_commands
from bot.cli.options import AsJson, ChannelId, WorkspaceId

app = typer.Typer(
    name="dlvm",
    help="Slack reminders before Deep Learning VM framework versions lose support.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for group_name, group in {**data_commands.GROUPS, "catalogue": catalogue_commands.catalogue_app}.items():
    app.add_typer(group, name=group_name)


def main() -> None:
    """Run the command. Print settings and database errors as sentences, and exit with code 2."""
    from storage.database import DatabaseError

    try:
        app()
    except settings.SettingsError as error:
        _exit_with_error(*error.problems)
    except DatabaseError as error:
        _exit_with_error(error.message, error.hint)


def _exit_with_error(*sentences: str) -> NoReturn:
    for sentence in filter(None, sentences):
        sys.stderr.write(f"{sentence}\n")
    sys.exit(2)


@app.command()
def up() -> None:
    """Run the bot in Slack if its settings are present, or else in the sandbox."""
    if settings.load().has_slack:
        run_in_slack()
    else:
        run_in_sandbox()


@app.command("run")
def run_in_slack(
    only: Annotated[
        str, typer.Option(help="web (answer requests) or worker (send reminders and fetch dates); default: both.")
    ] = "",
) -> None:
    """Run the bot in Slack, over Socket Mode (app-level token) or HTTP (signing secret)."""
    from bot.cli import run

    if only not in {"", "web", "worker"}:
        _exit_with_error(f"--only must be web or worker, not {only!r}.")
    sys.exit(run.run(settings.load(), only=only))


@app.command("sandbox")
def run_in_sandbox(
    port: Annotated[int, typer.Option(help="Port on this machine (0: 8400, or any free port).")] = 0,
    database: Annotated[str, typer.Option(help="Database file of the sandbox.")] = "var/sandbox.db",
) -> None:
    """Run the bot in a local workspace, with a web page and a movable clock. Needs no Slack account."""
    from bot.cli import sandbox

    sys.exit(sandbox.serve_sandbox(settings.load(), port=port, database_path=database))


@app.command("ask")
def answer_question(
    text: Annotated[str, typer.Argument(help='What you would type after /dlvm, e.g. "status pytorch-2.3".')],
    on: Annotated[str, typer.Option(help="Date to answer for, e.g. 2027-04-13 (default: today).")] = "",
    workspace: WorkspaceId = "",
    channel: ChannelId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Answer a command as Slack would. The exit code is 1 for a negative answer."""
    from bot.cli import ask

    day = _parse_day(on) if on else None
    sys.exit(ask.ask(settings.load(), text, day=day, workspace_id=workspace, channel_id=channel, as_json=as_json))


@app.command("tick")
def tick_once(
    at: Annotated[str, typer.Option(help="Time to use, e.g. 2027-01-13T09:00:00Z (default: now).")] = "",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Plan and deliver due messages once."""
    from bot.cli import tick

    moment = _parse_moment(at) if at else None
    sys.exit(tick.tick(settings.load(), at=moment, dry_run=dry_run, as_json=as_json))


@app.command()
def migrate(*, as_json: AsJson = False) -> None:
    """Bring the database and the catalogue up to date."""
    from bot.bootstrap import core
    from storage import migrations

    loaded = settings.load()
    core.check_catalogue_file(loaded)
    database = core.open_database(loaded)
    changed = core.migrate_database(database, loaded.dlvm_catalogue_file)
    if as_json:
        typer.echo(json.dumps({"changed": changed, "revision": migrations.HEAD, "database": database.display_url}))
    else:
        typer.echo(f"{database.display_url}: {'updated' if changed else 'already up to date'}")
    reason = core.explain_ignored_file(database, loaded)
    if reason:
        sys.stderr.write(f"DLVM_CATALOGUE_FILE wasn't loaded: {reason}. To load it, give its rows a later as_of.\n")
    database.close()


@app.command("manifest")
def print_manifest(
    url: Annotated[str, typer.Option(help="HTTPS URL of the bot (default: Socket Mode).")] = "",
) -> None:
    """Print the Slack app manifest, ready to paste."""
    from bot.slack import manifest

    if url and not url.startswith("https://"):
        _exit_with_error(f"--url must start with https://, which Slack requires: {url}")
    typer.echo(json.dumps(manifest.build(url or None), indent=2))


@app.command("doctor")
def run_doctor(*, as_json: AsJson = False) -> None:
    """Check settings, database, catalogue, tokens and scopes, and show how to fix problems."""
    from bot.cli import doctor

    sys.exit(doctor.run_checks(as_json=as_json))


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _exit_with_error(f"--on must be a date like 2027-04-13, not {text[:40]!r}.")


def _parse_moment(text: str) -> datetime:
    """Return the instant. Without an offset it is in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _exit_with_error(f"--at must be a time like 2027-01-13T09:00:00Z, not {text[:40]!r}.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
