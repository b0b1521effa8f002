"""The bundled dates of sister products: which versions there are, and what a name among them means."""

import re
from collections.abc import Iterable
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from bot.answers import DidYouMean, NotInCatalogue, Source
from bot.catalogue import seed
from bot.catalogue.sister_products import RowDetails
from bot.policy import versions as matching
from bot.policy.names import parser
from bot.policy.products import PRODUCTS, add_prefix
from storage.facts import FrameworkVersion, ImageFamily

MIN_SIMILARITY = 72
"""Out of 100, by rapidfuzz: what a misspelt name may be at least."""


class FoundSisterVersion(Struct, frozen=True):
    """A version of a sister product, with only the rows that were asked for."""

    version: FrameworkVersion


class FoundSisterProduct(Struct, frozen=True):
    """A sister product, or one framework of it."""

    product: str
    framework: str = ""


Clarification = DidYouMean | NotInCatalogue


@cache
def _load_rows() -> dict[ImageFamily, RowDetails]:
    """Read from the bundle when first asked for; it never changes while the process lives."""
    return seed.load_sister_rows()


@cache
def list_versions(product: str) -> tuple[FrameworkVersion, ...]:
    """All versions of a product, in its page's order."""
    return tuple(version for version in matching.group_by_version(_load_rows()) if version.product == product)


def get_details(row: ImageFamily) -> RowDetails:
    """What is known of a row besides its dates."""
    return _load_rows()[row]


def build_source(rows: Iterable[ImageFamily]) -> Source:
    """Where the rows are from: of several sources the newest."""
    newest = max(rows, key=lambda row: row.as_of)
    title = f"the table of {PRODUCTS[newest.product].title}"
    return Source(newest.source_url, newest.as_of, title=title, is_approximate=get_details(newest).is_as_of_approximate)


def list_by_name(name: str) -> tuple[FrameworkVersion, ...]:
    """The version of that name on every sister product that lists it."""
    return tuple(found for product in PRODUCTS if (found := matching.find(name, list_versions(product))))


def resolve(reading: parser.SisterVersion, verb: str) -> FoundSisterVersion | FoundSisterProduct | Clarification:
    """What a name means among its product's versions; `verb` is the command that a suggestion should repeat."""
    versions = list_versions(reading.product)
    row = next(
        (row for v in versions for row in v.families if reading.image and _get_image_name(row) == reading.image), None
    )
    if row is not None:
        return FoundSisterVersion(FrameworkVersion(row.product, row.framework, row.number, (row,)))
    version = matching.find(reading.name, versions)
    if version is not None:
        return FoundSisterVersion(replace(version, families=matching.filter_rows(version, reading.row_filter)))
    if reading.image and not reading.name:
        return _build_not_listed(reading, reading.image)
    if not reading.name or any(v.framework == reading.name for v in versions):
        return FoundSisterProduct(reading.product, reading.name)
    return _resolve_bare_name(reading, versions, verb)


def _resolve_bare_name(
    reading: parser.SisterVersion, versions: tuple[FrameworkVersion, ...], verb: str
) -> FoundSisterVersion | Clarification:
    """By a number, label or key alone, where only one version has it; otherwise asked back."""
    alike = [v for v in versions if _normalize(reading.name) in _list_spellings(v)]
    if len(alike) == 1:
        return FoundSisterVersion(alike[0])
    if alike:
        return DidYouMean(reading.text, tuple(map(matching.format_full_name, alike[:5])), verb)
    return _suggest_version(reading, versions, verb)


def suggest(query: str) -> tuple[str, ...]:
    """Names with their prefix that are close to what was written, which has none or a misspelt one."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only misspelt names pay for it

    wanted = query.lower().replace(" ", "-")
    every = [version for product in PRODUCTS for version in list_versions(product)]
    full = process.extract(
        wanted, [matching.format_full_name(v) for v in every], scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY
    )
    plain = process.extract(wanted, [v.name for v in every], scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
    close = sorted([*full, *plain], key=lambda each: -each[1])
    best = close[0][1] if close else 0
    return tuple(
        dict.fromkeys(matching.format_full_name(every[place]) for _, score, place in close if score >= best - 5)
    )[:3]


def _suggest_version(reading: parser.SisterVersion, versions: tuple[FrameworkVersion, ...], verb: str) -> Clarification:
    """A version that is not listed has neighbours; other words may be a misspelt one."""
    framework, _, number = reading.name.rpartition("-")
    if any(v.framework == framework for v in versions):
        return _build_not_listed(reading, reading.name, matching.find_neighbours(framework, number, versions))
    close = [name for name in suggest(add_prefix(reading.product, reading.name)) if name.startswith(reading.product)]
    return DidYouMean(reading.text, tuple(close), verb) if close else _build_not_listed(reading, reading.name)


def _build_not_listed(
    reading: parser.SisterVersion, name: str, near: Iterable[FrameworkVersion] = ()
) -> NotInCatalogue:
    rows = [row for version in list_versions(reading.product) for row in version.families]
    return NotInCatalogue(
        add_prefix(reading.product, name), tuple(map(matching.format_full_name, near)), build_source(rows)
    )


def _get_image_name(row: ImageFamily) -> str:
    """The last part of an image's path, without its tag."""
    return row.family.rpartition("/")[2].partition(":")[0]


def _list_spellings(version: FrameworkVersion) -> set[str]:
    """What a version may be called by its number, label or key alone."""
    of_rows = (text for row in version.families for text in (row.label, row.family))
    return {_normalize(text) for text in (version.name, version.number, *of_rows)}


def _normalize(text: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", text.lower())
