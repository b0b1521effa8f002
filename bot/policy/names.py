"""What people may call a framework version: short names, aliases, image names, paths; read into one spelling.

Needs no catalogue: whether the version is listed is somebody else's question.
"""

import re
import unicodedata
from functools import lru_cache

from bot.policy import images
from bot.policy.readings import (
    PRODUCTS,
    BareNumber,
    Everything,
    MovingFamily,
    Named,
    Narrowing,
    OtherProduct,
    Reading,
    Unreadable,
    WholeFramework,
    Wildcard,
)
from storage.facts import DLVM

__all__ = [
    "PRODUCTS",
    "BareNumber",
    "Everything",
    "MovingFamily",
    "Named",
    "Narrowing",
    "OtherProduct",
    "Reading",
    "Unreadable",
    "WholeFramework",
    "Wildcard",
    "read",
    "read_all",
]

LONGEST_NAME = 300
"""Characters; a full API address of an image has about 150."""

_OTHERS = {
    "tensorflow-enterprise": "a TensorFlow Enterprise image",
    "workbench": PRODUCTS["workbench"],
}

_ALIASES = {
    "pytorch": "pytorch",
    "torch": "pytorch",
    "tensorflow": "tensorflow",
    "tf2": "tensorflow",
    "tf": "tensorflow",
    "base": "base",
    "common": "base",
    "cuda": "base",
}
_WORDS = {**_ALIASES, "tensor flow": "tensorflow", "py torch": "pytorch"}

_S = r"[-_ .=]*"
_VERSIONED = re.compile(
    rf"(?P<alias>pytorch|torch|tensorflow|tf){_S}v?(?P<major>\d)[-_ .]+(?P<minor>\d{{1,2}})"
    r"(?:\.\d{1,3}(?:[a-z]{1,3}\d{0,2})?)?(?:\+[a-z0-9.]{1,20})?(?P<extra>(?:[-_ ].*)?)"
)
_CUDA = re.compile(
    rf"(?:(?:base|common){_S}(?:cu(?:da)?{_S})?|cu(?:da)?{_S})"
    r"(?:(?P<major>\d{1,2})[-_ .](?P<minor>\d)(?:\.\d{1,3})?|(?P<whole>\d{2,3}))(?P<extra>(?:[-_ ].*)?)"
)
_CPU = re.compile(rf"(?:base|common){_S}cpu(?P<extra>(?:[-_ ].*)?)")
_BARE = re.compile(r"v?(\d)[.](\d{1,2})(?:\.\d{1,3})?")
_EXTRA = re.compile(
    r"[-_ ]+(?:py(?:thon)?[-_ ]?(?P<python>3\.?\d{1,2})"
    r"|(?P<os>ubuntu[-_ ]?\d{2}\.?\d{2}|debian[-_ ]?\d{1,2})"
    r"|(?:nvidia|driver)[-_ ]?(?P<driver>\d{3})"
    r"|cu(?:da)?[-_ ]?(?P<cuda>\d{1,2}\.?\d)"
    r"|(?P<accelerator>cpu|gpu)|version_date)(?=$|[-_ ])"
)
_CONTAINER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.\d-\d{1,2})?\.(?:py\d{2,3}|\d-\d{1,2})(?:[:@].*)?")
_FLAG = re.compile(r"^--?[a-z-]*(?:image|family)[a-z-]*[= ]+")
_WRAPPED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_EDGES = "`'\"“”‘’«»()[]{}.,;:!?*_~ "


def read(text: str) -> Reading:
    """What one name means; never raises, whatever the text."""
    return _read(text) if len(text) <= LONGEST_NAME else Unreadable(text[:LONGEST_NAME])


@lru_cache(maxsize=1_024)
def _read(text: str) -> Reading:
    """Kept, for people ask about the same names again and again."""
    name = _tidy(text)
    if not name:
        return Unreadable(text)
    prefix, colon, rest = name.partition(":")
    if colon and prefix in PRODUCTS:
        return _prefixed(text, prefix, rest)
    if "*" in name:
        return _wildcard(text, name)
    return _in_a_word(name) or _image(text, name) or _short(name) or Unreadable(text)


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
        if isinstance(best[0], Named) and isinstance(read(words[count - 1]), Named | BareNumber):
            break
        reading = read(" ".join(words[:count]))
        if isinstance(reading, Named | MovingFamily):
            best = (reading, count)
    return best


