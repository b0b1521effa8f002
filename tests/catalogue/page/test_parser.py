"""Parser of the page in every form it is served in, and rejection of other pages."""

import time
from collections.abc import Callable, Iterable
from datetime import date

import pytest

from bot.catalogue.page import html, parser, rows
from bot.catalogue.page.parser import PageError
from bot.catalogue.page.parser import parse_page as parse
from tests.catalogue import page_factories

Writer = Callable[[Iterable[rows.PrintedRow]], str]


@pytest.mark.parametrize("writer", page_factories.WRITERS.values(), ids=page_factories.WRITERS)
def test_all_52_rows_survive_a_round_trip_in_each_layout(writer: Writer) -> None:
    page = parse(writer(page_factories.SEED))
    assert page.rows == page_factories.SEED
    assert page.missing_tables == page.malformed_rows == ()
    as_facts = [rows.parse_row(row, source_url="", as_of=date(2026, 4, 10)) for row in page.rows]
    assert len({row.family for row in as_facts}) == 52
    assert len({(row.framework, row.label) for row in as_facts}) == 38
    cells = [cell for row in as_facts for cell in (row.end_of_patch_and_support, row.end_of_availability)]
    assert [cell.printed for cell in cells if cell.problem] == ["Ju1 11, 2026"]
    assert sum(cell.day is not None for cell in cells) == 103


def test_footer_gives_the_day_of_the_last_update() -> None:
    assert parse(page_factories.write_plain_html(page_factories.SEED)).last_updated == date(2026, 4, 10)
    assert parse(page_factories.write_plain_markdown(page_factories.SEED)).last_updated == date(2026, 4, 10)
    assert parse(page_factories.write_mixed_markdown(page_factories.SEED)).last_updated is None
    assert (
        parse(
            page_factories.write_plain_html(page_factories.SEED).replace("2026-04-10 UTC", "2026-14-10 UTC")
        ).last_updated
        is None
    )


def test_texts_above_and_across_a_table_are_remarks() -> None:
    above = parser.Remark("TensorFlow versions", "All of these have been deprecated.")
    assert above in parse(page_factories.write_shuffled_html(page_factories.SEED)).remarks
    assert (
        parser.Remark("Base versions", "Versions of this framework")
        in parse(page_factories.write_spanning_html(page_factories.SEED)).remarks
    )


def test_fingerprint_depends_only_on_the_rows() -> None:
    first, second = (
        parse(page_factories.write_plain_html(page_factories.SEED)),
        parse(page_factories.write_plain_markdown(page_factories.SEED)),
    )
    assert first.fingerprint == second.fingerprint
    assert parse(page_factories.write_plain_html(page_factories.SEED[1:])).fingerprint != first.fingerprint


def parse_families(cell: str) -> list[str]:
    first_family = page_factories.SEED[0].image_family.replace("VERSION_DATE", "<var>VERSION_DATE</var>")
    return [
        row.image_family
        for row in parse(page_factories.write_plain_html(page_factories.SEED).replace(first_family, cell)).rows[:2]
    ]


def test_family_cell_can_hold_a_split_name_or_several_names() -> None:
    family = "common-cu129-ubuntu-2404-nvidia-580-VERSION_DATE"
    assert parse_families("common-cu129-ubuntu-2404-<br>nvidia-580<br>- <var>VERSION_DATE</var>")[0] == family
    assert parse_families("common-cu129-<wbr>ubuntu-\u200b2404-nvidia-580-VERSION_DATE")[0] == family
    several = "<ul><li>common-cu129-ubuntu-2404-nvidia-580</li><li>common-cu129-debian-12-nvidia-580</li></ul>"
    assert parse_families(several) == ["common-cu129-ubuntu-2404-nvidia-580", "common-cu129-debian-12-nvidia-580"]
    assert parse_families("<p>common-cu129-ubuntu-2404-nvidia-580</p><p>and more</p>")[0].endswith("580 and more")


def test_missing_table_is_listed_and_the_others_are_parsed() -> None:
    text = page_factories.write_plain_html([row for row in page_factories.SEED if row.section != "TensorFlow versions"])
    page = parse(text)
    assert len(page.rows) == 24
    assert page.missing_tables == ("there is no table of versions under “TensorFlow versions”",)


def test_row_of_another_width_is_listed_with_its_text() -> None:
    page = parse(page_factories.write_plain_html(page_factories.SEED).replace("<td>CUDA 12.9</td>", "", 1))
    assert len(page.rows) == 51
    assert "5 cells instead of 6: Base-cu129" in page.malformed_rows[0]
    truncated = page_factories.write_plain_markdown(page_factories.SEED).partition(
        "| 2.3 | 2.3.4 | GPU (CUDA 11.3) | Sep 1, 2023 | Sep 1, 20"
    )
    assert "4 cells instead of 6: 2.3 | 2.3.4" in parse(truncated[0] + truncated[1]).malformed_rows[0]


