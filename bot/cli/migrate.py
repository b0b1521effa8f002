"""`dlvm migrate`: bring the database and the catalogue up to date."""

import json
import sys
from contextlib import closing

import typer

from bot.cli.context import AsJson, open_context


def migrate(*, as_json: AsJson = False) -> None:
    """Bring the database and the catalogue up to date."""
    from bot.bootstrap import core
    from storage import migrations

    with open_context() as context:
        core.check_catalogue_file(context.settings)
        with closing(core.open_database(context.settings)) as database:
            changed = core.migrate_database(database, context.settings.dlvm_catalogue_file)
            reason = core.explain_ignored_file(database, context.settings)
    if as_json:
        typer.echo(json.dumps({"changed": changed, "revision": migrations.HEAD, "database": database.display_url}))
    else:
        typer.echo(f"{database.display_url}: {'updated' if changed else 'already up to date'}")
    if reason:
        sys.stderr.write(f"DLVM_CATALOGUE_FILE wasn't loaded: {reason}. To load it, give its rows a later as_of.\n")
