"""`dlvm catalogue history` and `export`: what is known of the versions, and what was known before."""

import csv
import io
import json
import sys

from bot import answers
from bot.bootstrap import core
from bot.policy import overrides as overriding
from bot.service.versions.history import NO_CHANNEL, VersionHistories
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings
from bot.slack.blocks import history as drawn
from storage import catalogue, overrides
from storage.facts import ImageFamily, Milestone

FORMATS = ("json", "csv", "markdown")

ExportRow = dict[str, str | bool | None]


def show_history(settings: Settings, version: str, *, as_json: bool) -> int:
    """Prints the story of a version, or all that ever changed; 1 where nothing is known of it."""
    from bot.cli.rendering import render_answer, render_answer_json, render_message  # noqa: PLC0415 - beside their only uses

    database = core.prepare_database(settings)
    told = VersionHistories(database, SnapshotCache(), core.build_default_schedule(settings))
    answer = told.show(version, NO_CHANNEL, core.now()) if version else told.show_all(core.now())
    database.close()
    if not isinstance(answer, answers.History):
        sys.stdout.write(f"{render_answer_json(answer)}\n" if as_json else render_answer(answer))
        return 1
    sys.stdout.write(
        f"{render_answer_json(answer)}\n" if as_json else render_message(drawn.render(answer, max_lines=0))
    )
    return 0


def export(settings: Settings, export_format: str) -> int:
    """Prints every row; 2 where the format is none that is known."""
    if export_format not in FORMATS:
        sys.stderr.write(f"--format is none of json, csv, markdown: {export_format[:40]!r}\n")
        return 2
    database = core.prepare_database(settings)
    with database.read_only() as session:
        families, gone = catalogue.list_all(session), catalogue.list_vanished(session)
        by_hand = overrides.list_active(session)
    database.close()
    held = overriding.apply_overrides(families, by_hand)
    rows = [build_row(row, listed=row.family not in gone) for row in held]
    sys.stdout.write({"json": format_json, "csv": format_csv, "markdown": _format_markdown}[export_format](rows))
    return 0


def build_row(row: ImageFamily, *, listed: bool) -> ExportRow:
    """A row as it is exported, by the names of its columns."""
    found: ExportRow = {"product": row.product, "version": row.version, "family": row.family}
    for name in ("family_as_printed", "label", "patch_version", "accelerator", "python", "os", "cuda", "driver"):
        found[name] = getattr(row, name)
    for milestone in Milestone:
        cell = row.get_date(milestone)
        found[milestone.value] = cell.day.isoformat() if cell.day else None
        found[f"{milestone.value}_as_printed"] = cell.printed
        found[f"{milestone.value}_by_hand"] = (
            f"{cell.override.set_by}: {cell.override.reason}" if cell.override else None
        )
    return found | {"listed": listed, "source_url": row.source_url, "as_of": row.as_of.isoformat()}


def format_json(rows: list[ExportRow]) -> str:
    """Rows as JSON."""
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def format_csv(rows: list[ExportRow]) -> str:
    """Rows as CSV, the names of the columns first."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(rows[0] if rows else ())
    writer.writerows([_format_cell(cell) for cell in row.values()] for row in rows)
    return held.getvalue()


def _format_markdown(rows: list[ExportRow]) -> str:
    names = list(rows[0]) if rows else []
    lines = [names, ["---"] * len(names)]
    lines += [[_format_cell(cell).replace("|", "\\|") for cell in row.values()] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _format_cell(cell: str | bool | None) -> str:  # noqa: FBT001 - a cell of any kind
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return cell or ""
