"""Which framework versions a release note is about, by the patterns that release notes are written in.

Spelling is loose there (Tensorflow, Pytorch, Cuda), numbers come in lists and ranges ("2.3 and earlier"), and a CUDA
belongs to Base only where no framework is named beside it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from bot.policy.names import image_names
from bot.policy.versions import get_sort_key
from storage.facts import FrameworkVersion


class Span(StrEnum):
    """Whether a mention reaches beyond its number."""

    ONLY = "only"
    AND_EARLIER = "and_earlier"
    AND_LATER = "and_later"


class Mention(Struct, frozen=True):
    """Something that a note names: a framework's version, a CUDA of Base images, a driver."""

    subject: str
    """`pytorch`, `tensorflow`, `cuda`, `driver`, or `base` for its images without a GPU."""
    number: str
    """`2.3`, `12.4`, `570`, `cpu`."""
    span: Span = Span.ONLY
    last_number: str = ""
    """The last of a run, "2.12 to 2.14"; empty for a single number."""


_FRAMEWORK = re.compile(
    r"\b(?P<name>pytorch|tensorflow)\b(?!/|[- ](?:xla|enterprise|lightning|probability|estimator|cloud|i/o|hub|text"
    r"|serving|inference))"
    r"(?P<between>(?:[\s:]+(?:versions?|patch(?:es)?|images?|updates?|upgrades?|upgraded|updated|releases?|goes|moves?|moved"
    r"|has|have|been|are|now|available|from|for|to|of|the|leaves|environments?))*)[\s:]+(?=v?\d+\.\d)",
    re.IGNORECASE,
)
_CUDA = re.compile(r"\bcuda\b(?:[\s:]+(?:versions?|images?))*[\s:]+(?=\d{1,2}\.\d)", re.IGNORECASE)
_DRIVER = re.compile(
    r"\bdrivers?\b(?:[\s:]+(?:versions?|go|goes|to|from))*[\s:]+[rR]?(?P<number>\d{3})\b", re.IGNORECASE
)
_BASE = re.compile(r"\bbase\b", re.IGNORECASE)
_BASE_ACCELERATOR = re.compile(r"\b(?:cu(?P<cuda>\d{2,3})|cpu)\b", re.IGNORECASE)
_ANY_FRAMEWORK = re.compile(r"pytorch|tensorflow", re.IGNORECASE)
_NUMBER = re.compile(r"v?(?P<major>\d{1,2})\.(?P<minor>\d{1,2})(?:\.\d{1,3})*(?![\d.]*\d)")
_SPAN_SUFFIX = re.compile(r"\s*,?\s*(?:and|or)\s+(?:(?P<earlier>earlier|older|below|lower)|(?P<later>later|newer|above))\b",
                     re.IGNORECASE)  # fmt: skip
_LIST_SEPARATOR = re.compile(
    r"(?:\s*,\s*(?:and|or)?|\s+(?:and|or|(?P<run>to|through))|\s*\.\s*from|\s*/)\s*"
    r"(?:(?:to|from|patch(?:es)?|versions?)\s+)*(?=v?\d+\.\d)",
    re.IGNORECASE,
)
_FAMILY_NAME = re.compile(r"(?<![\w/.-])(?:pytorch|tf2?|common)-[a-z0-9-]+(?![\w./])")


def find_mentions(text: str) -> tuple[Mention, ...]:
    """Everything a note names, in its order, each once."""
    found: list[Mention] = []
    for line in text.splitlines():
        found += (
            mention for match in _FRAMEWORK.finditer(line) for mention in _find_numbers(line, match, match["name"])
        )
        found += _find_families(line)
        found += _find_base(line)
        found += [
            Mention("driver", match["number"], _parse_span(line, match.end())) for match in _DRIVER.finditer(line)
        ]
    return tuple(dict.fromkeys(found))


def _find_base(line: str) -> Iterator[Mention]:
    """A CUDA is that of Base images where Base is named before it, or no framework is."""
    base, framework = _BASE.search(line), _ANY_FRAMEWORK.search(line)
    for match in _CUDA.finditer(line):
        if framework is None or match.start() < framework.start() or (base and base.start() < match.start()):
            yield from _find_numbers(line, match, "cuda")
    for match in _BASE_ACCELERATOR.finditer(line, base.end()) if base else ():
        yield Mention("cuda", image_names.parse_cuda(match[0].lower())) if match["cuda"] else Mention("base", "cpu")


def match_versions(text: str, versions: Iterable[FrameworkVersion]) -> tuple[str, ...]:
    """The canonical names of the versions that a note is about, in the catalogue's order."""
    mentions = find_mentions(text)
    return tuple(version.name for version in versions if any(_is_about(mention, version) for mention in mentions))


def build_matcher(version: FrameworkVersion) -> Callable[[str], bool]:
    """Tells of a text whether it is about the version."""
    return lambda text: bool(match_versions(text, (version,)))


def _is_about(mention: Mention, version: FrameworkVersion) -> bool:
    if mention.subject == "driver":
        return any(row.driver and _covers_number(mention, row.driver) for row in version.families)
    if mention.subject == "cuda":
        number = image_names.parse_cuda(version.number) if version.framework == "base" else ""
        return bool(number) and _covers_number(mention, number)
    return mention.subject == version.framework and _covers_number(mention, version.number)


def _covers_number(mention: Mention, number: str) -> bool:
    if mention.number == number:
        return True
    named, other = get_sort_key(mention.number), get_sort_key(number)
    if mention.last_number:
        return named <= other <= get_sort_key(mention.last_number)
    if mention.span is Span.AND_EARLIER:
        return bool(other) and other < named
    return mention.span is Span.AND_LATER and other > named


def _find_numbers(line: str, name_match: re.Match[str], subject: str) -> Iterator[Mention]:
    """The numbers listed behind a name; "and earlier" counts for the last of them."""
    place, first = name_match.end(), ""
    while match := _NUMBER.match(line, place):
        number = f"{match['major']}.{int(match['minor'])}"
        yield Mention(subject.lower(), first or number, _parse_span(line, match.end()), number if first else "")
        between = _LIST_SEPARATOR.match(line, match.end())
        if between is None:
            return
        place, first = between.end(), number if between["run"] else ""


def _parse_span(line: str, place: int) -> Span:
    beyond = _SPAN_SUFFIX.match(line, place)
    if beyond is None:
        return Span.ONLY
    return Span.AND_EARLIER if beyond["earlier"] else Span.AND_LATER


def _find_families(line: str) -> list[Mention]:
    """Names of images and families, by their grammar; a moving family names no version."""
    found: list[Mention] = []
    for match in _FAMILY_NAME.finditer(line):
        parts = image_names.parse(match[0].rstrip("-"))
        if parts is None or parts.version == "latest":
            continue
        if parts.framework == "base":
            cuda = image_names.parse_cuda(parts.accelerator)
            found += [Mention("cuda", cuda)] if cuda else [Mention("base", "cpu")] if parts.accelerator == "cpu" else []
        else:
            found.append(Mention(parts.framework, parts.version))
    return found