def test_empty_rows_and_repeated_headings_are_skipped() -> None:
    head = "".join(f"<th>{name}</th>" for name in page_factories.HEADERS.values())
    text = page_factories.write_plain_html(page_factories.SEED).replace(
        "<tbody>", f"<tbody><tr>{'<td> </td>' * 6}</tr><tr>{head}</tr>"
    )
    assert parse(text).rows == page_factories.SEED


def test_small_table_under_a_heading_is_ignored() -> None:
    small_table = "<table><tr><th>Image family name</th><th>Command</th></tr><tr><td>a</td><td>b</td></tr></table>"
    text = page_factories.write_plain_html(page_factories.SEED).replace(
        "<h3>PyTorch versions</h3>", f"<h3>PyTorch versions</h3>{small_table}"
    )
    assert parse(text).rows == page_factories.SEED


PLAIN = page_factories.write_plain_html(page_factories.SEED)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("x" * (parser.MAX_LENGTH + 1), "more than the limit of 5,000,000"),
        (page_factories.build_document("", language="de"), "isn’t in English (its language is “de”)"),
        ("<!doctype html><html><body><p>Our systems have detected unusual traffic.</p></body></html>", "a CAPTCHA"),
        ("<html><body><h1>Deep Learning Containers</h1></body></html>", "none of the headings “Base versions”"),
        ("Not found", "none of the headings"),
        ("# Base versions\n\nNothing here.", "the headings but no table"),
        ("# Base versions\n\n| A | B |\n|---|---|\n| 1 | 2 |\n", "no table under the headings has the columns"),
        (PLAIN[: len(PLAIN) // 2], "truncated"),
        (page_factories.write_mixed_markdown(page_factories.SEED)[:6000], "truncated"),
        (PLAIN.replace("End of availability date", "Verfügbar bis"), "no column “end of availability date”"),
        (PLAIN.replace("Image family name<", "Supported accelerators<"), "two columns “supported accelerators”"),
        ("<div>" * 1000 + PLAIN, "nests elements more than 400 levels deep"),
        ("<html><body>" + "<i></i>" * 60_000 + "</body></html>", "more than 50,000 elements"),
        ("# Base versions\n" + "x" * 30_000, "a line longer than 20,000"),
        ("<!-- " + PLAIN.replace("-->", ""), "none of the headings"),
        ("```\n# Base versions\n| a | b |", "none of the headings"),
    ],
)
def test_other_pages_are_rejected_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(PageError) as error:
        parse(text)
    assert reason in str(error.value)


@pytest.mark.parametrize("piece", ["<div>", "<table><tr><td>", "<b><p>", "<ul><li>", "<div></b>", "<span><div></span>",
                                   "<script", "<!--", "<", "[", "_", "`", "|", "#", "<div a='<'>"])  # fmt: skip
def test_endlessly_repeated_markup_is_rejected_quickly(piece: str) -> None:
    started = time.process_time()
    for text in (piece * (2_000_000 // len(piece)), "# Base versions\n" + (piece + "\n") * 20_000):
        with pytest.raises(PageError):
            parse(text)
    assert time.process_time() - started < 5


def test_invalid_spans_count_as_one() -> None:
    text = "<table><tr><td colspan='0' rowspan='-3'>a<td colspan='x'>b<td colspan='99999'>c</table>"
    (table,) = html.parse_blocks(text)
    assert len(getattr(table, "rows")[0]) == 102  # noqa: B009 - the type of the block is a union


def test_page_is_parsed_in_less_than_30_milliseconds() -> None:
    padded = PLAIN.replace("<main>", "<main><nav>" + "<li><a href='/x'>Some other page</a></li>" * 1000 + "</nav>")
    best = min(_time_parsing(padded) for _ in range(3))
    assert best < 0.03 * 3, f"{best * 1000:.0f} ms; the limit is three times the goal because machines can be busy"


def _time_parsing(text: str) -> float:
    started = time.process_time()
    parse(text)
    return time.process_time() - started


def test_extracted_lines_change_only_with_the_text() -> None:
    def policy(text: str, updated: str) -> str:
        return (
            f"<html lang='en'><body><nav>Home {updated}</nav><h1>Support policy</h1><p>{text}</p><table><tr><td>a<td>b"
            f"</table><p>Except as otherwise noted, all rights.</p><p>Last updated {updated} UTC.</p></body></html>"
        )

    first = parser.extract_lines(policy("Each  date is the\n<b>last</b>.", "2025-09-04"))
    assert first == ("Support policy", "Each date is the last.", "a | b")
    assert parser.extract_lines(policy("Each date is the last.", "2026-01-01")) == first
    assert parser.extract_lines(policy("Each date is the first.", "2026-01-01")) != first
    for text, reason in (("", "empty"), ("<html><body><p>Moved</p></body></html>", "no title")):
        with pytest.raises(PageError, match=reason):
            parser.extract_lines(text)
