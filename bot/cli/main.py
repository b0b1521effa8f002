"""The terminal's door: the dlvm command.

Imports that only one command needs stand inside it, so that asking a question stays quick.
"""

import json
import sys
from datetime import UTC, date, datetime
from typing import Annotated, NoReturn

import typer

from bot import settings as reading
from bot.cli import cataloguing, tending

app = typer.Typer(
    name="dlvm",
    help="Keeps teams ahead of the dates of Deep Learning VM framework versions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for name, group in {**tending.GROUPS, "catalogue": cataloguing.catalogue}.items():
    app.add_typer(group, name=name)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a drawing.")]


def main() -> None:
    """Runs the command; what a person or the machine brings about is a sentence and exit code 2, never a traceback."""
    from storage.database import DatabaseError  # noqa: PLC0415 - SQLAlchemy is slow to import, and `--help` needs none

    try:
        app()
    except reading.SettingsError as error:
        _exit_with_error(*error.problems)
    except DatabaseError as error:
        _exit_with_error(error.message, error.hint)


def _exit_with_error(*sentences: str) -> NoReturn:
    for sentence in filter(None, sentences):
        sys.stderr.write(f"{sentence}\n")
    sys.exit(2)


@app.command()
def up() -> None:
    """Run the bot in Slack where its settings are present, else in the sandbox."""
    settings = reading.load()
    if settings.has_slack:
        run()
    else:
        sandbox()


@app.command()
def run(
    only: Annotated[
        str, typer.Option(help="`web` answers without ticking, `worker` ticks without answering; both by default.")
    ] = "",
) -> None:
    """Connect to Slack: Socket Mode with an app-level token, HTTP with a signing secret."""
    from bot.cli import run as running  # noqa: PLC0415 - brings Bolt and the web server

    if only not in {"", "web", "worker"}:
        _exit_with_error(f"--only is web or worker, not {only!r}.")
    sys.exit(running.run(reading.load(), only=only))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes any free one.")] = 0,
    database: Annotated[str, typer.Option(help="The sandbox's own database file.")] = "var/sandbox.db",
) -> None:
    """Run the real bot in a local workspace, with a page to try it and a clock to move; needs no Slack account."""
    from bot.cli import sandbox as playing  # noqa: PLC0415 - brings Bolt and the web server

    sys.exit(playing.serve_sandbox(reading.load(), port=port, database_path=database))


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help='What you would type after /dlvm: "status pytorch-2.3".')],
    on: Annotated[str, typer.Option(help="The day to answer for, 2027-04-13; today by default.")] = "",
    workspace: Annotated[str, typer.Option(help="Slack's team id; the only workspace by default.")] = "",
    channel: Annotated[str, typer.Option(help="The channel's id.")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - Typer's way of a flag
) -> None:
    """Answer a command as Slack would; exit code 1 where the answer is no."""
    from bot.cli import ask as asking  # noqa: PLC0415 - SQLAlchemy is slow to import

    sys.exit(
        asking.ask(
            reading.load(),
            text,
            day=_parse_day(on) if on else None,
            workspace_id=workspace,
            channel_id=channel,
            as_json=as_json,
        )
    )


@app.command()
def tick(
    at: Annotated[str, typer.Option(help="The moment, 2027-01-13T09:00:00Z; now by default.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; change nothing.")] = False,  # noqa: FBT002 - Typer's way of a flag
    as_json: AsJson = False,  # noqa: FBT002 - the same
) -> None:
    """Plan and deliver what is due, once."""
    from bot.cli import tick as ticking  # noqa: PLC0415 - brings Slack's client

    sys.exit(ticking.tick(reading.load(), at=_parse_moment(at) if at else None, dry_run=dry_run, as_json=as_json))


@app.command()
def migrate(as_json: AsJson = False) -> None:  # noqa: FBT002 - Typer's way of a flag
    """Bring the database and its catalogue up to date."""
    from bot.bootstrap import core  # noqa: PLC0415 - SQLAlchemy is slow to import
    from storage import migrations  # noqa: PLC0415 - the same

    settings = reading.load()
    core.check_catalogue_file(settings)
    database = core.open_database(settings)
    changed = core.migrate_database(database, settings.dlvm_catalogue_file)
    if as_json:
        typer.echo(json.dumps({"changed": changed, "revision": migrations.HEAD, "database": database.display_url}))
    else:
        typer.echo(f"{database.display_url}: {'brought up to date' if changed else 'was up to date'}")
    remark = core.explain_ignored_file(database, settings)
    if remark:
        sys.stderr.write(f"DLVM_CATALOGUE_FILE is not loaded: {remark}. A later as_of in its rows lets it in.\n")
    database.close()


@app.command()
def manifest(
    url: Annotated[str, typer.Option(help="Where the bot is served over HTTPS; Socket Mode without.")] = "",
) -> None:
    """Print the Slack app manifest, ready to paste."""
    from bot.slack import manifest as slack_manifest  # noqa: PLC0415 - no other command needs it

    if url and not url.startswith("https://"):
        _exit_with_error(f"--url has to begin with https://, which Slack insists on: {url}")
    typer.echo(json.dumps(slack_manifest.build(url or None), indent=2))


@app.command()
def doctor(as_json: AsJson = False) -> None:  # noqa: FBT002 - Typer's way of a flag
    """Check settings, database, catalogue, tokens and scopes, and say what to do about each."""
    from bot.cli import doctor as examination  # noqa: PLC0415 - brings Slack's client

    sys.exit(examination.run_checks(as_json=as_json))


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _exit_with_error(f"--on is not a date: {text[:40]!r}; write it like 2027-04-13.")


def _parse_moment(text: str) -> datetime:
    """An instant; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        _exit_with_error(f"--at is not a moment: {text[:40]!r}; write it like 2027-01-13T09:00:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
