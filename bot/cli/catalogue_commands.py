"""The `dlvm catalogue` commands."""

import sys
from typing import Annotated

import typer

from bot import settings
from bot.cli.options import AsJson

catalogue_app = typer.Typer(
    help="Review, refresh, override and export the catalogue of framework versions.", no_args_is_help=True
)
review_app = typer.Typer(help="List values pending review; accept or reject them.", invoke_without_command=True)
catalogue_app.add_typer(review_app, name="review")

EntryKey = Annotated[int, typer.Argument(metavar="KEY", help="Number shown by `dlvm catalogue review`.")]
COMMAND_LINE = "the command line"
"""Recorded as the person who reviews or overrides."""


@review_app.callback()
def show_review(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List values pending review, with the differences."""
    from bot.cli import review

    if context.invoked_subcommand is None:
        sys.exit(review.show(settings.load(), as_json=as_json))


@review_app.command()
def accept(key: EntryKey) -> None:
    """Accept a value. It takes effect when the page is next read."""
    from bot.cli import review

    sys.exit(review.resolve(settings.load(), key, COMMAND_LINE, accepted=True))


@review_app.command()
def reject(key: EntryKey) -> None:
    """Reject a value and keep the last good one. It isn't listed again while the page shows it."""
    from bot.cli import review

    sys.exit(review.resolve(settings.load(), key, COMMAND_LINE, accepted=False))


@catalogue_app.command()
def refresh(*, as_json: AsJson = False) -> None:
    """Fetch the page and the release notes now (at most once an hour)."""
    from bot.cli import review

    sys.exit(review.refresh(settings.load(), as_json=as_json))


@catalogue_app.command()
def override(
    version: Annotated[str, typer.Argument(help="Framework version, e.g. pytorch-2.7.")],
    dates: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[end_of_patch=DATE] [end_of_availability=DATE]", help="Dates to set; names only with --end."
        ),
    ] = None,
    *,
    reason: Annotated[str, typer.Option(help="Reason, shown next to the date.")] = "",
    until: Annotated[str, typer.Option(help="Last day of the override (default: no end).")] = "",
    family: Annotated[str, typer.Option(help="One image family of the version (default: all).")] = "",
    by: Annotated[str, typer.Option(help="Who sets the override; shown with the reason.")] = COMMAND_LINE,
    end: Annotated[bool, typer.Option("--end", help="Remove the override, and use the page's date again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Override a date, or remove an override."""
    from bot.cli import overrides
    from bot.service.catalogue.override_input import OverrideRequest

    loaded, arguments = settings.load(), dates or []
    if end:
        sys.exit(overrides.end_override(loaded, version, arguments, family, by, as_json=as_json))
    request = OverrideRequest(version, {}, reason, by, None, family)
    sys.exit(overrides.set_override(loaded, request, arguments, until, as_json=as_json))


@catalogue_app.command("overrides")
def list_overrides(
    *,
    include_ended: Annotated[bool, typer.Option("--all", help="Include ended overrides.")] = False,
    as_json: AsJson = False,
) -> None:
    """List overrides, with who set each one, why, and its last day."""
    from bot.cli import overrides

    sys.exit(overrides.list_overrides(settings.load(), include_ended=include_ended, as_json=as_json))


@catalogue_app.command()
def history(
    version: Annotated[str, typer.Argument(help="Framework version, e.g. pytorch-2.7 (default: everything).")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show what was added, changed and removed, and when."""
    from bot.cli import export

    sys.exit(export.show_history(settings.load(), version, as_json=as_json))


@catalogue_app.command("export")
def export_catalogue(
    export_format: Annotated[str, typer.Option("--format", help="json, csv or markdown.")] = "json",
) -> None:
    """Print every row of the catalogue, with its source."""
    from bot.cli import export

    sys.exit(export.export(settings.load(), export_format))
