"""Search of release notes for framework versions.

Release notes spell names loosely (Tensorflow, Pytorch, Cuda) and list numbers in enumerations and ranges ("2.3 and
earlier"). A CUDA version means Base images only if no framework comes before it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from bot.policy.names import image_names
from bot.policy.versions import get_sort_key
from storage.facts import FrameworkVersion


class Span(StrEnum):
    """Range of a mention around its number."""

    ONLY = "only"
    AND_EARLIER = "and_earlier"
    AND_LATER = "and_later"


class Mention(Struct, frozen=True):
    """A framework version, a CUDA version of Base images, or a driver that a note names."""

    subject: str
    """`pytorch`, `tensorflow`, `cuda`, `driver`, or `base` for its images without a GPU."""
    number: str
    """`2.3`, `12.4`, `570`, `cpu`."""
    span: Span = Span.ONLY
    last_number: str = ""
    """Last number of a range such as "2.12 to 2.14", or empty."""


_BASE_CPU = Mention("base", "cpu")

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
_SPAN_SUFFIX = re.compile(
    r"\s*,?\s*(?:and|or)\s+(?:(?P<earlier>earlier|older|below|lower)|(?P<later>later|newer|above))\b", re.IGNORECASE
)
_LIST_SEPARATOR = re.compile(
    r"(?:\s*,\s*(?:and|or)?|\s+(?:and|or|(?P<range>to|through))|\s*\.\s*from|\s*/)\s*"
    r"(?:(?:to|from|patch(?:es)?|versions?)\s+)*(?=v?\d+\.\d)",
    re.IGNORECASE,
)
_FAMILY_NAME = re.compile(r"(?<![\w/.-])(?:pytorch|tf2?|common)-[a-z0-9-]+(?![\w./])")


def find_mentions(text: str) -> tuple[Mention, ...]:
    """Return every distinct mention, line by line."""
    mentions: list[Mention] = []
    for line in text.splitlines():
        for match in _FRAMEWORK.finditer(line):
            mentions += _find_numbers(line, match, match["name"])
        mentions += _find_families(line)
        mentions += _find_base(line)
        for match in _DRIVER.finditer(line):
            mentions.append(Mention("driver", match["number"], _parse_span(line, match.end())))
    return tuple(dict.fromkeys(mentions))


def _find_base(line: str) -> Iterator[Mention]:
    """Yield the CUDA versions, and the CPU, of Base images: those after "Base" or before any framework."""
    base, framework = _BASE.search(line), _ANY_FRAMEWORK.search(line)
    for match in _CUDA.finditer(line):
        if framework is None or match.start() < framework.start() or (base and base.start() < match.start()):
            yield from _find_numbers(line, match, "cuda")
    for match in _BASE_ACCELERATOR.finditer(line, base.end()) if base else ():
        yield Mention("cuda", image_names.parse_cuda(match[0].lower())) if match["cuda"] else _BASE_CPU


def match_versions(text: str, versions: Iterable[FrameworkVersion]) -> tuple[str, ...]:
    """Return the names of the versions that the text mentions, in the order of the versions."""
    mentions = find_mentions(text)
    return tuple(version.name for version in versions if any(_is_about(mention, version) for mention in mentions))


def build_matcher(version: FrameworkVersion) -> Callable[[str], bool]:
    """Return a function that returns True if a text mentions the version."""
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
    mentioned, key = get_sort_key(mention.number), get_sort_key(number)
    if mention.last_number:
        return mentioned <= key <= get_sort_key(mention.last_number)
    if mention.span is Span.AND_EARLIER:
        return bool(key) and key < mentioned
    return mention.span is Span.AND_LATER and key > mentioned


def _find_numbers(line: str, name_match: re.Match[str], subject: str) -> Iterator[Mention]:
    """Yield the numbers listed after a name. "and earlier" applies to the last of them."""
    position, range_start = name_match.end(), ""
    while match := _NUMBER.match(line, position):
        number = f"{match['major']}.{int(match['minor'])}"
        last_number = number if range_start else ""
        yield Mention(subject.lower(), range_start or number, _parse_span(line, match.end()), last_number)
        separator = _LIST_SEPARATOR.match(line, match.end())
        if separator is None:
            return
        position, range_start = separator.end(), number if separator["range"] else ""


def _parse_span(line: str, position: int) -> Span:
    suffix = _SPAN_SUFFIX.match(line, position)
    if suffix is None:
        return Span.ONLY
    return Span.AND_EARLIER if suffix["earlier"] else Span.AND_LATER


def _find_families(line: str) -> Iterator[Mention]:
    """Yield the versions of image and family names. A rolling family names none."""
    for match in _FAMILY_NAME.finditer(line):
        parts = image_names.parse(match[0].rstrip("-"))
        if parts is None or parts.version == "latest":
            continue
        if parts.framework == "base":
            if cuda := image_names.parse_cuda(parts.accelerator):
                yield Mention("cuda", cuda)
            elif parts.accelerator == "cpu":
                yield _BASE_CPU
        else:
            yield Mention(parts.framework, parts.version)
