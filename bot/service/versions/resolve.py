"""Resolution of typed names and targets to catalogue versions, or to an answer that asks for clarification."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from bot.answers import DidYouMean, Help, NotInCatalogue, OtherProduct, RollingFamily, WhichFramework
from bot.policy import versions
from bot.policy.names import parser
from bot.policy.products import DEEP_LEARNING_VM, PRODUCTS, Product, add_prefix
from bot.service.versions import related_products
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import ALL, FrameworkVersion, ImageFamily

MIN_SIMILARITY = 72
"""Lowest rapidfuzz score (0 to 100) of a suggestion.

`pytroch 2.7` scores 91 against `pytorch 2.7`, `banana` less than 50 against every version.
"""

MAX_TARGETS = 40
"""Targets in one command."""


class FoundVersion(Struct, frozen=True):
    """A framework version, with only the rows that were asked for."""

    version: FrameworkVersion
    remark: str = ""
    """Sentence about the image or family that was named, if any."""

    @property
    def product(self) -> Product:
        """The product of the version."""
        return PRODUCTS[self.version.product]


class FoundFramework(Struct, frozen=True):
    """A framework of a product, or every framework if the name is empty."""

    framework: str
    product: Product = DEEP_LEARNING_VM


Clarification = WhichFramework | NotInCatalogue | DidYouMean | RollingFamily | OtherProduct | Help
NameResolution = FoundVersion | FoundFramework | Clarification


def resolve_name(text: str, snapshot: CatalogueSnapshot, verb: str) -> NameResolution:
    """Resolve one typed name. `verb` is the command that suggestions repeat."""
    return resolve_parsed(parser.parse_name(text), text, snapshot, verb)


def parse_covering_targets(text: str) -> tuple[str, str, str]:
    """Return the three targets that cover the named version: itself, its framework, and all.

    The catalogue is not consulted. Return empty strings if the text names no single version.
    """
    parsed = parser.parse_name(text)
    if not isinstance(parsed, parser.NamedVersion):
        return "", "", ""
    return f"{parsed.framework}-{parsed.number}", parsed.framework, ALL


def resolve_targets(text: str, snapshot: CatalogueSnapshot) -> tuple[str, ...] | Clarification:
    """Return the targets to subscribe to, or the clarification of the first name that resolves to none."""
    names = parser.parse_names(text)
    if len(names) > MAX_TARGETS:
        return Help(f"You named {len(names)} versions. The limit is {MAX_TARGETS} at once.")
    targets: list[str] = []
    for parsed in names:
        target = _resolve_target(parsed, text, snapshot)
        if not isinstance(target, str):
            return target
        targets.append(target)
    return tuple(dict.fromkeys(targets)) or Help(
        "Name a version to subscribe to, for example `/dlvm subscribe pytorch-2.7`."
    )


def resolve_subscribed_targets(
    text: str, snapshot: CatalogueSnapshot, existing: tuple[str, ...]
) -> tuple[tuple[str, ...], str] | Clarification:
    """Return the existing targets to unsubscribe from, and the first name that matches none of them."""
    targets: list[str] = []
    missing = ""
    for parsed in parser.parse_names(text):
        if isinstance(parsed, parser.Wildcard):
            matches = tuple(target for target in existing if fnmatchcase(target, parsed.pattern))
            label = parsed.pattern
        elif isinstance(parsed, parser.NamedVersion):
            label = f"{parsed.framework}-{parsed.number}"
            matches = tuple(target for target in existing if target == label)
        elif isinstance(parsed, parser.AllVersions):
            matches, label = existing, ALL
        elif isinstance(parsed, parser.WholeFramework):
            label = parsed.framework
            matches = tuple(target for target in existing if target == label or target.startswith(f"{label}-"))
        else:
            resolution = _resolve_subscribable(parsed, _get_target_text(parsed, text), snapshot, "unsubscribe")
            return resolution if not isinstance(resolution, FoundVersion | FoundFramework) else Help()
        targets.extend(matches)
        missing = missing or ("" if matches else label)
    return tuple(dict.fromkeys(targets)), missing


def _resolve_target(parsed: parser.ParsedName, text: str, snapshot: CatalogueSnapshot) -> str | Clarification:
    if isinstance(parsed, parser.AllVersions):
        return ALL
    if isinstance(parsed, parser.Wildcard):
        framework = parsed.pattern.removesuffix("-*")
        if any(version.framework == framework for version in snapshot.versions):
            return framework
        command = f"/dlvm subscribe {_guess_framework(parsed.pattern)}"
        return Help(f"`subscribe` can’t use this wildcard. To subscribe to a whole framework, use `{command}`.")
    resolution = _resolve_subscribable(parsed, _get_target_text(parsed, text), snapshot, "subscribe")
    if isinstance(resolution, FoundVersion):
        return resolution.version.name
    if isinstance(resolution, FoundFramework):
        return resolution.framework or ALL
    return resolution


def _resolve_subscribable(
    parsed: parser.ParsedName, text: str, snapshot: CatalogueSnapshot, verb: str
) -> FoundVersion | FoundFramework | Clarification:
    """Resolve a parsed name, and refuse related products, which have dates but no subscriptions."""
    resolution = resolve_parsed(parsed, text, snapshot, verb)
    if isinstance(resolution, FoundVersion | FoundFramework) and not resolution.product.can_subscribe:
        return _refuse_subscription(" ".join(text.split()), resolution, snapshot)
    return resolution


def _refuse_subscription(
    query: str, resolution: FoundVersion | FoundFramework, snapshot: CatalogueSnapshot
) -> OtherProduct:
    """Return the refusal to subscribe to a related product, with the command that shows its dates."""
    image = resolution.product.image_with_article
    if isinstance(resolution, FoundFramework):
        return OtherProduct(query, image, dates_command=f"list {resolution.product.name}")
    dlvm_version = snapshot.find(resolution.version.name)
    dates_command = f"status {versions.format_full_name(resolution.version)}"
    return OtherProduct(query, image, dlvm_version.name if dlvm_version else "", dates_command)


def _guess_framework(pattern: str) -> str:
    framework = pattern.partition("-")[0]
    return framework if framework in {"pytorch", "tensorflow", "base"} else "pytorch"


def _get_target_text(parsed: parser.ParsedName, text: str) -> str:
    """Return the words of this target if its parsed form keeps them, otherwise the whole text."""
    own = parser.UnknownName | parser.RollingFamily | parser.OtherProduct | parser.RelatedVersion
    return parsed.text if isinstance(parsed, own) else text


def resolve_parsed(  # noqa: PLR0911 - one return per kind of name
    parsed: parser.ParsedName, text: str, snapshot: CatalogueSnapshot, verb: str
) -> NameResolution:
    """Resolve a parsed name. `text` is the typed text, `verb` the command that suggestions repeat."""
    match parsed:
        case parser.NamedVersion():
            return _resolve_version(parsed, snapshot)
        case parser.WholeFramework(framework=framework):
            return FoundFramework(framework)
        case parser.AllVersions():
            return FoundFramework("")
        case parser.BareNumber(number=number):
            return _resolve_number(number, snapshot, verb)
        case parser.RollingFamily(text=query, framework=framework):
            return RollingFamily(query, _list_newest(framework, snapshot))
        case parser.OtherProduct(text=query, product_name=product):
            dlvm_version = snapshot.find(f"{parsed.hint_framework}-{parsed.hint_number}")
            return OtherProduct(query, product, dlvm_version.name if dlvm_version else "")
        case parser.RelatedVersion():
            return _resolve_related(parsed, verb)
        case parser.Wildcard(pattern=pattern):
            command = f"/dlvm list {_guess_framework(pattern)} all"
            return Help(f"`{pattern}` matches several versions. To list them, use `{command}`.")
        case parser.UnknownName():
            return _suggest(text, snapshot, verb)


def _resolve_version(parsed: parser.NamedVersion, snapshot: CatalogueSnapshot) -> FoundVersion | NotInCatalogue:
    name = f"{parsed.framework}-{parsed.number}"
    version = snapshot.find(name)
    if version is None:
        neighbours = versions.find_neighbours(parsed.framework, parsed.number, snapshot.versions)
        related_versions = map(versions.format_full_name, related_products.list_by_name(name))
        return NotInCatalogue(name, tuple(v.name for v in neighbours), snapshot.source, tuple(related_versions))
    rows = versions.filter_rows(version, parsed.row_filter)
    return FoundVersion(replace(version, families=rows), _format_remark(parsed, version))


def _resolve_related(parsed: parser.RelatedVersion, verb: str) -> NameResolution:
    listed = related_products.list_versions(parsed.product)
    rows = (row for version in listed for row in version.families)
    row = next((row for row in rows if parsed.image and _get_image_name(row) == parsed.image), None)
    if row is not None:
        return FoundVersion(FrameworkVersion(row.product, row.framework, row.number, (row,)))
    version = versions.find(parsed.name, listed)
    if version is not None:
        return FoundVersion(replace(version, families=versions.filter_rows(version, parsed.row_filter)))
    if parsed.image and not parsed.name:
        return _build_not_listed(parsed, parsed.image)
    if not parsed.name or any(v.framework == parsed.name for v in listed):
        return FoundFramework(parsed.name, PRODUCTS[parsed.product])
    return _resolve_bare_name(parsed, listed, verb)


def _resolve_bare_name(
    parsed: parser.RelatedVersion, listed: Sequence[FrameworkVersion], verb: str
) -> FoundVersion | DidYouMean | NotInCatalogue:
    """Resolve a number, label or key without a framework. Suggest the versions if several have it."""
    matches = [version for version in listed if _normalize(parsed.name) in _list_spellings(version)]
    if len(matches) == 1:
        return FoundVersion(matches[0])
    if matches:
        return DidYouMean(parsed.text, tuple(map(versions.format_full_name, matches[:5])), verb)
    return _suggest_related(parsed, listed, verb)


def _suggest_related(
    parsed: parser.RelatedVersion, listed: Sequence[FrameworkVersion], verb: str
) -> DidYouMean | NotInCatalogue:
    """Return the neighbours of an unlisted version of a known framework, otherwise close names of the product."""
    framework, _, number = parsed.name.rpartition("-")
    if any(version.framework == framework for version in listed):
        return _build_not_listed(parsed, parsed.name, versions.find_neighbours(framework, number, listed))
    suggestions = _list_close_names(add_prefix(parsed.product, parsed.name), related_products.list_all())
    own_suggestions = tuple(name for name in suggestions if name.startswith(parsed.product))
    return DidYouMean(parsed.text, own_suggestions, verb) if own_suggestions else _build_not_listed(parsed, parsed.name)


def _build_not_listed(
    parsed: parser.RelatedVersion, name: str, neighbours: Iterable[FrameworkVersion] = ()
) -> NotInCatalogue:
    rows = (row for version in related_products.list_versions(parsed.product) for row in version.families)
    names = tuple(map(versions.format_full_name, neighbours))
    return NotInCatalogue(add_prefix(parsed.product, name), names, related_products.build_source(rows))


def _get_image_name(row: ImageFamily) -> str:
    """Return the last part of an image's path, without its tag."""
    return row.family.rpartition("/")[2].partition(":")[0]


