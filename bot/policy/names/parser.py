"""What people may call a framework version: short names, aliases, image names, paths; read into one spelling.

Needs no catalogue: whether the version is listed is somebody else's question.
"""

import re
import unicodedata
from functools import lru_cache

from bot.policy.names import image_names, short_names, sister_names
from bot.policy.names.parsed import (
    BareNumber,
    Everything,
    MovingFamily,
    Named,
    Narrowing,
    OtherProduct,
    Reading,
    Sister,
    Unreadable,
    WholeFramework,
    Wildcard,
)
from storage.facts import DLVM

__all__ = [
    "BareNumber",
    "Everything",
    "MovingFamily",
    "Named",
    "Narrowing",
    "OtherProduct",
    "Reading",
    "Sister",
    "Unreadable",
    "WholeFramework",
    "Wildcard",
    "read",
    "read_all",
]

LONGEST_NAME = 300
"""Characters; a full API address of an image has about 150."""

_OTHERS = {"tensorflow-enterprise": "a TensorFlow Enterprise image"}

_WORDS = {**short_names.ALIASES, "tensor flow": "tensorflow", "py torch": "pytorch"}

_BARE = re.compile(r"v?(\d)[.](\d{1,2})(?:\.\d{1,3})?")
_FLAG = re.compile(r"^--?[a-z-]*(?:image|family)[a-z-]*[= ]+")
_WRAPPED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_EDGES = "`'\"“”‘’«»()[]{}.,;:!?*_~ "


def read(text: str) -> Reading:
    """What one name means; never raises, whatever the text."""
    return _read(text) if len(text) <= LONGEST_NAME else Unreadable(text[:LONGEST_NAME])


@lru_cache(maxsize=1_024)
def _read(text: str) -> Reading:
    """Kept, for people ask about the same names again and again."""
    path, name = _tidy(text)
    if not name:
        return Unreadable(text)
    if "*" in name:
        return _wildcard(text, name)
    return (
        _in_a_word(name)
        or sister_names.of_prefix(text, name)
        or sister_names.of_image(text, name, path)
        or _image(text, name)
        or short_names.read(name)
        or Unreadable(text)
    )


def read_all(text: str) -> tuple[Reading, ...]:
    """Every name in a list; blanks inside a name keep it together: `pytorch 2.7 tf 2.17` are two."""
    found: list[Reading] = []
    for piece in re.split(r"[,;\n]|\band\b|&(?!amp)", text):
        words = piece.split()
        while words:
            reading, taken = _longest(words)
            found.append(reading)
            words = words[taken:]
    return tuple(found)


def _longest(words: list[str]) -> tuple[Reading, int]:
    """The longest beginning that is a name; it does not swallow a word that is a version by itself."""
    best: tuple[Reading, int] = (read(words[0]), 1)
    for count in range(2, min(len(words), 6) + 1):
        if _is_version(best[0]) and isinstance(read(words[count - 1]), Named | BareNumber | Sister):
            break
        reading = read(" ".join(words[:count]))
        if _is_version(best[0]) and isinstance(reading, Sister) and reading.name != getattr(best[0], "name", ""):
            break
        if isinstance(reading, Named | MovingFamily | Sister):
            best = (reading, count)
    return best


def _is_version(reading: Reading) -> bool:
    return isinstance(reading, Named) or (isinstance(reading, Sister) and any(c.isdigit() for c in reading.name))


def _tidy(text: str) -> tuple[str, str]:
    """Lower case, without wrapping, quotes and invisible characters; of an address its path and its last part."""
    unwrapped = _WRAPPED.sub(lambda found: found[2] or found[1], text)
    visible = "".join(
        c for c in unicodedata.normalize("NFKC", unwrapped) if unicodedata.category(c) not in {"Cf", "Cs"}
    )
    name = " ".join(visible.split()).lower()
    name = name.strip(_EDGES.replace("*", "")) if "*" in name else name.strip(_EDGES)
    name = _FLAG.sub("", name).strip(_EDGES.replace("*", ""))
    path, slash, name = name.rstrip("/").rpartition("/")
    name = name.partition("?")[0] if slash else name
    return path + slash, re.sub(r"-? ?version_date ?", "", name).strip(_EDGES.replace("*", ""))


def _wildcard(text: str, name: str) -> Wildcard | Everything | Unreadable:
    if name == "*":
        return Everything(DLVM)
    found = re.fullmatch(r"([a-z]+)[-_ ]?([a-z0-9.]*\*?[a-z0-9.]*\*?)", name)
    if found is None:
        return Unreadable(text)
    if found[1] in {"cu", "cuda"}:
        return Wildcard(f"base-cu{found[2]}")
    framework = short_names.ALIASES.get(found[1])
    return Wildcard(f"{framework}-{found[2]}") if framework else Unreadable(text)


def _in_a_word(name: str) -> Reading | None:
    if name in {"all", "everything"}:
        return Everything(DLVM)
    if name in _WORDS:
        return WholeFramework(DLVM, _WORDS[name])
    bare = _BARE.fullmatch(name)
    return BareNumber(f"{bare[1]}.{int(bare[2])}") if bare else None


def _image(text: str, name: str) -> Reading | None:
    """An image or family by its grammar."""
    parts = image_names.split(name)
    if parts is None:
        return None
    if parts.framework not in {"pytorch", "tensorflow", "base"}:
        return _other(text, parts)
    if parts.version == "latest" or (parts.framework == "base" and parts.accelerator in {"gpu", "", "xla"}):
        return MovingFamily(text.strip(), parts.framework)
    return Named(
        product=DLVM,
        framework=parts.framework,
        number=parts.version or parts.accelerator,
        narrowing=Narrowing(
            python=parts.python,
            os=image_names.os_title(parts.os),
            cuda=image_names.cuda_of(parts.accelerator),
            driver=parts.driver,
            accelerator=parts.accelerator if parts.accelerator in {"cpu", "gpu"} else "",
        ),
        family=parts.family,
        image=name if parts.version_date else "",
        version_date=parts.version_date,
    )


def _other(text: str, parts: image_names.ImageName) -> OtherProduct:
    product = _OTHERS.get(parts.framework, f"a {parts.framework} image")
    if parts.framework == "tensorflow-enterprise" and parts.version != "latest":
        return OtherProduct(text.strip(), product, "tensorflow", parts.version)
    return OtherProduct(text.strip(), product)
