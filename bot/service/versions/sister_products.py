"""The bundled dates of sister products: which versions there are, and what a name among them means."""

import re
from collections.abc import Iterable
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from bot.answers import DidYouMean, NotInCatalogue, Source
from bot.catalogue import seed
from bot.catalogue.sister_products import Besides
from bot.policy import versions as matching
from bot.policy.names import parser
from bot.policy.products import PRODUCTS, prefixed
from storage.facts import FrameworkVersion, ImageFamily

CLOSE_ENOUGH = 72
"""Out of 100, by rapidfuzz: what a misspelt name may be at least."""


class FoundSister(Struct, frozen=True):
    """A version of a sister product, with only the rows that were asked for."""

    version: FrameworkVersion


class FoundProduct(Struct, frozen=True):
    """A sister product, or one framework of it."""

    product: str
    framework: str = ""


Negative = DidYouMean | NotInCatalogue


@cache
def _rows() -> dict[ImageFamily, Besides]:
    """Read from the bundle when first asked for; it never changes while the process lives."""
    return seed.sisters()


@cache
def versions(product: str) -> tuple[FrameworkVersion, ...]:
    """All versions of a product, in its page's order."""
    return tuple(version for version in matching.group(_rows()) if version.product == product)


def besides(row: ImageFamily) -> Besides:
    """What is known of a row besides its dates."""
    return _rows()[row]


def source(rows: Iterable[ImageFamily]) -> Source:
    """Where the rows are from: of several sources the newest."""
    newest = max(rows, key=lambda row: row.as_of)
    title = f"the table of {PRODUCTS[newest.product].title}"
    return Source(newest.source_url, newest.as_of, title=title, about=besides(newest).as_of_about)


def named_alike(name: str) -> tuple[FrameworkVersion, ...]:
    """The version of that name on every sister product that lists it."""
    return tuple(found for product in PRODUCTS if (found := matching.find(name, versions(product))))


def find(reading: parser.Sister, verb: str) -> FoundSister | FoundProduct | Negative:
    """What a name means among its product's versions; `verb` is the command that a suggestion should repeat."""
    known = versions(reading.product)
    row = next((row for v in known for row in v.families if reading.image and _image(row) == reading.image), None)
    if row is not None:
        return FoundSister(FrameworkVersion(row.product, row.framework, row.number, (row,)))
    version = matching.find(reading.name, known)
    if version is not None:
        return FoundSister(replace(version, families=matching.narrow(version, reading.narrowing)))
    if reading.image and not reading.name:
        return _not_listed(reading, reading.image)
    if not reading.name or any(v.framework == reading.name for v in known):
        return FoundProduct(reading.product, reading.name)
    return _alike(reading, known, verb)


def _alike(reading: parser.Sister, known: tuple[FrameworkVersion, ...], verb: str) -> FoundSister | Negative:
    """By a number, label or key alone, where only one version has it; otherwise asked back."""
    alike = [v for v in known if _squashed(reading.name) in _spellings(v)]
    if len(alike) == 1:
        return FoundSister(alike[0])
    if alike:
        return DidYouMean(reading.text, tuple(map(matching.full_name, alike[:5])), verb)
    return _suggested(reading, known, verb)


def suggested(asked: str) -> tuple[str, ...]:
    """Names with their prefix that are close to what was written, which has none or a misspelt one."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only misspelt names pay for it

    wanted = asked.lower().replace(" ", "-")
    every = [version for product in PRODUCTS for version in versions(product)]
    full = process.extract(wanted, [matching.full_name(v) for v in every], scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    plain = process.extract(wanted, [v.name for v in every], scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    close = sorted([*full, *plain], key=lambda each: -each[1])
    best = close[0][1] if close else 0
    return tuple(dict.fromkeys(matching.full_name(every[place]) for _, score, place in close if score >= best - 5))[:3]


def _suggested(reading: parser.Sister, known: tuple[FrameworkVersion, ...], verb: str) -> Negative:
    """A version that is not listed has neighbours; other words may be a misspelt one."""
    framework, _, number = reading.name.rpartition("-")
    if any(v.framework == framework for v in known):
        return _not_listed(reading, reading.name, matching.neighbours(framework, number, known))
    close = [name for name in suggested(prefixed(reading.product, reading.name)) if name.startswith(reading.product)]
    return DidYouMean(reading.text, tuple(close), verb) if close else _not_listed(reading, reading.name)


def _not_listed(reading: parser.Sister, name: str, near: Iterable[FrameworkVersion] = ()) -> NotInCatalogue:
    rows = [row for version in versions(reading.product) for row in version.families]
    return NotInCatalogue(prefixed(reading.product, name), tuple(map(matching.full_name, near)), source(rows))


def _image(row: ImageFamily) -> str:
    """The last part of an image's path, without its tag."""
    return row.family.rpartition("/")[2].partition(":")[0]


def _spellings(version: FrameworkVersion) -> set[str]:
    """What a version may be called by its number, label or key alone."""
    of_rows = (text for row in version.families for text in (row.label, row.family))
    return {_squashed(text) for text in (version.name, version.number, *of_rows)}


def _squashed(text: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", text.lower())
