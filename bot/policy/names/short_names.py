"""Short names of framework versions: a framework, a version, and words that limit the rows."""

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
    """Parse a short name in lower case. Return None if it isn't one."""
    joined = name.replace("tensor flow", "tensorflow").replace("py torch", "pytorch")
    if match := _VERSIONED.fullmatch(joined):
        number = f"{match['major']}.{int(match['minor'])}"
        return _build_version(ALIASES[match["alias"]], number, match["extra"])
    if match := _CUDA.fullmatch(joined):
        return _build_version("base", f"cu{match['whole'] or match['major'] + match['minor']}", match["extra"])
    if match := _CPU.fullmatch(joined):
        return _build_version("base", "cpu", match["extra"])
    return None


def _build_version(framework: str, number: str, extra: str) -> NamedVersion | None:
    """Return the version with the row filter in `extra`, or None if a word in it is unknown."""
    values: dict[str, str] = {}
    position = 0
    while position < len(extra):
        match = _EXTRA.match(extra, position)
        if match is None:
            return None
        values |= {kind: value for kind, value in match.groupdict().items() if value}
        position = match.end()
    row_filter = RowFilter(
        python=image_names.format_python(values.get("python", "").replace(".", "")),
        os=_format_os(values.get("os", "")),
        cuda=image_names.parse_cuda(f"cu{values['cuda'].replace('.', '')}") if "cuda" in values else "",
        driver=values.get("driver", ""),
        accelerator=values.get("accelerator", ""),
    )
    return NamedVersion(DLVM, framework, number, row_filter)


def _format_os(text: str) -> str:
    """Format `ubuntu 24.04` in any spelling as `Ubuntu 24.04`."""
    digits = "".join(c for c in text if c.isdigit())
    return image_names.format_os(f"{'ubuntu' if text.startswith('ubuntu') else 'debian'}-{digits}") if digits else ""
