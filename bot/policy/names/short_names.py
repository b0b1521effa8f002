"""Short names of framework versions: a framework, its version, and words that narrow it."""

import re

from bot.policy.names import image_names
from bot.policy.names.parsed_names import NamedVersion, RowFilter
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

_SEPARATOR = r"[-_ .=]*"
_VERSIONED = re.compile(
    rf"(?P<alias>pytorch|torch|tensorflow|tf){_SEPARATOR}v?(?P<major>\d)[-_ .]+(?P<minor>\d{{1,2}})"
    r"(?:\.\d{1,3}(?:[a-z]{1,3}\d{0,2})?)?(?:\+[a-z0-9.]{1,20})?(?P<extra>(?:[-_ ].*)?)"
)
_CUDA = re.compile(
    rf"(?:(?:base|common){_SEPARATOR}(?:cu(?:da)?{_SEPARATOR})?|cu(?:da)?{_SEPARATOR})"
    r"(?:(?P<major>\d{1,2})[-_ .](?P<minor>\d)(?:\.\d{1,3})?|(?P<whole>\d{2,3}))(?P<extra>(?:[-_ ].*)?)"
)
_CPU = re.compile(rf"(?:base|common){_SEPARATOR}cpu(?P<extra>(?:[-_ ].*)?)")
_EXTRA = re.compile(
    r"[-_ ]+(?:py(?:thon)?[-_ ]?(?P<python>3\.?\d{1,2})"
    r"|(?P<os>ubuntu[-_ ]?\d{2}\.?\d{2}|debian[-_ ]?\d{1,2})"
    r"|(?:nvidia|driver)[-_ ]?(?P<driver>\d{3})"
    r"|cu(?:da)?[-_ ]?(?P<cuda>\d{1,2}\.?\d)"
    r"|(?P<accelerator>cpu|gpu)|version_date)(?=$|[-_ ])"
)


def parse_short_name(name: str) -> NamedVersion | None:
    """The version of a short name in small letters; None where it is none."""
    spelled = name.replace("tensor flow", "tensorflow").replace("py torch", "pytorch")
    found = _VERSIONED.fullmatch(spelled)
    if found:
        number = f"{found['major']}.{int(found['minor'])}"
        return _build_version(ALIASES[found["alias"]], number, found["extra"])
    found = _CUDA.fullmatch(spelled)
    if found:
        return _build_version("base", f"cu{found['whole'] or found['major'] + found['minor']}", found["extra"])
    found = _CPU.fullmatch(spelled)
    return _build_version("base", "cpu", found["extra"]) if found else None


def _build_version(framework: str, number: str, extra: str) -> NamedVersion | None:
    """The version with its narrowing; None where a word after it is none that narrows."""
    said: dict[str, str] = {}
    place = 0
    while place < len(extra):
        found = _EXTRA.match(extra, place)
        if found is None:
            return None
        said |= {kind: value for kind, value in found.groupdict().items() if value}
        place = found.end()
    narrowing = RowFilter(
        python=_format_python(said.get("python", "")),
        os=_format_os(said.get("os", "")),
        cuda=image_names.parse_cuda(f"cu{said['cuda'].replace('.', '')}") if "cuda" in said else "",
        driver=said.get("driver", ""),
        accelerator=said.get("accelerator", ""),
    )
    return NamedVersion(DLVM, framework, number, narrowing)


def _format_python(text: str) -> str:
    digits = text.replace(".", "")
    return f"{digits[0]}.{digits[1:]}" if digits else ""


def _format_os(text: str) -> str:
    """`ubuntu 24.04` in any spelling as `Ubuntu 24.04`."""
    digits = "".join(c for c in text if c.isdigit())
    return image_names.format_os(f"{'ubuntu' if text.startswith('ubuntu') else 'debian'}-{digits}") if digits else ""
