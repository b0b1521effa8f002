"""From what a person wrote to what the catalogue holds, or to the answer that asks back."""

from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from bot.answers import DidYouMean, Help, NotInCatalogue, OtherProduct, RollingFamily, WhichFramework
from bot.policy import versions as matching
from bot.policy.names import parser
from bot.service.versions import sister_products, sister_status
from bot.service.versions.sister_products import FoundSisterProduct, FoundSisterVersion
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import ALL, FrameworkVersion

MIN_SIMILARITY = 72
"""Out of 100, by rapidfuzz: `pytroch 2.7` scores 91 against `pytorch 2.7`, `banana` under 50 against all."""

MAX_TARGETS = 40
"""Targets in one command."""


class FoundVersion(Struct, frozen=True):
    """A framework version, with only the rows that were asked for."""

    version: FrameworkVersion
    remark: str = ""


class FoundFramework(Struct, frozen=True):
    """A framework, or every framework where the name is empty."""

    framework: str


Clarification = WhichFramework | NotInCatalogue | DidYouMean | RollingFamily | OtherProduct | Help
NameResolution = FoundVersion | FoundFramework | FoundSisterVersion | FoundSisterProduct | Clarification


def resolve_name(text: str, snapshot: CatalogueSnapshot, verb: str) -> NameResolution:
    """What one name means; `verb` is the command that a suggestion should repeat."""
    return resolve_parsed(parser.parse_name(text), text, snapshot, verb)


def parse_covering_targets(text: str) -> tuple[str, str, str]:
    """The targets that cover the version a name means, whether or not the catalogue has it; empty for other names."""
    reading = parser.parse_name(text)
    if not isinstance(reading, parser.NamedVersion):
        return "", "", ""
    return f"{reading.framework}-{reading.number}", reading.framework, ALL


def resolve_targets(text: str, snapshot: CatalogueSnapshot) -> tuple[str, ...] | Clarification:
    """The targets that a person lists to subscribe to; one that is not understood answers for all."""
    readings = parser.parse_names(text)
    if len(readings) > MAX_TARGETS:
        return Help(f"That names {len(readings)} versions; at most {MAX_TARGETS} at once.")
    found: list[str] = []
    for reading in readings:
        target = _resolve_target(reading, text, snapshot)
        if not isinstance(target, str):
            return target
        found.append(target)
    return tuple(dict.fromkeys(found)) or Help("Say what to watch: for example `/dlvm subscribe pytorch-2.7`.")


def resolve_subscribed_targets(
    text: str, snapshot: CatalogueSnapshot, existing: tuple[str, ...]
) -> tuple[tuple[str, ...], str] | Clarification:
    """Which of the channel's present targets a person means to end, and the first name that matches none."""
    ending: list[str] = []
    missing = ""
    for reading in parser.parse_names(text):
        if isinstance(reading, parser.Wildcard):
            matched = tuple(t for t in existing if fnmatchcase(t, reading.pattern))
            label = reading.pattern
        elif isinstance(reading, parser.NamedVersion):
            label = f"{reading.framework}-{reading.number}"
            matched = tuple(t for t in existing if t == label)
        elif isinstance(reading, parser.AllVersions):
            matched, label = existing, ALL
        elif isinstance(reading, parser.WholeFramework):
            label = reading.framework
            matched = tuple(t for t in existing if t == label or t.startswith(f"{label}-"))
        else:
            answer = _resolve_subscribable(reading, _get_target_text(reading, text), snapshot, "unsubscribe")
            return answer if not isinstance(answer, FoundVersion | FoundFramework) else Help()
        ending.extend(matched)
        missing = missing or ("" if matched else label)
    return tuple(dict.fromkeys(ending)), missing


def _resolve_target(reading: parser.ParsedName, text: str, snapshot: CatalogueSnapshot) -> str | Clarification:
    if isinstance(reading, parser.AllVersions):
        return ALL
    if isinstance(reading, parser.Wildcard):
        framework = reading.pattern.removesuffix("-*")
        if any(version.framework == framework for version in snapshot.versions):
            return framework
        return Help(
            "Wildcards end subscriptions; to watch a whole framework write"
            f" `/dlvm subscribe {_guess_framework(reading.pattern)}`."
        )
    answer = _resolve_subscribable(reading, _get_target_text(reading, text), snapshot, "subscribe")
    if isinstance(answer, FoundVersion):
        return answer.version.name
    if isinstance(answer, FoundFramework):
        return answer.framework or ALL
    return answer


