"""Grammar of Deep Learning VM image and family names, in each of its eras.

Until 2020 the date is bare and near the end, until 2025 it is `vYYYYMMDD` in the middle, since then it is at the end. A
family is an image name without the date and without the console's `cN-deeplearning-` prefix.
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
    r"(?P<prefix>c\d-deeplearning-)?"
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
    """An image or family name split into its parts. Missing parts are empty."""

    framework: str
    version: str
    """`2.4` or `latest`; empty for Base, which is versioned by its accelerator."""
    accelerator: str
    os: str
    driver: str
    python: str
    """`3.10`."""
    version_date: str
    """Eight digits; empty for a family."""
    family: str


def parse(name: str) -> ImageName | None:
    """Parse a name in lower case. Return None if it doesn't follow the grammar."""
    match = _NAME.fullmatch(name)
    if match is None or not _is_complete(match["framework"], match["version"], match["accelerator"]):
        return None
    parts = _parse_rest(match["rest"])
    if parts is None:
        return None
    date = parts.get("date", [""])[0]
    without_prefix = name.removeprefix(match["prefix"] or "")
    return ImageName(
        framework=FRAMEWORKS[match["framework"]],
        version=(match["version"] or "").replace("-", "."),
        accelerator=match["accelerator"] or "",
        os=parts.get("os", [""])[0],
        driver=parts.get("driver", [""])[0],
        python=format_python(parts.get("python", [""])[0].removeprefix("py")),
        version_date=parts.get("day", [""])[0],
        family=without_prefix.replace(f"-{date}", "", 1) if date else without_prefix,
    )


def _is_complete(framework: str, version: str | None, accelerator: str | None) -> bool:
    """Return True if the name has the parts its framework needs.

    Base needs an accelerator, other frameworks a version and an accelerator. Container hosts and Workbench have no
    accelerator.
    """
    if framework in _WITHOUT_ACCELERATOR or framework.startswith("workbench"):
        return accelerator is None
    return accelerator is not None and (version is None) == (framework == "common")


def _parse_rest(text: str) -> dict[str, list[str]] | None:
    """Parse the parts after the accelerator, in any order. Return None if a part is unknown or repeated."""
    parts: dict[str, list[str]] = {}
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            return None
        for kind, value in match.groupdict().items():
            if value:
                parts.setdefault(kind, []).append(value)
        position = match.end()
    unique = (values for kind, values in parts.items() if kind != "flag")
    return parts if all(len(values) == 1 for values in unique) else None


def format_python(digits: str) -> str:
    """Format the digits `310` as `3.10`, and no digits as an empty string."""
    return f"{digits[0]}.{digits[1:]}" if digits else ""


def format_os(os: str) -> str:
    """Format `ubuntu-2404` as `Ubuntu 24.04` and `debian-11` as `Debian 11`."""
    if os.startswith("ubuntu-"):
        return f"Ubuntu {os[7:9]}.{os[9:]}"
    return f"Debian {os.removeprefix('debian').removeprefix('-')}" if os else ""


def parse_cuda(accelerator: str) -> str:
    """Parse the CUDA version of an accelerator: `cu124` is `12.4`. Return an empty string for anything else."""
    digits = accelerator.removeprefix("cu") if accelerator.startswith("cu") else ""
    return f"{digits[:-1]}.{digits[-1]}" if digits else ""
