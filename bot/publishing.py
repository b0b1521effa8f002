"""`dlvm catalogue history` and `export`: what is known of the versions, and what was known before."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date

from bot import wiring
from bot.catalogue.verdicts import FIELD_TITLES
from bot.policy import durations
from bot.settings import Settings
from storage import catalogue, values
from storage.facts import DLVM, FormerValue, ImageFamily, Milestone

FORMATS = ("json", "csv", "markdown")

Cells = dict[str, str | bool | None]


def history(settings: Settings, version: str, *, as_json: bool) -> int:
    """Prints the story of a version, or all that ever changed; 1 where nothing is known of it."""
    database = wiring.ready(settings)
    with database.reading() as session:
        found = values.all(session, DLVM, version.strip().lower())
    database.close()
    if version and not found:
        sys.stderr.write(f"No version is named {version[:60]!r}: write it like pytorch-2.7.\n")
        return 1
    sys.stdout.write(_json(found) if as_json else _told(found, version))
    return 0


def export(settings: Settings, form: str) -> int:
    """Prints every row; 2 where the format is none that is known."""
    if form not in FORMATS:
        sys.stderr.write(f"--format is none of json, csv, markdown: {form[:40]!r}\n")
        return 2
    database = wiring.ready(settings)
    with database.reading() as session:
        families, gone = catalogue.all(session), catalogue.gone(session)
    database.close()
    rows = [_cells(row, listed=row.family not in gone) for row in families]
    sys.stdout.write({"json": _as_json, "csv": _as_csv, "markdown": _as_markdown}[form](rows))
    return 0


def _cells(row: ImageFamily, *, listed: bool) -> Cells:
    cells: Cells = {"product": row.product, "version": row.version, "family": row.family, "label": row.label}
    for name in ("patch_version", "accelerator", "python", "os", "cuda", "driver"):
        cells[name] = getattr(row, name)
    for milestone in Milestone:
        cell = row.date_of(milestone)
        cells[milestone.value] = cell.day.isoformat() if cell.day else None
        cells[f"{milestone.value}_as_printed"] = cell.printed
    return cells | {"listed": listed, "source_url": row.source_url, "as_of": row.as_of.isoformat()}


def _as_json(rows: list[Cells]) -> str:
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _as_csv(rows: list[Cells]) -> str:
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


def _told(found: Iterable[FormerValue], version: str) -> str:
    lines = list(_story(found, everything=bool(version)))
    return "\n".join(lines or ["Nothing has changed since the catalogue began."]) + "\n"


def _story(found: Iterable[FormerValue], *, everything: bool) -> Iterator[str]:
    """One line for each thing that happened, oldest first; rows first seen only where everything is told."""
    before: dict[tuple[str, str], FormerValue] = {}
    for value in found:
        was = before.get((value.family, value.field))
        before[value.family, value.field] = value
        day = durations.plain_date(value.first_seen.date())
        if value.field == values.ROW:
            what = "first seen" if was is None else "vanished" if value.value == values.VANISHED else "listed again"
            if was is not None or everything:
                yield f"{day}  {value.family}: {what}"
        elif was is not None:
            title = FIELD_TITLES.get(value.field, value.field)
            yield f"{day}  {value.family}: {title} “{was.printed}” → “{value.printed}”{_notice(value)}"
        elif everything and value.field in set(Milestone):
            yield f"{day}  {value.family}: {FIELD_TITLES[value.field]} “{value.printed}”{_notice(value)}"


def _notice(value: FormerValue) -> str:
    """How long before or after a date it was first seen."""
    if value.field not in set(Milestone) or not value.value:
        return ""
    days = (date.fromisoformat(value.value) - value.first_seen.date()).days
    return f", {days} days before it" if days >= 0 else f", {-days} days after it"


def _json(found: Iterable[FormerValue]) -> str:
    from bot.terminal import plain  # noqa: PLC0415 - beside its only use

    return json.dumps([plain(value) for value in found], indent=1, ensure_ascii=False) + "\n"
