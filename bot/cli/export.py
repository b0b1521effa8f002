"""`dlvm catalogue history` and `export`: print the history of dates, and the current rows."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import AsJson, exit_with_error, open_context

if TYPE_CHECKING:
    from storage.facts import ImageFamily

ExportRow = dict[str, str | bool | None]


def show_history(
    version: Annotated[str, typer.Argument(help="Framework version, e.g. pytorch-2.7 (default: everything).")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show what was added, changed and removed, and when."""
    from bot import answers
    from bot.bootstrap import core
    from bot.cli import rendering
    from bot.service.versions.history import NO_CHANNEL, VersionHistories
    from bot.service.versions.snapshot import SnapshotCache
    from bot.slack.blocks import history

    with open_context() as context:
        default = core.build_default_schedule(context.settings)
        histories = VersionHistories(context.database, SnapshotCache(), default)
        answer = histories.show(version, NO_CHANNEL, core.now()) if version else histories.show_all(core.now())
    if as_json:
        sys.stdout.write(f"{rendering.render_answer_json(answer)}\n")
    elif isinstance(answer, answers.History):
        sys.stdout.write(rendering.render_message(history.render(answer, max_lines=0)))
    else:
        sys.stdout.write(rendering.render_answer(answer))
    sys.exit(0 if isinstance(answer, answers.History) else 1)


def export(export_format: Annotated[str, typer.Option("--format", help="json, csv or markdown.")] = "json") -> None:
    """Print every row of the catalogue, with its source."""
    from bot.policy.overrides import apply_overrides
    from storage import catalogue, overrides

    if export_format not in FORMATS:
        exit_with_error(f"--format must be json, csv or markdown, not {export_format[:40]!r}.")
    with open_context() as context, context.database.read_only() as session:
        families, vanished = catalogue.list_all(session), catalogue.list_vanished(session)
        active_overrides = overrides.list_active(session)
    rows = [build_row(row, listed=row.family not in vanished) for row in apply_overrides(families, active_overrides)]
    sys.stdout.write(FORMATS[export_format](rows))


def build_row(family: ImageFamily, *, listed: bool) -> ExportRow:
    """Return an exported row by column name. `listed` is False if Google's page no longer has it."""
    from storage.facts import Milestone

    row: ExportRow = {"product": family.product, "version": family.version, "family": family.family}
    for name in ("family_as_printed", "label", "patch_version", "accelerator", "python", "os", "cuda", "driver"):
        row[name] = getattr(family, name)
    for milestone in Milestone:
        cell = family.get_date(milestone)
        override = cell.override
        row[milestone.value] = cell.day.isoformat() if cell.day else None
        row[f"{milestone.value}_as_printed"] = cell.printed
        row[f"{milestone.value}_override"] = f"{override.set_by}: {override.reason}" if override else None
    return row | {"listed": listed, "source_url": family.source_url, "as_of": family.as_of.isoformat()}


def format_json(rows: list[ExportRow]) -> str:
    """Format rows as JSON."""
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def format_csv(rows: list[ExportRow]) -> str:
    """Format rows as CSV with a header."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(rows[0] if rows else ())
    writer.writerows([_format_cell(cell) for cell in row.values()] for row in rows)
    return output.getvalue()


def _format_markdown(rows: list[ExportRow]) -> str:
    names = list(rows[0]) if rows else []
    lines = [names, ["---"] * len(names)]
    lines += [[_format_cell(cell).replace("|", "\\|") for cell in row.values()] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _format_cell(cell: str | bool | None) -> str:  # noqa: FBT001 - a cell's value, not a switch
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return cell or ""


FORMATS = {"json": format_json, "csv": format_csv, "markdown": _format_markdown}
