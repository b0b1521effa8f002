"""The docs page with its 52 rows read into printed rows, beside parsing the same HTML and looking at nothing of it."""

from html.parser import HTMLParser

from selectolax.lexbor import LexborHTMLParser

from bot.catalogue.page import parser as page
from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES
from tests.benchmarks.measure import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig
from tests.catalogue.page_factories import SEED, write_plain_html


def measure_page(rig: Rig) -> list[Row]:
    """Against the parser that dlvm uses, which is written in C, and against Python's own."""
    html = write_plain_html(SEED)
    what = f"reading the docs page ({len(SEED)} rows, {len(html) / 1000:.0f} kB of HTML)"
    again = f"{what}, once more"
    lexbor = measure_alternately(rig.track_rounds(what), _build_parser_side(rig, html), _build_lexbor_side(rig, html))
    python = measure_alternately(rig.track_rounds(again), _build_parser_side(rig, html), _build_stdlib_side(rig, html))
    return [
        compare("reading", what, "parsing it alone by selectolax (C), which dlvm uses", lexbor, Target(3)),
        compare("reading-python", again, "parsing it alone by html.parser of Python", python, Target(3)),
    ]


def _build_parser_side(rig: Rig, html: str) -> Side:
    def check(found: page.Page) -> None:
        if found.rows != SEED or found.missing_tables or found.malformed_rows:
            raise AssertionError("other rows than the page has")

    return lambda: time_calls(
        rig.size.calls, lambda: html, lambda text: page.parse_page(text, DEEP_LEARNING_VM_IMAGES), check
    )


def _build_lexbor_side(rig: Rig, html: str) -> Side:
    def check(found: LexborHTMLParser) -> None:
        if len(found.css("tr")) <= len(SEED):
            raise AssertionError("rows are missing")

    return lambda: time_calls(rig.size.calls, lambda: html, LexborHTMLParser, check)


def _build_stdlib_side(rig: Rig, html: str) -> Side:
    def act(text: str) -> HTMLParser:
        parser = HTMLParser()
        parser.feed(text)
        return parser

    def check(parser: HTMLParser) -> None:
        if parser.rawdata:
            raise AssertionError("something was left over")

    return lambda: time_calls(rig.size.calls, lambda: html, act, check)