def _list_spellings(version: FrameworkVersion) -> set[str]:
    """Return the normalised names, numbers, labels and keys that can stand for a version."""
    row_texts = (text for row in version.families for text in (row.label, row.family))
    return {_normalize(text) for text in (version.name, version.number, *row_texts)}


def _normalize(text: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", text.lower())


def _format_remark(parsed: parser.NamedVersion, version: FrameworkVersion) -> str:
    if not parsed.family:
        return ""
    is_listed = any(parsed.family == row.family for row in version.families)
    if parsed.image and is_listed:
        return f"Image {parsed.image} belongs to family {parsed.family}."
    if is_listed:
        return ""
    unlisted = "isn’t listed by that name; showing the dates for its version."
    if parsed.image:
        return f"Image {parsed.image} belongs to family {parsed.family}, which {unlisted}"
    return f"Family {parsed.family} {unlisted}"


def _resolve_number(
    number: str, snapshot: CatalogueSnapshot, verb: str
) -> WhichFramework | DidYouMean | NotInCatalogue:
    names = tuple(v.name for v in versions.list_with_number(number, snapshot.versions))
    if len(names) > 1:
        return WhichFramework(number, names, verb)
    return DidYouMean(number, names, verb) if names else NotInCatalogue(number, (), snapshot.source)


def _list_newest(framework: str, snapshot: CatalogueSnapshot) -> tuple[str, ...]:
    """List the names of the framework's two newest versions, newest first."""
    candidates = [v for v in snapshot.versions if v.framework == framework]
    candidates.sort(key=lambda v: versions.get_sort_key(v.number), reverse=True)
    return tuple(v.name for v in candidates[:2])


def _suggest(text: str, snapshot: CatalogueSnapshot, verb: str) -> DidYouMean | Help:
    """Suggest close names. Only `status` suggests related products; with a colon their names come first."""
    query = " ".join(text.split())
    related_names = _list_close_names(query, related_products.list_all()) if verb == "status" else ()
    if related_names and ":" in query:
        return DidYouMean(query, related_names, verb)
    names = _list_close_names(query, snapshot.versions) or related_names
    return DidYouMean(query, names, verb) if names else Help(f"“{query[:60]}” isn’t a framework version dlvm knows.")


def _list_close_names(query: str, candidates: Sequence[FrameworkVersion]) -> tuple[str, ...]:
    """List up to three full names close to a query, whose product prefix can be missing or misspelt."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - slow to import, and only needed for misspelt names

    query = query.lower().replace(" ", "-")
    full_names = [versions.format_full_name(version) for version in candidates]
    matches = [
        match
        for names in (full_names, [version.name for version in candidates])
        for match in process.extract(query, names, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
    ]
    matches.sort(key=lambda match: -match[1])
    best_score = matches[0][1] if matches else 0
    return tuple(dict.fromkeys(full_names[index] for _, score, index in matches if score >= best_score - 5))[:3]
