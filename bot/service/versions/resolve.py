"""From what a person wrote to what the catalogue holds, or to the answer that asks back."""

from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from bot.answers import DidYouMean, Help, MovingFamily, NotInCatalogue, OtherProduct, WhichFramework
from bot.policy import versions as matching
from bot.policy.names import parser
from bot.service.versions import sister_products, sister_status
from bot.service.versions.sister_products import FoundProduct, FoundSister
from bot.service.versions.snapshot import Known
from storage.facts import ALL, FrameworkVersion

CLOSE_ENOUGH = 72
"""Out of 100, by rapidfuzz: `pytroch 2.7` scores 91 against `pytorch 2.7`, `banana` under 50 against all."""

MOST_TARGETS = 40
"""Targets in one command."""


class Found(Struct, frozen=True):
    """A framework version, with only the rows that were asked for."""

    version: FrameworkVersion
    remark: str = ""


class FoundFramework(Struct, frozen=True):
    """A framework, or every framework where the name is empty."""

    framework: str


Negative = WhichFramework | NotInCatalogue | DidYouMean | MovingFamily | OtherProduct | Help
Meaning = Found | FoundFramework | FoundSister | FoundProduct | Negative


def named(text: str, known: Known, verb: str) -> Meaning:
    """What one name means; `verb` is the command that a suggestion should repeat."""
    return meant(parser.read(text), text, known, verb)


def targets_of(text: str) -> tuple[str, str, str]:
    """The targets that cover the version a name means, whether or not the catalogue has it; empty for other names."""
    reading = parser.read(text)
    if not isinstance(reading, parser.Named):
        return "", "", ""
    return f"{reading.framework}-{reading.number}", reading.framework, ALL


def targets(text: str, known: Known) -> tuple[str, ...] | Negative:
    """The targets that a person lists to subscribe to; one that is not understood answers for all."""
    readings = parser.read_all(text)
    if len(readings) > MOST_TARGETS:
        return Help(f"That names {len(readings)} versions; at most {MOST_TARGETS} at once.")
    found: list[str] = []
    for reading in readings:
        target = _target(reading, text, known)
        if not isinstance(target, str):
            return target
        found.append(target)
    return tuple(dict.fromkeys(found)) or Help("Say what to watch: for example `/dlvm subscribe pytorch-2.7`.")


def subscribed_targets(text: str, known: Known, present: tuple[str, ...]) -> tuple[tuple[str, ...], str] | Negative:
    """Which of the channel's present targets a person means to end, and the first name that matches none."""
    ending: list[str] = []
    missing = ""
    for reading in parser.read_all(text):
        if isinstance(reading, parser.Wildcard):
            matched = tuple(t for t in present if fnmatchcase(t, reading.pattern))
            label = reading.pattern
        elif isinstance(reading, parser.Named):
            label = f"{reading.framework}-{reading.number}"
            matched = tuple(t for t in present if t == label)
        elif isinstance(reading, parser.Everything):
            matched, label = present, ALL
        elif isinstance(reading, parser.WholeFramework):
            label = reading.framework
            matched = tuple(t for t in present if t == label or t.startswith(f"{label}-"))
        else:
            answer = _watchable(reading, _own_words(reading, text), known, "unsubscribe")
            return answer if not isinstance(answer, Found | FoundFramework) else Help()
        ending.extend(matched)
        missing = missing or ("" if matched else label)
    return tuple(dict.fromkeys(ending)), missing


def _target(reading: parser.Reading, text: str, known: Known) -> str | Negative:
    if isinstance(reading, parser.Everything):
        return ALL
    if isinstance(reading, parser.Wildcard):
        framework = reading.pattern.removesuffix("-*")
        if any(version.framework == framework for version in known.versions):
            return framework
        return Help(
            "Wildcards end subscriptions; to watch a whole framework write"
            f" `/dlvm subscribe {_a_framework(reading.pattern)}`."
        )
    answer = _watchable(reading, _own_words(reading, text), known, "subscribe")
    if isinstance(answer, Found):
        return answer.version.name
    if isinstance(answer, FoundFramework):
        return answer.framework or ALL
    return answer


