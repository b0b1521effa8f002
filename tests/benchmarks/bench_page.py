"""Parsing the docs page into rows, beside parsing its HTML alone."""

from html.parser import HTMLParser

from selectolax.lexbor import LexborHTMLParser

from bot.catalogue.page import parser
from tests.benchmarks.measurement import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig
from tests.catalogue.page_factories import SEED, write_plain_html


def measure_page(rig: Rig) -> list[Row]:
    """Measure against the HTML parser that dlvm uses, which is written in C, and against Python's own."""
    html = write_plain_html(SEED)
    title = f"parsing the docs page ({len(SEED)} rows, {len(html) / 1000:.0f} kB of HTML)"
    python_title = f"{title}, against Python"
    lexbor = measure_alternately(rig.track_rounds(title), _build_parser_side(rig, html), _build_lexbor_side(rig, html))
    python = measure_alternately(
        rig.track_rounds(python_title), _build_parser_side(rig, html), _build_stdlib_side(rig, html)
    )
    return [
        compare("reading", title, "its HTML alone, by selectolax (C), which dlvm uses", lexbor, Target(3)),
        compare("reading-python", python_title, "its HTML alone, by Python’s html.parser", python, Target(3)),
    ]


def _build_parser_side(rig: Rig, html: str) -> Side:
    def check(parsed: parser.Page) -> None:
        if parsed.rows != SEED or parsed.missing_tables or parsed.malformed_rows:
            raise AssertionError("wrong rows")

    return lambda: time_calls(rig.size.calls, lambda: html, parser.parse_page, check)


def _build_lexbor_side(rig: Rig, html: str) -> Side:
    def check(document: LexborHTMLParser) -> None:
        if len(document.css("tr")) <= len(SEED):
            raise AssertionError("rows are missing")

    return lambda: time_calls(rig.size.calls, lambda: html, LexborHTMLParser, check)


def _build_stdlib_side(rig: Rig, html: str) -> Side:
    def parse(text: str) -> HTMLParser:
        html_parser = HTMLParser()
        html_parser.feed(text)
        return html_parser

    def check(html_parser: HTMLParser) -> None:
        if html_parser.rawdata:
            raise AssertionError("unparsed HTML is left")

    return lambda: time_calls(rig.size.calls, lambda: html, parse, check)
