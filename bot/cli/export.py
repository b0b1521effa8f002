"""`dlvm catalogue history` and `export`: what is known of the versions, and what was known before."""

import csv
import io
import json
import sys

from bot import answers
from bot.bootstrap import core
from bot.policy import overrides as overriding
from bot.service.versions.history import NOWHERE, Histories
from bot.service.versions.snapshot import KnownVersions
from bot.settings import Settings
from bot.slack.blocks import history as drawn
from storage import catalogue, overrides
from storage.facts import ImageFamily, Milestone

FORMATS = ("json", "csv", "markdown")

Cells = dict[str, str | bool | None]


def history(settings: Settings, version: str, *, as_json: bool) -> int:
    """Prints the story of a version, or all that ever changed; 1 where nothing is known of it."""
    from bot.cli.rendering import draw_answer, draw_message, json_of  # noqa: PLC0415 - beside their only uses

    database = core.ready(settings)
    told = Histories(database, KnownVersions(), core.default_schedule(settings))
    answer = told.of(version, NOWHERE, core.now()) if version else told.of_all(core.now())
    database.close()
    if not isinstance(answer, answers.History):
        sys.stdout.write(f"{json_of(answer)}\n" if as_json else draw_answer(answer))
        return 1
    sys.stdout.write(f"{json_of(answer)}\n" if as_json else draw_message(drawn.history(answer, most=0)))
    return 0


def export(settings: Settings, form: str) -> int:
    """Prints every row; 2 where the format is none that is known."""
    if form not in FORMATS:
        sys.stderr.write(f"--format is none of json, csv, markdown: {form[:40]!r}\n")
        return 2
    database = core.ready(settings)
    with database.reading() as session:
        families, gone = catalogue.all(session), catalogue.gone(session)
        by_hand = overrides.in_force(session)
    database.close()
    held = overriding.effective(families, by_hand)
    rows = [cells(row, listed=row.family not in gone) for row in held]
    sys.stdout.write({"json": as_json, "csv": as_csv, "markdown": _as_markdown}[form](rows))
    return 0


def cells(row: ImageFamily, *, listed: bool) -> Cells:
    """A row as it is exported, by the names of its columns."""
    found: Cells = {"product": row.product, "version": row.version, "family": row.family}
    for name in ("family_as_printed", "label", "patch_version", "accelerator", "python", "os", "cuda", "driver"):
        found[name] = getattr(row, name)
    for milestone in Milestone:
        cell = row.date_of(milestone)
        found[milestone.value] = cell.day.isoformat() if cell.day else None
        found[f"{milestone.value}_as_printed"] = cell.printed
        found[f"{milestone.value}_by_hand"] = f"{cell.by_hand.by}: {cell.by_hand.reason}" if cell.by_hand else None
    return found | {"listed": listed, "source_url": row.source_url, "as_of": row.as_of.isoformat()}


def as_json(rows: list[Cells]) -> str:
    """Rows as JSON."""
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def as_csv(rows: list[Cells]) -> str:
    """Rows as CSV, the names of the columns first."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(rows[0] if rows else ())
    writer.writerows([_text(cell) for cell in row.values()] for row in rows)
    return held.getvalue()


def _as_markdown(rows: list[Cells]) -> str:
    names = list(rows[0]) if rows else []
    lines = [names, ["---"] * len(names)]
    lines += [[_text(cell).replace("|", "\\|") for cell in row.values()] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _text(cell: str | bool | None) -> str:  # noqa: FBT001 - a cell of any kind
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return cell or ""
