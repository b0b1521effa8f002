"""Parser of the names that people use for framework versions: short names, aliases, image names and paths.

The result doesn't depend on the catalogue, so a parsed version can be absent from it.
"""

import re
import unicodedata
from functools import lru_cache

from bot.policy.names import image_names, related_names, short_names
from bot.policy.names.parsed_names import (
    AllVersions,
    BareNumber,
    NamedVersion,
    OtherProduct,
    ParsedName,
    RelatedVersion,
    RollingFamily,
    RowFilter,
    UnknownName,
    WholeFramework,
    Wildcard,
)
from storage.facts import DLVM

__all__ = ["AllVersions", "BareNumber", "NamedVersion", "OtherProduct", "ParsedName", "RelatedVersion", "RollingFamily"]
__all__ += ["RowFilter", "UnknownName", "WholeFramework", "Wildcard", "parse_name", "parse_names"]

MAX_NAME_LENGTH = 300
"""Characters. A full API address of an image has about 150."""

_MAX_NAME_WORDS = 6

_OTHER_PRODUCTS = {"tensorflow-enterprise": "a TensorFlow Enterprise image"}

_WORDS = {**short_names.ALIASES, "tensor flow": "tensorflow", "py torch": "pytorch"}

_BARE = re.compile(r"v?(\d)[.](\d{1,2})(?:\.\d{1,3})?")
_FLAG = re.compile(r"^--?[a-z-]*(?:image|family)[a-z-]*[= ]+")
_WRAPPED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_EDGES = "`'\"“”‘’«»()[]{}.,;:!?*_~ "


def parse_name(text: str) -> ParsedName:
    """Parse one name. Any text is allowed; an unknown one gives `UnknownName`."""
    return _parse_cached(text) if len(text) <= MAX_NAME_LENGTH else UnknownName(text[:MAX_NAME_LENGTH])


@lru_cache(maxsize=1_024)
def _parse_cached(text: str) -> ParsedName:
    path, name = _normalize(text)
    if not name:
        return UnknownName(text)
    if "*" in name:
        return _parse_wildcard(text, name)
    return (
        _parse_word(name)
        or related_names.parse_prefixed(text, name)
        or related_names.parse_image(text, name, path)
        or _parse_image(text, name)
        or short_names.parse_short_name(name)
        or UnknownName(text)
    )


def parse_names(text: str) -> tuple[ParsedName, ...]:
    """Parse every name in a list. Blanks can separate names or be part of one: `pytorch 2.7 tf 2.17` is two names."""
    names: list[ParsedName] = []
    for piece in re.split(r"[,;\n]|\band\b|&(?!amp)", text):
        words = piece.split()
        while words:
            name, count = _parse_longest(words)
            names.append(name)
            words = words[count:]
    return tuple(names)


def _parse_longest(words: list[str]) -> tuple[ParsedName, int]:
    """Parse the longest name at the start of the words, and return it with its number of words.

    A version isn't extended by a word that is a version itself.
    """
    best: tuple[ParsedName, int] = (parse_name(words[0]), 1)
    for count in range(2, min(len(words), _MAX_NAME_WORDS) + 1):
        if _is_version(best[0]) and isinstance(
            parse_name(words[count - 1]), NamedVersion | BareNumber | RelatedVersion
        ):
            break
        longer = parse_name(" ".join(words[:count]))
        if _is_version(best[0]) and isinstance(longer, RelatedVersion) and longer.name != getattr(best[0], "name", ""):
            break
        if isinstance(longer, NamedVersion | RollingFamily | RelatedVersion):
            best = (longer, count)
    return best


def _is_version(name: ParsedName) -> bool:
    return isinstance(name, NamedVersion) or (isinstance(name, RelatedVersion) and any(c.isdigit() for c in name.name))


def _normalize(text: str) -> tuple[str, str]:
    """Return the path and the name in lower case, without Slack's link markup, quotes and invisible characters."""
    unwrapped = _WRAPPED.sub(lambda link: link[2] or link[1], text)
    visible = "".join(
        c for c in unicodedata.normalize("NFKC", unwrapped) if unicodedata.category(c) not in {"Cf", "Cs"}
    )
    name = " ".join(visible.split()).lower()
    name = name.strip(_EDGES.replace("*", "")) if "*" in name else name.strip(_EDGES)
    name = _FLAG.sub("", name).strip(_EDGES.replace("*", ""))
    path, slash, name = name.rstrip("/").rpartition("/")
    name = name.partition("?")[0] if slash else name
    return path + slash, re.sub(r"-? ?version_date ?", "", name).strip(_EDGES.replace("*", ""))


def _parse_wildcard(text: str, name: str) -> Wildcard | AllVersions | UnknownName:
    if name == "*":
        return AllVersions(DLVM)
    match = re.fullmatch(r"([a-z]+)[-_ ]?([a-z0-9.]*\*?[a-z0-9.]*\*?)", name)
    if match is None:
        return UnknownName(text)
    if match[1] in {"cu", "cuda"}:
        return Wildcard(f"base-cu{match[2]}")
    framework = short_names.ALIASES.get(match[1])
    return Wildcard(f"{framework}-{match[2]}") if framework else UnknownName(text)


def _parse_word(name: str) -> ParsedName | None:
    if name in {"all", "everything"}:
        return AllVersions(DLVM)
    if name in _WORDS:
        return WholeFramework(DLVM, _WORDS[name])
    bare = _BARE.fullmatch(name)
    return BareNumber(f"{bare[1]}.{int(bare[2])}") if bare else None


def _parse_image(text: str, name: str) -> ParsedName | None:
    """Parse an image or family name. Return None if it doesn't follow the grammar of image names."""
    parts = image_names.parse(name)
    if parts is None:
        return None
    if parts.framework not in {"pytorch", "tensorflow", "base"}:
        return _build_other_product(text, parts)
    if parts.version == "latest" or (parts.framework == "base" and parts.accelerator in {"gpu", "", "xla"}):
        return RollingFamily(text.strip(), parts.framework)
    return NamedVersion(
        product=DLVM,
        framework=parts.framework,
        number=parts.version or parts.accelerator,
        row_filter=RowFilter(
            python=parts.python,
            os=image_names.format_os(parts.os),
            cuda=image_names.parse_cuda(parts.accelerator),
            driver=parts.driver,
            accelerator=parts.accelerator if parts.accelerator in {"cpu", "gpu"} else "",
        ),
        family=parts.family,
        image=name if parts.version_date else "",
        version_date=parts.version_date,
    )


def _build_other_product(text: str, parts: image_names.ImageName) -> OtherProduct:
    product = _OTHER_PRODUCTS.get(parts.framework, f"a {parts.framework} image")
    if parts.framework == "tensorflow-enterprise" and parts.version != "latest":
        return OtherProduct(text.strip(), product, "tensorflow", parts.version)
    return OtherProduct(text.strip(), product)