def _tidy(text: str) -> str:
    """Lower case, without wrapping, quotes and invisible characters; of an address only its last part."""
    unwrapped = _WRAPPED.sub(lambda found: found[2] or found[1], text)
    visible = "".join(
        c for c in unicodedata.normalize("NFKC", unwrapped) if unicodedata.category(c) not in {"Cf", "Cs"}
    )
    name = " ".join(visible.split()).lower()
    name = name.strip(_EDGES.replace("*", "")) if "*" in name else name.strip(_EDGES)
    name = _FLAG.sub("", name).strip(_EDGES.replace("*", ""))
    if "/" in name:
        name = name.rstrip("/").rpartition("/")[2].partition("?")[0]
    return re.sub(r"-? ?version_date ?", "", name).strip(_EDGES.replace("*", ""))


def _prefixed(text: str, prefix: str, rest: str) -> OtherProduct:
    inner = read(rest)
    if isinstance(inner, Named):
        return OtherProduct(text, PRODUCTS[prefix], inner.framework, inner.number)
    return OtherProduct(text, PRODUCTS[prefix])


def _wildcard(text: str, name: str) -> Wildcard | Everything | Unreadable:
    if name == "*":
        return Everything(DLVM)
    found = re.fullmatch(r"([a-z]+)[-_ ]?([a-z0-9.]*\*?[a-z0-9.]*\*?)", name)
    if found is None:
        return Unreadable(text)
    if found[1] in {"cu", "cuda"}:
        return Wildcard(f"base-cu{found[2]}")
    framework = _ALIASES.get(found[1])
    return Wildcard(f"{framework}-{found[2]}") if framework else Unreadable(text)


def _in_a_word(name: str) -> Reading | None:
    if name in {"all", "everything"}:
        return Everything(DLVM)
    if name in _WORDS:
        return WholeFramework(DLVM, _WORDS[name])
    bare = _BARE.fullmatch(name)
    return BareNumber(f"{bare[1]}.{int(bare[2])}") if bare else None


def _image(text: str, name: str) -> Reading | None:
    """An image or family by its grammar, a container image by its dot."""
    if _CONTAINER.fullmatch(name):
        return OtherProduct(text, PRODUCTS["dlc"])
    parts = images.split(name)
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
            os=images.os_title(parts.os),
            cuda=images.cuda_of(parts.accelerator),
            driver=parts.driver,
            accelerator=parts.accelerator if parts.accelerator in {"cpu", "gpu"} else "",
        ),
        family=parts.family,
        image=name if parts.version_date else "",
        version_date=parts.version_date,
    )


def _other(text: str, parts: images.ImageName) -> OtherProduct:
    product = _OTHERS.get(parts.framework, f"a {parts.framework} image")
    if parts.framework == "tensorflow-enterprise" and parts.version != "latest":
        return OtherProduct(text.strip(), product, "tensorflow", parts.version)
    return OtherProduct(text.strip(), product)


def _short(name: str) -> Named | None:
    """A framework, its version, and words that narrow it."""
    spelled = name.replace("tensor flow", "tensorflow").replace("py torch", "pytorch")
    found = _VERSIONED.fullmatch(spelled)
    if found:
        number = f"{found['major']}.{int(found['minor'])}"
        return _with(_ALIASES[found["alias"]], number, found["extra"])
    found = _CUDA.fullmatch(spelled)
    if found:
        return _with("base", f"cu{found['whole'] or found['major'] + found['minor']}", found["extra"])
    found = _CPU.fullmatch(spelled)
    return _with("base", "cpu", found["extra"]) if found else None


def _with(framework: str, number: str, extra: str) -> Named | None:
    """The version with its narrowing; None where a word after it is none that narrows."""
    said: dict[str, str] = {}
    place = 0
    while place < len(extra):
        found = _EXTRA.match(extra, place)
        if found is None:
            return None
        said |= {kind: value for kind, value in found.groupdict().items() if value}
        place = found.end()
    narrowing = Narrowing(
        python=_python(said.get("python", "")),
        os=_os(said.get("os", "")),
        cuda=images.cuda_of(f"cu{said['cuda'].replace('.', '')}") if "cuda" in said else "",
        driver=said.get("driver", ""),
        accelerator=said.get("accelerator", ""),
    )
    return Named(DLVM, framework, number, narrowing)


def _python(text: str) -> str:
    digits = text.replace(".", "")
    return f"{digits[0]}.{digits[1:]}" if digits else ""


def _os(text: str) -> str:
    """`ubuntu 24.04` in any spelling as `Ubuntu 24.04`."""
    digits = "".join(c for c in text if c.isdigit())
    return images.os_title(f"{'ubuntu' if text.startswith('ubuntu') else 'debian'}-{digits}") if digits else ""
