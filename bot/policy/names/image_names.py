"""The grammar of Deep Learning VM image and family names, in each of its eras.

Until 2020 the date stands bare and near the end, until 2025 as `vYYYYMMDD` in the middle, since then at the end.
A family is an image's name without the date and without the console's `cN-deeplearning-` prefix.
"""

import re

from msgspec import Struct

FRAMEWORKS = {
    "common": "base",
    "pytorch": "pytorch",
    "tf": "tensorflow",
    "tf2": "tensorflow",
    "tf-ent": "tensorflow-enterprise",
    "tf2-ent": "tensorflow-enterprise",
    "r": "r",
    "rapids": "rapids",
    "mxnet": "mxnet",
    "xgboost": "xgboost",
    "chainer": "chainer",
    "cntk": "cntk",
    "caffe1": "caffe1",
    "common-container": "base",
    "kaggle-container": "kaggle",
    "dataflow-container": "dataflow",
    "workbench-instances": "workbench",
    "workbench-container": "workbench",
}

_NAME = re.compile(
    r"(?:(?P<prefix>c\d)-deeplearning-)?"
    r"(?P<framework>common-container|kaggle-container|dataflow-container|workbench-instances|workbench-container"
    r"|tf2-ent|tf-ent|tf2|tf|common|pytorch|rapids|mxnet|xgboost|chainer|cntk|caffe1|r)"
    r"(?:-(?P<version>\d-\d{1,2}|latest|\d{4}(?=$|-)))?"
    r"(?:-(?P<accelerator>cpu|gpu|xla|cu\d{2,3}))?"
    r"(?P<rest>(?:-[a-z0-9]+)*)"
)
_PART = re.compile(
    r"-(?:(?P<date>v?(?P<day>\d{8})(?:[a-z]\d+)?(?:-\d{4}-rc\d+)?)"
    r"|(?P<os>debian-?\d{1,2}|ubuntu-\d{4})"
    r"|nvidia-(?P<driver>\d{3})"
    r"|(?P<python>py\d{2,3})"
    r"|(?P<flag>notebooks|experimental|gvnic|scheduler|conda))(?=$|-)"
)
_WITHOUT_ACCELERATOR = {"common-container", "kaggle-container", "dataflow-container"}


class ImageName(Struct, frozen=True):
    """An image's or family's name in its parts, as written; empty where a part is missing."""

    framework: str
    version: str
    """`2.4`, `latest`; empty for Base, whose CUDA is its accelerator."""
    accelerator: str
    os: str
    driver: str
    python: str
    """`3.10`."""
    version_date: str
    """Eight digits; an image has one, a family has none."""
    console_prefix: str
    flags: tuple[str, ...]
    family: str


def parse(name: str) -> ImageName | None:
    """The parts of a name in lower case; None where it follows none of the grammars."""
    found = _NAME.fullmatch(name)
    if found is None or not _is_complete(found["framework"], found["version"], found["accelerator"]):
        return None
    parts = _parse_rest(found["rest"])
    if parts is None:
        return None
    date = parts.get("date", [""])[0]
    written = name.removeprefix(f"{found['prefix']}-deeplearning-") if found["prefix"] else name
    return ImageName(
        framework=FRAMEWORKS[found["framework"]],
        version=(found["version"] or "").replace("-", "."),
        accelerator=found["accelerator"] or "",
        os=parts.get("os", [""])[0],
        driver=parts.get("driver", [""])[0],
        python=_format_python(parts.get("python", [""])[0].removeprefix("py")),
        version_date=parts.get("day", [""])[0],
        console_prefix=found["prefix"] or "",
        flags=tuple(parts.get("flag", [])),
        family=written.replace(f"-{date}", "", 1) if date else written,
    )


def _is_complete(framework: str, version: str | None, accelerator: str | None) -> bool:
    """Base needs its accelerator, frameworks their version and accelerator; hosts and Workbench neither."""
    if framework in _WITHOUT_ACCELERATOR or framework.startswith("workbench"):
        return accelerator is None
    return accelerator is not None and (version is None) == (framework == "common")


def _parse_rest(text: str) -> dict[str, list[str]] | None:
    """What follows the accelerator, part by part in any order; None where a part is not of the grammar."""
    parts: dict[str, list[str]] = {}
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None:
            return None
        for kind, value in found.groupdict().items():
            if value:
                parts.setdefault(kind, []).append(value)
        place = found.end()
    once = (values for kind, values in parts.items() if kind != "flag")
    return parts if all(len(values) == 1 for values in once) else None


def _format_python(digits: str) -> str:
    """`310` as `3.10`."""
    return f"{digits[0]}.{digits[1:]}" if digits else ""


def format_os(os: str) -> str:
    """`ubuntu-2404` as `Ubuntu 24.04`, `debian-11` as `Debian 11`."""
    if os.startswith("ubuntu-"):
        return f"Ubuntu {os[7:9]}.{os[9:]}"
    return f"Debian {os.removeprefix('debian').removeprefix('-')}" if os else ""


def parse_cuda(accelerator: str) -> str:
    """`cu124` as `12.4`; empty for anything else."""
    digits = accelerator.removeprefix("cu") if accelerator.startswith("cu") else ""
    return f"{digits[:-1]}.{digits[-1]}" if digits else ""