def _resolve_subscribable(
    reading: parser.ParsedName, text: str, snapshot: CatalogueSnapshot, verb: str
) -> FoundVersion | FoundFramework | Clarification:
    """The same for a name that is to be watched: of sister products only the dates are known."""
    answer = resolve_parsed(reading, text, snapshot, verb)
    if isinstance(answer, FoundSisterVersion | FoundSisterProduct):
        return sister_status.refuse_subscription(" ".join(text.split()), answer, snapshot)
    return answer


def _guess_framework(pattern: str) -> str:
    framework = pattern.partition("-")[0]
    return framework if framework in {"pytorch", "tensorflow", "base"} else "pytorch"


def _get_target_text(reading: parser.ParsedName, text: str) -> str:
    """The words of this one target, where a list of several was written."""
    own = parser.UnknownName | parser.RollingFamily | parser.OtherProduct | parser.SisterVersion
    return reading.text if isinstance(reading, own) else text


def resolve_parsed(reading: parser.ParsedName, text: str, snapshot: CatalogueSnapshot, verb: str) -> NameResolution:  # noqa: PLR0911 - one return a reading
    """What a name that was read means, with the words it was read from."""
    match reading:
        case parser.NamedVersion():
            return _resolve_version(reading, snapshot)
        case parser.WholeFramework(framework=framework):
            return FoundFramework(framework)
        case parser.AllVersions():
            return FoundFramework("")
        case parser.BareNumber(number=number):
            return _resolve_number(number, snapshot, verb)
        case parser.RollingFamily(text=asked, framework=framework):
            return RollingFamily(asked, _list_newest(framework, snapshot))
        case parser.OtherProduct(text=asked, product_name=product):
            related = snapshot.find(f"{reading.hint_framework}-{reading.hint_number}")
            return OtherProduct(asked, product, related.name if related else "")
        case parser.SisterVersion():
            return sister_products.resolve(reading, verb)
        case parser.Wildcard(pattern=pattern):
            return Help(f"`{pattern}` names several versions: `/dlvm list {_guess_framework(pattern)} all` shows them.")
        case parser.UnknownName():
            return _suggest(text, snapshot, verb)


def _resolve_version(reading: parser.NamedVersion, snapshot: CatalogueSnapshot) -> FoundVersion | NotInCatalogue:
    name = f"{reading.framework}-{reading.number}"
    version = snapshot.find(name)
    if version is None:
        near = matching.find_neighbours(reading.framework, reading.number, snapshot.versions)
        there = tuple(map(matching.format_full_name, sister_products.list_by_name(name)))
        return NotInCatalogue(name, tuple(v.name for v in near), snapshot.source, there)
    rows = matching.filter_rows(version, reading.row_filter)
    return FoundVersion(replace(version, families=rows), _format_remark(reading, version))


def _format_remark(reading: parser.NamedVersion, version: FrameworkVersion) -> str:
    if not reading.family:
        return ""
    what = f"Image {reading.image} is of family {reading.family}" if reading.image else f"Family {reading.family}"
    if any(reading.family == row.family for row in version.families):
        return f"{what}." if reading.image else ""
    joint = ", which" if reading.image else ""
    return f"{what}{joint} is not printed in the table by that name; these are the rows of its version."


def _resolve_number(
    number: str, snapshot: CatalogueSnapshot, verb: str
) -> WhichFramework | DidYouMean | NotInCatalogue:
    sharing = tuple(v.name for v in matching.list_with_number(number, snapshot.versions))
    if len(sharing) > 1:
        return WhichFramework(number, sharing, verb)
    return DidYouMean(number, sharing, verb) if sharing else NotInCatalogue(number, (), snapshot.source)


def _list_newest(framework: str, snapshot: CatalogueSnapshot) -> tuple[str, ...]:
    same = [v for v in snapshot.versions if v.framework == framework]
    same.sort(key=lambda v: matching.get_sort_key(v.number), reverse=True)
    return tuple(v.name for v in same[:2])


def _suggest(text: str, snapshot: CatalogueSnapshot, verb: str) -> DidYouMean | Help:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only misspelt names pay for it

    asked = " ".join(text.split())
    there = sister_products.suggest(asked) if verb == "status" else ()
    if there and ":" in asked:
        return DidYouMean(asked, there, verb)
    close = process.extract(
        asked.lower().replace(" ", "-"),
        [version.name for version in snapshot.versions],
        scorer=fuzz.ratio,
        limit=3,
        score_cutoff=MIN_SIMILARITY,
    )
    if not close:
        there = sister_products.suggest(asked) if verb == "status" else ()
        return (
            DidYouMean(asked, there, verb) if there else Help(f"“{asked[:60]}” is not a framework version dlvm knows.")
        )
    best = close[0][1]
    return DidYouMean(asked, tuple(name for name, score, _ in close if score >= best - 5), verb)
