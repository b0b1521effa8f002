"""Resolution of typed names and targets to catalogue versions, or to an answer that asks for clarification."""

from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from bot.answers import DidYouMean, Help, NotInCatalogue, OtherProduct, RollingFamily, WhichFramework
from bot.policy import versions
from bot.policy.names import parser
from bot.service.versions import sister_products, sister_status
from bot.service.versions.sister_products import MIN_SIMILARITY, FoundSisterProduct, FoundSisterVersion
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import ALL, FrameworkVersion

MAX_TARGETS = 40
"""Targets in one command."""


class FoundVersion(Struct, frozen=True):
    """A framework version, with only the rows that were asked for."""

    version: FrameworkVersion
    remark: str = ""
    """Sentence about the image or family that was named, if any."""


class FoundFramework(Struct, frozen=True):
    """A framework, or every framework if the name is empty."""

    framework: str


Clarification = WhichFramework | NotInCatalogue | DidYouMean | RollingFamily | OtherProduct | Help
NameResolution = FoundVersion | FoundFramework | FoundSisterVersion | FoundSisterProduct | Clarification


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
        return Help(
            "`subscribe` can’t use this wildcard. To subscribe to a whole framework, use"
            f" `/dlvm subscribe {_guess_framework(parsed.pattern)}`."
        )
    resolution = _resolve_subscribable(parsed, _get_target_text(parsed, text), snapshot, "subscribe")
    if isinstance(resolution, FoundVersion):
        return resolution.version.name
    if isinstance(resolution, FoundFramework):
        return resolution.framework or ALL
    return resolution


def _resolve_subscribable(
    parsed: parser.ParsedName, text: str, snapshot: CatalogueSnapshot, verb: str
) -> FoundVersion | FoundFramework | Clarification:
    """Resolve a parsed name, and refuse sister products, which have dates but no subscriptions."""
    resolution = resolve_parsed(parsed, text, snapshot, verb)
    if isinstance(resolution, FoundSisterVersion | FoundSisterProduct):
        return sister_status.refuse_subscription(" ".join(text.split()), resolution, snapshot)
    return resolution


def _guess_framework(pattern: str) -> str:
    framework = pattern.partition("-")[0]
    return framework if framework in {"pytorch", "tensorflow", "base"} else "pytorch"


def _get_target_text(parsed: parser.ParsedName, text: str) -> str:
    """Return the words of this target if its parsed form keeps them, otherwise the whole text."""
    own = parser.UnknownName | parser.RollingFamily | parser.OtherProduct | parser.SisterVersion
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
        case parser.SisterVersion():
            return sister_products.resolve(parsed, verb)
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
        sister_versions = map(versions.format_full_name, sister_products.list_by_name(name))
        return NotInCatalogue(name, tuple(v.name for v in neighbours), snapshot.source, tuple(sister_versions))
    rows = versions.filter_rows(version, parsed.row_filter)
    return FoundVersion(replace(version, families=rows), _format_remark(parsed, version))


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
    """Suggest close names. Only `status` knows sister products; with a colon their names come first."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - slow to import, and only needed for misspelt names

    query = " ".join(text.split())
    sister_names = sister_products.suggest(query) if verb == "status" else ()
    if sister_names and ":" in query:
        return DidYouMean(query, sister_names, verb)
    matches = process.extract(
        query.lower().replace(" ", "-"),
        [version.name for version in snapshot.versions],
        scorer=fuzz.ratio,
        limit=3,
        score_cutoff=MIN_SIMILARITY,
    )
    if matches:
        best_score = matches[0][1]
        return DidYouMean(query, tuple(name for name, score, _ in matches if score >= best_score - 5), verb)
    if sister_names:
        return DidYouMean(query, sister_names, verb)
    return Help(f"“{query[:60]}” isn’t a framework version dlvm knows.")
