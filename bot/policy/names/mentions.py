"""Framework versions and images mentioned in free text: Terraform, commands, lists, prose.

Stricter than `bot.policy.names.parser`, which parses text that is meant as a name: here most words aren't names. A
word counts only as a whole, so `tpu-vm-tf-2.13.0` mentions nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from bot.policy.names import image_names, parser
from bot.policy.products import RELATED_PRODUCTS

MAX_TEXT_LENGTH = 60_000
"""Characters that are searched. A Slack message has at most 40,000."""

GOOGLE_PROJECTS = frozenset(
    {"deeplearning-platform-release", "ml-images", "click-to-deploy-images", "cloud-notebooks-managed"}
)
"""Projects that hold Google's images. An equal name in any other project is a custom image."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_WRAPPED = re.compile(r"<([^<>|\s]*)(?:\|([^<>]*))?>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_FRAMEWORKS = {"pytorch", "torch", "tensorflow", "tf"}
_HALVES = {("py", "torch"): "pytorch", ("tensor", "flow"): "tensorflow"}
_VERSION = re.compile(r"v?\d\.\d{1,2}(?:\.\d{1,3}(?:[a-z]{1,3}\d{0,2})?)?(?:\+[a-z0-9.]{1,20})?")
_JOINER = re.compile(r"[ \t]{1,3}|[ \t]?==?[ \t]?")
_CUDA = re.compile(r"cu\d{2,3}|cuda-?\d{1,2}\.\d(?:\.\d{1,3})?")
_CUDA_NUMBER = re.compile(r"v?\d{1,2}\.\d(?:\.\d{1,3})?")
_BASE = re.compile(rf"(?:base|common)[-_]?(?:{_CUDA.pattern})(?:-[a-z0-9.-]+)?|(?:base|common)-cpu")
_CONTAINER = re.compile(
    r"(?:base|common|pytorch|tf2?|tensorflow|xgboost|mxnet|r)(?:-[a-z]+)*-(?:cpu|gpu|cu\d{2,3})(?:\.[a-z0-9-]+)*"
)
_PROJECT_PATH = re.compile(r"projects/([A-Za-z0-9:.-]+)/global/images/(?:family/)?\Z")
_PATH = re.compile(r"[\w.:-]+(?:/[\w.-]+)*/\Z")
_PREFIX = re.compile(rf"(?:^|[^\w./@:#%~-])({'|'.join(RELATED_PRODUCTS)}):\Z", re.IGNORECASE)
_ENCLOSING = re.compile(r"[\w./@:#%~-]\Z")
"""Characters that make a following `pytorch-2.3` part of a path, an address or a tag."""

_CONTEXT_LENGTH = 120
"""Characters kept from before each word; enough for a project path."""


class ReferenceKind(StrEnum):
    """How a text refers to a version."""

    FAMILY = "family"
    """By an image family, which resolves to its newest image."""
    IMAGE = "image"
    """By one dated image."""
    VERSION = "version"


class Mention(Struct, frozen=True):
    """One name in a text, as written."""

    name: str
    kind: ReferenceKind
    parsed: parser.NamedVersion | parser.RollingFamily | parser.OtherProduct | parser.RelatedVersion


class _Word(Struct, frozen=True):
    """A run of characters that can be part of a name, with the characters around it."""

    text: str
    before: str
    after: str
    joins_next: bool
    """True if only blanks or equals signs separate it from the next word."""


def find(text: str) -> tuple[Mention, ...]:
    """Return every distinct name in the text, in order. CUDA versions count only if there is no other name."""
    words = list(_split_words(_normalize(text)))
    mentions = list(_find_mentions(words)) or list(_find_cuda(words))
    distinct: dict[str, Mention] = {}
    for mention in mentions:
        distinct.setdefault(_get_key(mention), mention)
    return tuple(distinct.values())


def _normalize(text: str) -> str:
    """Return the text without Slack's markup and escapes, lookalikes and invisible characters."""
    unwrapped = _WRAPPED.sub(lambda link: f" {link[1]} {link[2] or ''} ", text[:MAX_TEXT_LENGTH])
    unescaped = _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], unwrapped)
    return "".join(c for c in unicodedata.normalize("NFKC", unescaped) if unicodedata.category(c) not in {"Cf", "Cs"})


def _split_words(text: str) -> Iterator[_Word]:
    matches = list(_WORD.finditer(text))
    for index, match in enumerate(matches):
        word = match[0].rstrip("._+-")
        end = match.start() + len(word)
        gap = text[end : matches[index + 1].start()] if index + 1 < len(matches) else ""
        before = text[max(0, match.start() - _CONTEXT_LENGTH) : match.start()]
        yield _Word(word, before, text[end : end + 1], bool(_JOINER.fullmatch(gap)))