def _watchable(reading: parser.Reading, text: str, known: Known, verb: str) -> Found | FoundFramework | Negative:
    """The same for a name that is to be watched: of sister products only the dates are known."""
    answer = meant(reading, text, known, verb)
    if isinstance(answer, FoundSister | FoundProduct):
        return sister_status.only_dated(" ".join(text.split()), answer, known)
    return answer


def _a_framework(pattern: str) -> str:
    framework = pattern.partition("-")[0]
    return framework if framework in {"pytorch", "tensorflow", "base"} else "pytorch"


def _own_words(reading: parser.Reading, text: str) -> str:
    """The words of this one target, where a list of several was written."""
    own = parser.Unreadable | parser.MovingFamily | parser.OtherProduct | parser.Sister
    return reading.text if isinstance(reading, own) else text


def meant(  # noqa: PLR0911 - one return a reading
    reading: parser.Reading, text: str, known: Known, verb: str
) -> Meaning:
    """What a name that was read means, with the words it was read from."""
    match reading:
        case parser.Named():
            return _version(reading, known)
        case parser.WholeFramework(framework=framework):
            return FoundFramework(framework)
        case parser.Everything():
            return FoundFramework("")
        case parser.BareNumber(number=number):
            return _bare(number, known, verb)
        case parser.MovingFamily(text=asked, framework=framework):
            return MovingFamily(asked, _newest(framework, known))
        case parser.OtherProduct(text=asked, product_name=product):
            related = known.find(f"{reading.hint_framework}-{reading.hint_number}")
            return OtherProduct(asked, product, related.name if related else "")
        case parser.Sister():
            return sister_products.find(reading, verb)
        case parser.Wildcard(pattern=pattern):
            return Help(f"`{pattern}` names several versions: `/dlvm list {_a_framework(pattern)} all` shows them.")
        case parser.Unreadable():
            return _suggest(text, known, verb)


def _version(reading: parser.Named, known: Known) -> Found | NotInCatalogue:
    name = f"{reading.framework}-{reading.number}"
    version = known.find(name)
    if version is None:
        near = matching.neighbours(reading.framework, reading.number, known.versions)
        there = tuple(map(matching.full_name, sister_products.named_alike(name)))
        return NotInCatalogue(name, tuple(v.name for v in near), known.source, there)
    rows = matching.narrow(version, reading.narrowing)
    return Found(replace(version, families=rows), _remark(reading, version))


def _remark(reading: parser.Named, version: FrameworkVersion) -> str:
    if not reading.family:
        return ""
    what = f"Image {reading.image} is of family {reading.family}" if reading.image else f"Family {reading.family}"
    if any(reading.family == row.family for row in version.families):
        return f"{what}." if reading.image else ""
    joint = ", which" if reading.image else ""
    return f"{what}{joint} is not printed in the table by that name; these are the rows of its version."


def _bare(number: str, known: Known, verb: str) -> WhichFramework | DidYouMean | NotInCatalogue:
    sharing = tuple(v.name for v in matching.frameworks_with(number, known.versions))
    if len(sharing) > 1:
        return WhichFramework(number, sharing, verb)
    return DidYouMean(number, sharing, verb) if sharing else NotInCatalogue(number, (), known.source)


def _newest(framework: str, known: Known) -> tuple[str, ...]:
    same = [v for v in known.versions if v.framework == framework]
    same.sort(key=lambda v: matching.number_key(v.number), reverse=True)
    return tuple(v.name for v in same[:2])


def _suggest(text: str, known: Known, verb: str) -> DidYouMean | Help:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only misspelt names pay for it

    asked = " ".join(text.split())
    there = sister_products.suggested(asked) if verb == "status" else ()
    if there and ":" in asked:
        return DidYouMean(asked, there, verb)
    close = process.extract(
        asked.lower().replace(" ", "-"),
        [version.name for version in known.versions],
        scorer=fuzz.ratio,
        limit=3,
        score_cutoff=CLOSE_ENOUGH,
    )
    if not close:
        there = sister_products.suggested(asked) if verb == "status" else ()
        return (
            DidYouMean(asked, there, verb) if there else Help(f"“{asked[:60]}” is not a framework version dlvm knows.")
        )
    best = close[0][1]
    return DidYouMean(asked, tuple(name for name, score, _ in close if score >= best - 5), verb)
