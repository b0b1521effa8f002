"""Framework versions and images named in free text: Terraform, commands, lists, prose, each once and in order.

Stricter than `bot.policy.names`, which reads what somebody means to be a name: here most words are none. A word
counts as a whole or not at all, so that `tpu-vm-tf-2.13.0` names nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from bot.policy.names import image_names, parser
from bot.policy.products import PRODUCTS

MAX_TEXT_LENGTH = 60_000
"""Characters that are looked at; a message in Slack has at most 40,000."""

GOOGLE_PROJECTS = frozenset(
    {"deeplearning-platform-release", "ml-images", "click-to-deploy-images", "cloud-notebooks-managed"}
)
"""Projects whose images are Google's; the same names in another project are somebody's own images."""

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
_PREFIX = re.compile(rf"(?:^|[^\w./@:#%~-])({'|'.join(PRODUCTS)}):\Z", re.IGNORECASE)
_ENCLOSING = re.compile(r"[\w./@:#%~-]\Z")
"""What makes `pytorch-2.3` after it a part of something else: a path, an address, a tag."""


class ReferenceKind(StrEnum):
    """How a text refers to a version."""

    FAMILY = "family"
    """By a family's name, which resolves to its newest image while it resolves."""
    IMAGE = "image"
    """By the name of one dated image."""
    VERSION = "version"


class Mention(Struct, frozen=True):
    """One name in a text, as it was written there without what surrounds it."""

    name: str
    kind: ReferenceKind
    parsed: parser.NamedVersion | parser.RollingFamily | parser.OtherProduct | parser.SisterVersion


class _Word(Struct, frozen=True):
    """A run of characters that names are made of, and what stands around it."""

    text: str
    before: str
    after: str
    joins_next: bool
    """Whether nothing but a blank or an equals sign parts it from the next word."""


def find(text: str) -> tuple[Mention, ...]:
    """Every name in the text, once each, in the order they stand; CUDA alone counts only where nothing else does."""
    words = list(_split_words(_normalize(text)))
    found = list(_find_mentions(words)) or list(_find_cuda(words))
    first: dict[str, Mention] = {}
    for mention in found:
        first.setdefault(_get_key(mention), mention)
    return tuple(first.values())


def _normalize(text: str) -> str:
    """Without Slack's wrapping and escapes, look-alikes and invisible characters."""
    unwrapped = _WRAPPED.sub(lambda link: f" {link[1]} {link[2] or ''} ", text[:MAX_TEXT_LENGTH])
    unescaped = _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], unwrapped)
    return "".join(c for c in unicodedata.normalize("NFKC", unescaped) if unicodedata.category(c) not in {"Cf", "Cs"})


def _split_words(text: str) -> Iterator[_Word]:
    found = list(_WORD.finditer(text))
    for number, word in enumerate(found):
        written = word[0].rstrip("._+-")
        end = word.start() + len(written)
        gap = text[end : found[number + 1].start()] if number + 1 < len(found) else ""
        yield _Word(
            written, text[max(0, word.start() - 120) : word.start()], text[end : end + 1], bool(_JOINER.fullmatch(gap))
        )


def _find_mentions(words: list[_Word]) -> Iterator[Mention]:
    for number, word in enumerate(words):
        mention = (
            _parse_image(word)
            or _parse_prefixed(word)
            or _parse_short_name(word)
            or _parse_two_words(words[number : number + 3])
        )
        if mention is not None:
            yield mention


def _parse_image(word: _Word) -> Mention | None:
    """A word that follows the grammar of images, in one of Google's projects or in none that is named."""
    name = word.text.lower()
    owner = _PROJECT_PATH.search(word.before)
    if owner and owner[1] not in GOOGLE_PROJECTS:
        return None
    if image_names.parse(name) is None and not (_CONTAINER.fullmatch(name) and "." in name):
        return None
    path = _PATH.search(word.before)
    reading = parser.parse_name(f"{path[0] if path else ''}{word.text}")
    if isinstance(reading, parser.NamedVersion):
        return Mention(word.text, ReferenceKind.IMAGE if reading.image else ReferenceKind.FAMILY, reading)
    if isinstance(reading, parser.SisterVersion):
        return Mention(word.text, ReferenceKind.IMAGE, reading)
    if isinstance(reading, parser.RollingFamily | parser.OtherProduct):
        return Mention(word.text, ReferenceKind.FAMILY, reading)
    return None