def _find_mentions(words: list[_Word]) -> Iterator[Mention]:
    for index, word in enumerate(words):
        one_word = _parse_image(word) or _parse_prefixed(word) or _parse_short_name(word)
        if mention := one_word or _parse_two_words(words[index : index + 3]):
            yield mention


def _parse_image(word: _Word) -> Mention | None:
    """Parse a word that follows the grammar of images, unless it is in a project that isn't Google's."""
    name = word.text.lower()
    project = _PROJECT_PATH.search(word.before)
    if project and project[1] not in GOOGLE_PROJECTS:
        return None
    if image_names.parse(name) is None and not (_CONTAINER.fullmatch(name) and "." in name):
        return None
    path = _PATH.search(word.before)
    parsed = parser.parse_name(f"{path[0] if path else ''}{word.text}")
    if isinstance(parsed, parser.NamedVersion):
        return Mention(word.text, ReferenceKind.IMAGE if parsed.image else ReferenceKind.FAMILY, parsed)
    if isinstance(parsed, parser.RelatedVersion):
        return Mention(word.text, ReferenceKind.IMAGE, parsed)
    if isinstance(parsed, parser.RollingFamily | parser.OtherProduct):
        return Mention(word.text, ReferenceKind.FAMILY, parsed)
    return None


def _parse_prefixed(word: _Word) -> Mention | None:
    """Parse a related product's version with its prefix: `dlc:pytorch-2.4`."""
    prefix = _PREFIX.search(word.before)
    if prefix is None or not any(c.isdigit() for c in word.text):
        return None
    name = f"{prefix[1]}:{word.text}"
    parsed = parser.parse_name(name)
    return Mention(name, ReferenceKind.VERSION, parsed) if isinstance(parsed, parser.RelatedVersion) else None


def _parse_short_name(word: _Word) -> Mention | None:
    """Parse a version in one word: `pytorch-2.3`, `torch2.3`, `base-cu124`."""
    name = word.text.lower()
    if _CUDA.fullmatch(name) or _is_inside(word):
        return None
    parsed = parser.parse_name(word.text)
    if not isinstance(parsed, parser.NamedVersion):
        return None
    if parsed.framework == "base" and not _BASE.fullmatch(name):
        return None  # such as base-64
    return Mention(word.text, ReferenceKind.VERSION, parsed)


def _parse_two_words(words: list[_Word]) -> Mention | None:
    """Parse a framework followed by its version: `PyTorch 2.7`, `torch==2.3.0`, `base cu124`, `Py Torch 2.7`."""
    if len(words) > 1 and words[0].joins_next and not _is_inside(words[0]):
        first, second = words[0].text.lower(), words[1].text.lower()
        if (first, second) in _HALVES and len(words) > 2 and words[1].joins_next:  # noqa: PLR2004 - two halves and a version
            return _join_version(_HALVES[first, second], f"{words[0].text}{words[1].text}", words[2])
        return _join_version(first, words[0].text, words[1])
    return None


def _join_version(framework: str, framework_as_written: str, word: _Word) -> Mention | None:
    number = word.text.lower()
    has_version = framework in _FRAMEWORKS and _VERSION.fullmatch(number)
    has_cuda = framework in {"base", "common"} and _CUDA.fullmatch(number)
    if not (has_version or has_cuda) or word.after == "/":
        return None
    parsed = parser.parse_name(f"{framework} {number}")
    name = f"{framework_as_written} {word.text}"
    return Mention(name, ReferenceKind.VERSION, parsed) if isinstance(parsed, parser.NamedVersion) else None


def _find_cuda(words: list[_Word]) -> Iterator[Mention]:
    """Yield CUDA versions, `cu124` or `CUDA 12.4`, as versions of the Base image."""
    for index, word in enumerate(words):
        name = word.text.lower()
        if _is_inside(word):
            continue
        if name == "cuda" and word.joins_next and _CUDA_NUMBER.fullmatch(words[index + 1].text.lower()):
            name = f"cuda {words[index + 1].text}"
        elif not _CUDA.fullmatch(name):
            continue
        parsed = parser.parse_name(name)
        if isinstance(parsed, parser.NamedVersion):
            yield Mention(name, ReferenceKind.VERSION, parsed)


def _is_inside(word: _Word) -> bool:
    """Return True if the word is part of a path, an address or a tag."""
    return word.after == "/" or bool(_ENCLOSING.search(word.before))


def _get_key(mention: Mention) -> str:
    parsed = mention.parsed
    if mention.kind is ReferenceKind.VERSION and isinstance(parsed, parser.NamedVersion):
        return f"{parsed.framework}-{parsed.number}"
    if mention.kind is ReferenceKind.VERSION and isinstance(parsed, parser.RelatedVersion):
        return f"{parsed.product}:{parsed.name}"
    return mention.name.lower()
