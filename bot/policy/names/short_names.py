"""Short names of framework versions: a framework, its version, and words that narrow it."""

import re

from bot.policy.names import image_names
from bot.policy.names.parsed import Named, Narrowing
from storage.facts import DLVM

ALIASES = {
    "pytorch": "pytorch",
    "torch": "pytorch",
    "tensorflow": "tensorflow",
    "tf2": "tensorflow",
    "tf": "tensorflow",
    "base": "base",
    "common": "base",
    "cuda": "base",
}

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
_EXTRA = re.compile(
    r"[-_ ]+(?:py(?:thon)?[-_ ]?(?P<python>3\.?\d{1,2})"
    r"|(?P<os>ubuntu[-_ ]?\d{2}\.?\d{2}|debian[-_ ]?\d{1,2})"
    r"|(?:nvidia|driver)[-_ ]?(?P<driver>\d{3})"
    r"|cu(?:da)?[-_ ]?(?P<cuda>\d{1,2}\.?\d)"
    r"|(?P<accelerator>cpu|gpu)|version_date)(?=$|[-_ ])"
)


def read(name: str) -> Named | None:
    """The version of a short name in small letters; None where it is none."""
    spelled = name.replace("tensor flow", "tensorflow").replace("py torch", "pytorch")
    found = _VERSIONED.fullmatch(spelled)
    if found:
        number = f"{found['major']}.{int(found['minor'])}"
        return _with(ALIASES[found["alias"]], number, found["extra"])
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
        cuda=image_names.cuda_of(f"cu{said['cuda'].replace('.', '')}") if "cuda" in said else "",
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
    return image_names.os_title(f"{'ubuntu' if text.startswith('ubuntu') else 'debian'}-{digits}") if digits else ""
