"""Random but reproducible mutations of pages."""

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from bot.catalogue.page.rows import PrintedRow
from tests.catalogue import page_factories

GERMAN = {"April": "April", "August": "August", "July": "Juli", "June": "Juni", "Jul": "Juli", "Oct": "Okt.",
          "Dec": "Dez.", "versions": "Versionen", "date": "Datum", "End of": "Ende von", "Image family": "Imagefamilie",
          "CPU only": "nur CPU"}  # fmt: skip


@dataclass
class Draft:
    """A page as editable tables of cells."""

    headings: list[str]
    headers: list[list[str]]
    tables: list[list[list[str]]]
    markdown: bool = False
    language: str = "en"
    text_changes: list[Callable[[str], str]] = field(default_factory=list)

    def write(self) -> str:
        write = self._write_markdown if self.markdown else self._write_html
        parts = zip(self.headings, self.headers, self.tables, strict=True)
        body = "".join(write(heading, header, table) for heading, header, table in parts)
        text = f"# Choose an image\n\n{body}" if self.markdown else page_factories.build_document(body, self.language)
        for change in self.text_changes:
            text = change(text)
        return text

    def _write_markdown(self, heading: str, header: list[str], table: list[list[str]]) -> str:
        lines = [header, ["---"] * len(header), *table]
        return f"## {heading}\n\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n\n"

    def _write_html(self, heading: str, header: list[str], table: list[list[str]]) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in header)
        rows = "".join(f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in cells)}</tr>\n" for cells in table)
        return f"<h3>{heading}</h3>\n<table>\n<tr>{head}</tr>\n{rows}</table>\n"


def draft_page(rows: list[PrintedRow], random: Random) -> Draft:
    sections = page_factories.group_by_section(rows)
    cells = [[[getattr(row, name) for name in page_factories.FIELDS] for row in table] for _, table in sections]
    headers = [list(page_factories.HEADERS.values()) for _ in sections]
    return Draft([name for name, _ in sections], headers, cells, markdown=random.random() < 0.4)


def mangle(page: Draft, random: Random) -> str:
    """Apply one to three random mutations and return their names."""
    chosen = random.choices(list(MUTATIONS), k=random.choice([1, 1, 1, 2, 3]))
    for name in chosen:
        MUTATIONS[name](page, random)
    return " and ".join(chosen)


def _choose_table(page: Draft, random: Random) -> list[list[str]]:
    return random.choice([table for table in page.tables if table] or [[[""]]])


def _choose_row(page: Draft, random: Random) -> list[str]:
    return random.choice([row for row in _choose_table(page, random) if row] or [[""]])


def _drop_cell(page: Draft, random: Random) -> None:
    row = _choose_row(page, random)
    del row[random.randrange(len(row))]


def _blank_cell(page: Draft, random: Random) -> None:
    row = _choose_row(page, random)
    row[random.randrange(len(row))] = random.choice(["", " ", "-", "\u200b"])


def _swap_in_row(page: Draft, random: Random) -> None:
    row = _choose_row(page, random)
    first, second = random.randrange(len(row)), random.randrange(len(row))
    row[first], row[second] = row[second], row[first]


def _swap_in_column(page: Draft, random: Random) -> None:
    table = _choose_table(page, random)
    first, second = random.choice(table), random.choice(table)
    index = random.randrange(max(1, min(len(first), len(second))))
    if index < min(len(first), len(second)):
        first[index], second[index] = second[index], first[index]


def _shorten_cell(page: Draft, random: Random) -> None:
    row = _choose_row(page, random)
    index = random.randrange(len(row))
    row[index] = row[index][: random.randrange(len(row[index]) + 1)]


def _misread_cell(page: Draft, random: Random) -> None:
    row = _choose_row(page, random)
    index = random.randrange(len(row))
    row[index] = row[index].translate(str.maketrans(random.choice(["10", "28", "45"]), random.choice(["lO", "ZB"])))


def _add_cell(page: Draft, random: Random) -> None:
    row = _choose_row(page, random)
    row.insert(random.randrange(len(row) + 1), random.choice(["", "Jan 1, 2030", *row]))


def _drop_row(page: Draft, random: Random) -> None:
    table = _choose_table(page, random)
    del table[random.randrange(len(table))]


