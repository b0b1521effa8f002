"""The terminal's commands for the catalogue: what is held back, a refresh by hand, overrides, history, export.

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
    from bot.cli import review as reviewing  # noqa: PLC0415 - SQLAlchemy is slow to import

    if context.invoked_subcommand is None:
        sys.exit(reviewing.show(reading.load(), as_json=as_json))


@review.command()
def accept(key: Key) -> None:
    """Let what is held enter at the next reading."""
    from bot.cli import review as reviewing  # noqa: PLC0415 - the same

    sys.exit(reviewing.resolve(reading.load(), key, accepted=True))


@review.command()
def reject(key: Key) -> None:
    """Keep the last good value, and ask no more while the page says the same."""
    from bot.cli import review as reviewing  # noqa: PLC0415 - the same

    sys.exit(reviewing.resolve(reading.load(), key, accepted=False))


@catalogue.command()
def refresh(as_json: AsJson = False) -> None:  # noqa: FBT002 - Typer's way of a flag
    """Read the page and the release notes now; at most once an hour."""
    from bot.cli import review as reviewing  # noqa: PLC0415 - the same

    sys.exit(reviewing.refresh(reading.load(), as_json=as_json))


@catalogue.command()
def override(
    version: Annotated[str, typer.Argument(help="Such as pytorch-2.7.")],
    dates: Annotated[
        list[str] | None,
        typer.Argument(metavar="[end_of_patch=DATE] [end_of_availability=DATE]", help="With --end only the names."),
    ] = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; shown wherever the date is.")] = "",
    until: Annotated[str, typer.Option(help="The last day it holds; until somebody ends it by default.")] = "",
    family: Annotated[str, typer.Option(help="One image family of the version; every one by default.")] = "",
    by: Annotated[str, typer.Option(help="Who says so; shown with the reason.")] = "the terminal",
    end: Annotated[bool, typer.Option("--end", help="Have the page's date hold again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Set a date by hand, in the page's stead, or end that."""
    from bot.cli import overrides as overriding  # noqa: PLC0415 - the same
    from bot.service.catalogue.override_input import OverrideRequest  # noqa: PLC0415 - the same

    settings, words = reading.load(), dates or []
    if end:
        sys.exit(overriding.end_override(settings, version, words, family, by, as_json=as_json))
    sys.exit(
        overriding.set_override(
            settings, OverrideRequest(version, {}, reason, by, None, family), words, until, as_json=as_json
        )
    )


@catalogue.command()
def overrides(
    everything: Annotated[bool, typer.Option("--all", help="Also what has ended.")] = False,  # noqa: FBT002 - Typer's way of a flag
    as_json: AsJson = False,  # noqa: FBT002 - the same
) -> None:
    """List the dates that are set by hand, with who, why and until when."""
    from bot.cli import overrides as overriding  # noqa: PLC0415 - the same

    sys.exit(overriding.list_overrides(reading.load(), include_ended=everything, as_json=as_json))


@catalogue.command()
def history(
    version: Annotated[str, typer.Argument(help="Such as pytorch-2.7; all that ever changed without.")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - Typer's way of a flag
) -> None:
    """Tell what was seen, moved and vanished, and when."""
    from bot.cli import export as publishing  # noqa: PLC0415 - the same

    sys.exit(publishing.show_history(reading.load(), version, as_json=as_json))


@catalogue.command()
def export(
    form: Annotated[str, typer.Option("--format", help="json, csv or markdown.")] = "json",
) -> None:
    """Print every row of the catalogue, with where it is from."""
    from bot.cli import export as publishing  # noqa: PLC0415 - the same

    sys.exit(publishing.export(reading.load(), form))
