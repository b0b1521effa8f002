"""Pages with the bundled rows, in three HTML and three Markdown layouts."""

import csv
import html
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from itertools import groupby

from bot.catalogue.page.rows import PrintedRow

HEADERS = {
    "label": "ML framework version",
    "patch_version": "Current patch version",
    "accelerator": "Supported accelerators",
    "end_of_patch": "End of patch and support date",
    "end_of_availability": "End of availability date",
    "image_family": "Image family name",
}
FIELDS = tuple(HEADERS)
SEED = tuple(
    PrintedRow(**cells)
    for cells in csv.DictReader(
        resources.files("bot.catalogue.seed").joinpath("deep-learning-vm-images.csv").read_text("utf-8").splitlines()
    )
)
OVERVIEW = (
    "<h2>Deciding on an image family</h2><table><tr><th>Framework</th><th>Processor</th><th>Image family name(s)</th>"
    "</tr><tr><td>Base</td><td>GPU</td><td><ul><li>common-cu129-ubuntu-2404-nvidia-580</li>"
    "<li>common-cu129-ubuntu-2204-nvidia-580</li></ul></td></tr></table>"
)
FOOTER = "<p>Last updated 2026-04-10 UTC.</p>"


def group_by_section(rows: Iterable[PrintedRow]) -> list[tuple[str, list[PrintedRow]]]:
    return [(section, list(section_rows)) for section, section_rows in groupby(rows, key=lambda row: row.section)]


def build_document(body: str, language: str = "en") -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="ltr"><head><title>Choose an image</title>'
        f"<script>if (1 < 2) {{ document.write('<table>'); }}</script></head><body><main>"
        f"<!-- <table> --><h1>Choose an image</h1>{OVERVIEW}<h2>Supported framework versions</h2><p>See below.</p>"
        f"{body}<h2>After deprecation</h2><table><tr><th>Flag</th></tr><tr><td>--show-deprecated</td></tr></table>"
        f"{FOOTER}</main></body></html>"
    )


def write_plain_html(rows: Iterable[PrintedRow]) -> str:
    """Write the layout of the live page: a heading and a table, with VERSION_DATE in its own element."""

    def write_table(section_rows: Sequence[PrintedRow]) -> str:
        head = "".join(f"<th>{name}</th>" for name in HEADERS.values())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(write_row, section_rows))}</tbody></table>"

    def write_row(printed: PrintedRow) -> str:
        cells = [html.escape(getattr(printed, field)) for field in FIELDS]
        cells[-1] = f"<code>{cells[-1].replace('VERSION_DATE', '<var>VERSION_DATE</var>')}</code>"
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    return build_document(
        "".join(f"<h3>{name}</h3>{write_table(section_rows)}" for name, section_rows in group_by_section(rows))
    )


def write_shuffled_html(rows: Iterable[PrintedRow]) -> str:
    """Write reordered and extra columns, headings in capitals, tables in boxes, and cells with several lines."""
    order = ["image_family", "end_of_availability", "label", None, "accelerator", "end_of_patch", "patch_version", None]

    def write_cell(printed: PrintedRow, field: str | None) -> str:
        if field is None:
            return "<td>Jan 1, 2031<table><tr><td>Jan 2, 2031</td></tr></table></td>"
        text = html.escape(getattr(printed, field))
        if field == "image_family":
            spread = text.replace("VERSION_DATE", "\n      <var>VERSION_DATE</var>\n      ")
            return f"<td>\n<ul>\n<li><code>{spread}</code></li>\n</ul></td>"
        if field == "label":
            return f"<td>{text.replace(' (', '<br/>(')}</td>"
        return f"<td><p>{text.replace(' ', '&nbsp; ', 1)}</p></td>"

    def write_table(section_rows: Sequence[PrintedRow]) -> str:
        names = [HEADERS[field].upper().replace(" ", "\n ") if field else f"More {n}" for n, field in enumerate(order)]
        head = "<tr>" + "".join(f"<td><strong>{name}</strong></td>" for name in names) + "</tr>"
        body = "".join(f"<tr>{''.join(write_cell(printed, field) for field in order)}</tr>" for printed in section_rows)
        return f'<div class="scrolls"><div><table>{head}{body}</table></div></div>'

    return build_document(
        "".join(
            f"<section><h2>\n {name.upper()} </h2><p>All of these have been deprecated.</p>"
            f"{write_table(section_rows)}</section>"
            for name, section_rows in group_by_section(rows)
        )
    )