def _repeat_row(page: Draft, random: Random) -> None:
    table = _choose_table(page, random)
    row = list(random.choice(table))
    if len(row) > 4 and random.random() < 0.5:
        row[3:5] = random.choice([r for r in table if len(r) > 4] or [row])[3:5]
    table.append(row)


def _shuffle_rows(page: Draft, random: Random) -> None:
    random.shuffle(_choose_table(page, random))


def _move_row(page: Draft, random: Random) -> None:
    table = _choose_table(page, random)
    random.choice(page.tables).append(table.pop(random.randrange(len(table))))


def _choose_header(page: Draft, random: Random) -> list[str]:
    return random.choice([header for header in page.headers if header] or [[""]])


def _rename_header(page: Draft, random: Random) -> None:
    header = _choose_header(page, random)
    header[random.randrange(len(header))] = random.choice(["Last day", "Availability", "Dates", "", *header])


def _swap_headers(page: Draft, random: Random) -> None:
    random.shuffle(_choose_header(page, random))


def _drop_header(page: Draft, random: Random) -> None:
    header = _choose_header(page, random)
    del header[random.randrange(len(header))]


def _drop_table(page: Draft, random: Random) -> None:
    index = random.randrange(len(page.tables))
    page.tables[index] = []


def _rename_heading(page: Draft, random: Random) -> None:
    page.headings[random.randrange(len(page.headings))] = random.choice(["JAX versions", "Retired", *page.headings])


def _truncate(page: Draft, random: Random) -> None:
    share = random.random()
    page.text_changes.append(lambda text: text[: int(len(text) * share)])


def _translate(page: Draft, random: Random) -> None:
    page.language = random.choice(["de", "zh-CN", "en"])
    words = dict(random.sample(sorted(GERMAN.items()), random.randrange(1, len(GERMAN))))

    def translate(text: str) -> str:
        for english, german in words.items():
            text = text.replace(english, german)
        return text

    page.text_changes.append(translate)


def _encode(page: Draft, random: Random) -> None:
    encoding, decoding = random.choice([("utf-8", "latin-1"), ("utf-16", "latin-1"), ("utf-8", "utf-16-le"),
                                   ("utf-8", "cp500"), ("utf-8", "cp1252")])  # fmt: skip
    page.text_changes.append(
        lambda text: text.replace(" ", "\u00a0").encode(encoding).decode(decoding, errors="replace")
    )


def _replace_page(page: Draft, random: Random) -> None:
    other = random.choice(["", "\n", "<html><body>Please solve the captcha</body></html>", "<h1>404</h1>", "{}",
                           "\x00" * 100, "<html><body><h3>Base versions</h3></body></html>"])  # fmt: skip
    page.text_changes.append(lambda _: other)


def _nest(page: Draft, random: Random) -> None:
    depth = random.choice([3, 30, 300, 3000])
    tag = random.choice(["div", "span", "section"])
    page.text_changes.append(lambda text: text.replace("<main>", f"<main>{f'<{tag}>' * depth}"))


def _lose_tags(page: Draft, random: Random) -> None:
    tag = random.choice(["</td>", "<td>", "</tr>", "<tr>", "<table>", "</table>", "<h3>", "</h3>", "|", "\n"])

    def remove_one(text: str) -> str:
        pieces = text.split(tag)
        index = random.randrange(len(pieces))
        return tag.join(pieces[: index + 1]) + tag.join(["", *pieces[index + 1 :]])[len(tag) :]

    page.text_changes.append(remove_one)


MUTATIONS: dict[str, Callable[[Draft, Random], None]] = {
    "a cell dropped": _drop_cell,
    "a cell blanked": _blank_cell,
    "cells of a row swapped": _swap_in_row,
    "cells of a column swapped": _swap_in_column,
    "a cell cut short": _shorten_cell,
    "a cell misread": _misread_cell,
    "a cell added": _add_cell,
    "a row dropped": _drop_row,
    "a row repeated": _repeat_row,
    "rows shuffled": _shuffle_rows,
    "a row in another table": _move_row,
    "a header renamed": _rename_header,
    "headers shuffled": _swap_headers,
    "a header dropped": _drop_header,
    "a table emptied": _drop_table,
    "a heading renamed": _rename_heading,
    "the page cut off": _truncate,
    "another language": _translate,
    "another encoding": _encode,
    "another page": _replace_page,
    "deep nesting": _nest,
    "a tag lost": _lose_tags,
}