def _parse_prefixed(word: _Word) -> Mention | None:
    """`dlc:pytorch-2.4` in one word: a sister product's version by its prefix."""
    prefix = _PREFIX.search(word.before)
    if prefix is None or not any(c.isdigit() for c in word.text):
        return None
    name = f"{prefix[1]}:{word.text}"
    reading = parser.parse_name(name)
    return Mention(name, ReferenceKind.VERSION, reading) if isinstance(reading, parser.SisterVersion) else None


def _parse_short_name(word: _Word) -> Mention | None:
    """`pytorch-2.3`, `torch2.3`, `base-cu124` in one word."""
    name = word.text.lower()
    if _CUDA.fullmatch(name) or _is_inside(word):
        return None
    reading = parser.parse_name(word.text)
    if not isinstance(reading, parser.NamedVersion):
        return None
    if reading.framework == "base" and not _BASE.fullmatch(name):
        return None  # base-64
    return Mention(word.text, ReferenceKind.VERSION, reading)


def _parse_two_words(words: list[_Word]) -> Mention | None:
    """A framework and its version with a blank or equals signs between: `PyTorch 2.7`, `torch==2.3.0`, `base cu124`."""
    if len(words) > 1 and words[0].joins_next and not _is_inside(words[0]):
        first, second = words[0].text.lower(), words[1].text.lower()
        if (first, second) in _HALVES and len(words) > 2 and words[1].joins_next:  # noqa: PLR2004 - halves and a version
            return _join_version(
                (_HALVES[first, second], words[2].text.lower()), f"{words[0].text}{words[1].text}", words[2]
            )
        return _join_version((first, second), words[0].text, words[1])
    return None


def _join_version(parts: tuple[str, str], framework: str, number: _Word) -> Mention | None:
    first, second = parts
    versioned = first in _FRAMEWORKS and _VERSION.fullmatch(second)
    based = first in {"base", "common"} and _CUDA.fullmatch(second)
    if not (versioned or based) or number.after == "/":
        return None
    reading = parser.parse_name(f"{first} {second}")
    name = f"{framework} {number.text}"
    return Mention(name, ReferenceKind.VERSION, reading) if isinstance(reading, parser.NamedVersion) else None


def _find_cuda(words: list[_Word]) -> Iterator[Mention]:
    """`cu124`, `CUDA 12.4`: the Base image's version in a text that names no other."""
    for number, word in enumerate(words):
        name = word.text.lower()
        if _is_inside(word):
            continue
        if name == "cuda" and word.joins_next and _CUDA_NUMBER.fullmatch(words[number + 1].text.lower()):
            name = f"cuda {words[number + 1].text}"
        elif not _CUDA.fullmatch(name):
            continue
        reading = parser.parse_name(name)
        if isinstance(reading, parser.NamedVersion):
            yield Mention(name, ReferenceKind.VERSION, reading)


def _is_inside(word: _Word) -> bool:
    """Whether the word is a part of a path, an address or a tag."""
    return word.after == "/" or bool(_ENCLOSING.search(word.before))


def _get_key(mention: Mention) -> str:
    """What makes two mentions the same one."""
    reading = mention.parsed
    if mention.kind is ReferenceKind.VERSION and isinstance(reading, parser.NamedVersion):
        return f"{reading.framework}-{reading.number}"
    if mention.kind is ReferenceKind.VERSION and isinstance(reading, parser.SisterVersion):
        return f"{reading.product}:{reading.name}"
    return mention.name.lower()