def write_spanning_html(rows: Iterable[PrintedRow]) -> str:
    """Write labels that span rows, a line across the table, several tables per heading, and no end tags."""

    def write_table(section_rows: Sequence[PrintedRow]) -> str:
        head = "".join(f"<th>{name.lower()}" for name in HEADERS.values())
        body = []
        for _, label_rows in groupby(section_rows, key=lambda row: row.label):
            group = list(label_rows)
            for index, printed in enumerate(group):
                cells = [f"<td>{html.escape(getattr(printed, field))}" for field in FIELDS[1:]]
                label = f"<td rowspan={len(group)}>{html.escape(printed.label)}" if index == 0 else ""
                body.append(f"<tr>{label}{''.join(cells)}")
        return f"<table><tr>{head}<tr><td colspan=6>Versions of this framework{''.join(body)}</table>"

    def write_tables(section_rows: list[PrintedRow]) -> str:
        labels = list(dict.fromkeys(row.label for row in section_rows))
        first = [row for row in section_rows if row.label in labels[: len(labels) // 2]]
        second = [row for row in section_rows if row not in first]
        return f"{write_table(first)}<h4>Deprecated ones</h4><ul><li>{write_table(second)}</ul>"

    return build_document(
        "".join(f"<h3>{name}</h3>{write_tables(section_rows)}" for name, section_rows in group_by_section(rows))
    )


def write_plain_markdown(rows: Iterable[PrintedRow]) -> str:
    """Write Markdown tables with family names as code."""

    def write_row(printed: PrintedRow) -> str:
        cells = [getattr(printed, field) for field in FIELDS]
        cells[-1] = f"`{cells[-1]}`"
        return "| " + " | ".join(cells) + " |"

    return _write_markdown(rows, list(HEADERS.values()), write_row)


def write_decorated_markdown(rows: Iterable[PrintedRow]) -> str:
    """Write reordered columns with escapes, links, emphasis and line breaks, and rows without outer pipes."""
    order = ["end_of_availability", "image_family", "label", "end_of_patch", "accelerator", "patch_version"]

    def write_row(printed: PrintedRow) -> str:
        cells = {field: getattr(printed, field) for field in order}
        cells["image_family"] = cells["image_family"].replace("VERSION_DATE", "*VERSION\\_DATE*")
        cells["label"] = f"[{cells['label'].replace(' (', '](https://example.org/a_b) <br>(', 1)}"
        if "](" not in cells["label"]:
            cells["label"] = f"**{cells['label'][1:]}**"
        return " | ".join([*cells.values(), "see \\| below"])

    return _write_markdown(rows, [*(f"**{HEADERS[field]}**" for field in order), "Notes"], write_row)


def write_mixed_markdown(rows: Iterable[PrintedRow]) -> str:
    """Write HTML tables under Markdown headings, as the site does for cells with lists."""
    bodies = []
    for name, section_rows in group_by_section(rows):
        lines = [f"### {name} {{#{name.split()[0].lower()}}}", "", "<table>", "<thead>", '<tr class="header">']
        lines += [f"<th>{header}</th>" for header in HEADERS.values()]
        lines += ["</tr>", "</thead>", "<tbody>"]
        for printed in section_rows:
            lines += [
                '<tr class="odd">',
                *(f"<td>{html.escape(getattr(printed, field))}</td>" for field in FIELDS[:-1]),
            ]
            lines += ["<td><ul>", f'<li><code translate="no">{printed.image_family}</code></li>', "</ul></td>", "</tr>"]
        bodies.append("\n".join([*lines, "</tbody>", "</table>", ""]))
    return f"---\ntitle: Choose an image\n---\n\n## Supported framework versions\n\n{''.join(bodies)}\n"


def _write_markdown(rows: Iterable[PrintedRow], headers: list[str], write_row: Callable[[PrintedRow], str]) -> str:
    parts = ["# Choose an image", "```", "| a | b |", "|---|---|", "| 1 | 2 |", "```", ""]
    parts += ["| Framework | Image family name(s) |", "| --- | --- |", "| Base | common-cu129 |", ""]
    for name, section_rows in group_by_section(rows):
        parts += [f"## {name} ##", "", f"| {' | '.join(headers)} |".replace("| |", "|")]
        if not write_row(section_rows[0]).startswith("|"):
            parts[-1] = parts[-1].strip("| ")
        parts += ["|".join([":---"] * len(headers)), *map(write_row, section_rows), ""]
    return "\n".join([*parts, "## After deprecation", "", "Last updated 2026-04-10 UTC.", ""])


WRITERS: dict[str, Callable[[Iterable[PrintedRow]], str]] = {
    "plain HTML": write_plain_html,
    "HTML with other columns": write_shuffled_html,
    "HTML with spanning cells": write_spanning_html,
    "plain Markdown": write_plain_markdown,
    "decorated Markdown": write_decorated_markdown,
    "Markdown with tables in HTML": write_mixed_markdown,
}
