"""Bundled versions of sister products, and resolution of names among them."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from bot.answers import DidYouMean, NotInCatalogue, Source
from bot.catalogue import seed
from bot.catalogue.sister_products import RowDetails
from bot.policy import versions
from bot.policy.names import parser
from bot.policy.products import PRODUCTS, add_prefix
from storage.facts import FrameworkVersion, ImageFamily

MIN_SIMILARITY = 72
"""Lowest rapidfuzz score (0 to 100) of a suggestion.

`pytroch 2.7` scores 91 against `pytorch 2.7`, `banana` less than 50 against every version.
"""


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
    return seed.load_sister_rows()


@cache
def list_versions(product: str) -> tuple[FrameworkVersion, ...]:
    """List all versions of a product, in its page's order."""
    return tuple(version for version in versions.group_by_version(_load_rows()) if version.product == product)


def get_details(row: ImageFamily) -> RowDetails:
    """Return the details of a bundled row that its fact does not hold."""
    return _load_rows()[row]


def build_source(rows: Iterable[ImageFamily]) -> Source:
    """Return the source of the newest row."""
    newest = max(rows, key=lambda row: row.as_of)
    title = f"the {PRODUCTS[newest.product].title} table"
    return Source(newest.source_url, newest.as_of, title=title, is_approximate=get_details(newest).is_as_of_approximate)


def list_by_name(name: str) -> tuple[FrameworkVersion, ...]:
    """List the version with this name of every sister product that has one."""
    return tuple(version for product in PRODUCTS if (version := versions.find(name, list_versions(product))))


def resolve(parsed: parser.SisterVersion, verb: str) -> FoundSisterVersion | FoundSisterProduct | Clarification:
    """Resolve a parsed name among its product's versions. `verb` is the command that suggestions repeat."""
    listed = list_versions(parsed.product)
    rows = (row for version in listed for row in version.families)
    row = next((row for row in rows if parsed.image and _get_image_name(row) == parsed.image), None)
    if row is not None:
        return FoundSisterVersion(FrameworkVersion(row.product, row.framework, row.number, (row,)))
    version = versions.find(parsed.name, listed)
    if version is not None:
        return FoundSisterVersion(replace(version, families=versions.filter_rows(version, parsed.row_filter)))
    if parsed.image and not parsed.name:
        return _build_not_listed(parsed, parsed.image)
    if not parsed.name or any(v.framework == parsed.name for v in listed):
        return FoundSisterProduct(parsed.product, parsed.name)
    return _resolve_bare_name(parsed, listed, verb)


def _resolve_bare_name(
    parsed: parser.SisterVersion, listed: Sequence[FrameworkVersion], verb: str
) -> FoundSisterVersion | Clarification:
    """Resolve a number, label or key without a framework. Suggest the versions if several have it."""
    matches = [version for version in listed if _normalize(parsed.name) in _list_spellings(version)]
    if len(matches) == 1:
        return FoundSisterVersion(matches[0])
    if matches:
        return DidYouMean(parsed.text, tuple(map(versions.format_full_name, matches[:5])), verb)
    return _suggest_version(parsed, listed, verb)


def suggest(query: str) -> tuple[str, ...]:
    """Return up to three full names close to a query whose product prefix is missing or misspelt."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - slow to import, and only needed for misspelt names

    query = query.lower().replace(" ", "-")
    candidates = [version for product in PRODUCTS for version in list_versions(product)]
    full_names = [versions.format_full_name(version) for version in candidates]
    matches = [
        match
        for names in (full_names, [version.name for version in candidates])
        for match in process.extract(query, names, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
    ]
    matches.sort(key=lambda match: -match[1])
    best_score = matches[0][1] if matches else 0
    return tuple(dict.fromkeys(full_names[index] for _, score, index in matches if score >= best_score - 5))[:3]


def _suggest_version(parsed: parser.SisterVersion, listed: Sequence[FrameworkVersion], verb: str) -> Clarification:
    """Return the neighbours of an unlisted version of a known framework, otherwise close names of the product."""
    framework, _, number = parsed.name.rpartition("-")
    if any(version.framework == framework for version in listed):
        return _build_not_listed(parsed, parsed.name, versions.find_neighbours(framework, number, listed))
    suggestions = suggest(add_prefix(parsed.product, parsed.name))
    own_suggestions = tuple(name for name in suggestions if name.startswith(parsed.product))
    return DidYouMean(parsed.text, own_suggestions, verb) if own_suggestions else _build_not_listed(parsed, parsed.name)


def _build_not_listed(
    parsed: parser.SisterVersion, name: str, neighbours: Iterable[FrameworkVersion] = ()
) -> NotInCatalogue:
    rows = [row for version in list_versions(parsed.product) for row in version.families]
    return NotInCatalogue(
        add_prefix(parsed.product, name), tuple(map(versions.format_full_name, neighbours)), build_source(rows)
    )


def _get_image_name(row: ImageFamily) -> str:
    """Return the last part of an image's path, without its tag."""
    return row.family.rpartition("/")[2].partition(":")[0]


def _list_spellings(version: FrameworkVersion) -> set[str]:
    """Return the normalised names, numbers, labels and keys that can stand for a version."""
    row_texts = (text for row in version.families for text in (row.label, row.family))
    return {_normalize(text) for text in (version.name, version.number, *row_texts)}


def _normalize(text: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", text.lower())
