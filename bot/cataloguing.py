"""The terminal's commands for the catalogue: what is held back, a refresh by hand, history, export.

Imports that only one command needs stand inside it, as in `bot.cli`.
"""

import sys
from typing import Annotated

import typer

from bot import settings as reading

catalogue = typer.Typer(help="Review, refresh and export the table of framework versions.", no_args_is_help=True)
review = typer.Typer(help="Show what is held back; accept or reject it.", invoke_without_command=True)
catalogue.add_typer(review, name="review")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a drawing.")]
Key = Annotated[int, typer.Argument(metavar="KEY", help="The number that `dlvm catalogue review` shows.")]


@review.callback()
def show(context: typer.Context, as_json: AsJson = False) -> None:  # noqa: FBT002 - Typer's way of a flag
    """Show what is held back of the page, with the difference."""
    from bot import reviewing  # noqa: PLC0415 - SQLAlchemy is slow to import

    if context.invoked_subcommand is None:
        sys.exit(reviewing.show(reading.read(), as_json=as_json))


@review.command()
def accept(key: Key) -> None:
    """Let what is held enter at the next reading."""
    from bot import reviewing  # noqa: PLC0415 - the same

    sys.exit(reviewing.answer(reading.read(), key, accepted=True))


@review.command()
def reject(key: Key) -> None:
    """Keep the last good value, and ask no more while the page says the same."""
    from bot import reviewing  # noqa: PLC0415 - the same

    sys.exit(reviewing.answer(reading.read(), key, accepted=False))


@catalogue.command()
def refresh(as_json: AsJson = False) -> None:  # noqa: FBT002 - Typer's way of a flag
    """Read the page now; at most once an hour."""
    from bot import reviewing  # noqa: PLC0415 - the same

    sys.exit(reviewing.refresh(reading.read(), as_json=as_json))


@catalogue.command()
def history(
    version: Annotated[str, typer.Argument(help="Such as pytorch-2.7; all that ever changed without.")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - Typer's way of a flag
) -> None:
    """Tell what was seen, moved and vanished, and when."""
    from bot import publishing  # noqa: PLC0415 - the same

    sys.exit(publishing.history(reading.read(), version, as_json=as_json))


@catalogue.command()
def export(
    form: Annotated[str, typer.Option("--format", help="json, csv or markdown.")] = "json",
) -> None:
    """Print every row of the catalogue, with where it is from."""
    from bot import publishing  # noqa: PLC0415 - the same

    sys.exit(publishing.export(reading.read(), form))
