"""The docs page with its 52 rows read into printed rows, beside parsing the same HTML and looking at nothing of it."""

from html.parser import HTMLParser

from selectolax.lexbor import LexborHTMLParser

from bot.catalogue.page import parser as page
from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES
from tests.benchmarks.measure import Side, in_turns, timed
from tests.benchmarks.results import Row, Target, compared
from tests.benchmarks.rig import Rig
from tests.catalogue.page_factories import SEED, plain_html


def reading(rig: Rig) -> list[Row]:
    """Against the parser that dlvm uses, which is written in C, and against Python's own."""
    html = plain_html(SEED)
    what = f"reading the docs page ({len(SEED)} rows, {len(html) / 1000:.0f} kB of HTML)"
    again = f"{what}, once more"
    lexbor = in_turns(rig.turns(what), _read(rig, html), _parsed(rig, html))
    python = in_turns(rig.turns(again), _read(rig, html), _fed(rig, html))
    return [
        compared("reading", what, "parsing it alone by selectolax (C), which dlvm uses", lexbor, Target(3)),
        compared("reading-python", again, "parsing it alone by html.parser of Python", python, Target(3)),
    ]


def _read(rig: Rig, html: str) -> Side:
    def check(found: page.Page) -> None:
        if found.rows != SEED or found.missing or found.crooked:
            raise AssertionError("other rows than the page has")

    return lambda: timed(rig.size.calls, lambda: html, lambda text: page.read(text, DEEP_LEARNING_VM_IMAGES), check)


def _parsed(rig: Rig, html: str) -> Side:
    def check(found: LexborHTMLParser) -> None:
        if len(found.css("tr")) <= len(SEED):
            raise AssertionError("rows are missing")

    return lambda: timed(rig.size.calls, lambda: html, LexborHTMLParser, check)


def _fed(rig: Rig, html: str) -> Side:
    def act(text: str) -> HTMLParser:
        parser = HTMLParser()
        parser.feed(text)
        return parser

    def check(parser: HTMLParser) -> None:
        if parser.rawdata:
            raise AssertionError("something was left over")

    return lambda: timed(rig.size.calls, lambda: html, act, check)
