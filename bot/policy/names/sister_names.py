"""Names of sister products' versions: by prefix, `dlc:pytorch-2.4`, and by the names of their images."""

import re

from bot.policy.names import short_names
from bot.policy.names.parsed_names import RowFilter, SisterVersion
from bot.policy.products import PRODUCTS

_PREFIX = re.compile(rf"({'|'.join(sorted(PRODUCTS, key=len, reverse=True))})(?:\s*:\s*|\s+|$)(.*)")
_ALIASES = {
    **short_names.ALIASES,
    "sklearn": "scikit-learn",
    "scikit": "scikit-learn",
    "optimized-tf": "optimized-tensorflow",
    "tf-opt": "optimized-tensorflow",
    "py": "python",
}
_VERSIONED = re.compile(r"(?P<framework>[a-z][a-z-]*?)-?v?(?P<number>\d{1,2}\.\d{1,2})(?:\.\d{1,3})?")

_CONTAINER = re.compile(r"[a-z0-9_]+(?:-[a-z0-9]+)*(?:\.\d-\d{1,2})?\.(?:py\d{2,3}|cp\d{2,3}|\d-\d{1,2})(?:[:@]\S*)?")
_PARTS = re.compile(
    r"(?P<framework>[a-z0-9_]+?)(?:-[a-z]+)*?-(?P<accelerator>cpu|gpu|tpu|xla|cu\d{3})(?:\.(?P<number>\d-\d{1,2}))?"
    r"(?:\.(?:py|cp)(?P<python>\d{2,3}))?"
)
_AWS = re.compile(r"(?P<framework>pytorch|tensorflow)-(?:training|inference)(?:-arm64)?:(?P<number>\d\.\d{1,2})\b\S*")
_WORKBENCH = re.compile(r"(workbench-(?:instances|container(?:-slim)?)(?:-\d{4}(?=$|-))?)(?:-v?\d{8}.*)?")
_PATHS = {"/training/": "vertex-train", "/prediction/": "vertex"}
_IN_IMAGES = {"tf_opt": "optimized-tensorflow", "sklearn": "scikit-learn"}


def parse_prefixed(text: str, name: str) -> SisterVersion | None:
    """The version that follows a product's prefix, in small letters, or the whole product; None without a prefix."""
    found = _PREFIX.fullmatch(name)
    if found is None:
        return None
    product, rest = found[1], found[2]
    image = _parse_container(text, product, rest)
    if image is not None:
        return image
    known = short_names.parse_short_name(rest)
    if known is not None:
        return SisterVersion(text, product, f"{known.framework}-{known.number}", known.row_filter)
    return SisterVersion(text, product, _normalize_version(rest))


def parse_image(text: str, name: str, path: str) -> SisterVersion | None:
    """The version of an image by its name in small letters, its product by the path before it; None for no such name.

    The container images of several products are named alike; those without a path count as Deep Learning Containers.
    """
    aws = _AWS.fullmatch(name)
    if aws:
        return SisterVersion(text, "aws-dlc", f"{aws['framework']}-{aws['number']}")
    product = "workbench" if _WORKBENCH.fullmatch(name) else "dlc"
    return _parse_container(text, next((found for part, found in _PATHS.items() if part in path), product), name)


def _parse_container(text: str, product: str, name: str) -> SisterVersion | None:
    workbench = _WORKBENCH.fullmatch(name)
    if workbench:
        return SisterVersion(text, "workbench", image=workbench[1])
    if not _CONTAINER.fullmatch(name):
        return None
    image = re.split("[:@]", name)[0]
    parts = _PARTS.fullmatch(image)
    if parts is None:
        return SisterVersion(text, product, image=image)
    framework = _IN_IMAGES.get(parts["framework"]) or short_names.ALIASES.get(parts["framework"], parts["framework"])
    number = (parts["number"] or parts["accelerator"]).replace("-", ".")
    python = parts["python"] or ""
    narrowing = RowFilter(
        python=f"{python[0]}.{python[1:]}" if python else "", accelerator=_get_accelerator_kind(parts["accelerator"])
    )
    return SisterVersion(text, product, f"{framework}-{number}", narrowing, image)


def _get_accelerator_kind(accelerator: str) -> str:
    return "gpu" if accelerator.startswith("cu") else accelerator if accelerator in {"cpu", "gpu"} else ""


def _normalize_version(rest: str) -> str:
    """`sklearn 1.6.1` as `scikit-learn-1.6`; other words with hyphens for blanks."""
    name = re.sub(r"[\s_=-]+", "-", rest).strip("-")
    found = _VERSIONED.fullmatch(name)
    if found is None:
        return _ALIASES.get(name, name)
    framework = found["framework"].rstrip("-")
    return f"{_ALIASES.get(framework, framework)}-{found['number']}"
