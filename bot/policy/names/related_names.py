"""Names of related products' versions: by prefix, `dlc:pytorch-2.4`, and by the names of their images."""

import re

from bot.policy.names import image_names, short_names
from bot.policy.names.parsed_names import RelatedVersion, RowFilter
from bot.policy.products import RELATED_PRODUCTS

_PREFIX = re.compile(rf"({'|'.join(sorted(RELATED_PRODUCTS, key=len, reverse=True))})(?:\s*:\s*|\s+|$)(.*)")
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
_IMAGE_FRAMEWORKS = {"tf_opt": "optimized-tensorflow", "sklearn": "scikit-learn"}


def parse_prefixed(text: str, name: str) -> RelatedVersion | None:
    """Parse a name in lower case that starts with a product's prefix. Return None if it doesn't."""
    match = _PREFIX.fullmatch(name)
    if match is None:
        return None
    product, rest = match[1], match[2]
    if (image := _parse_container(text, product, rest)) is not None:
        return image
    if (version := short_names.parse_short_name(rest)) is not None:
        return RelatedVersion(text, product, f"{version.framework}-{version.number}", version.row_filter)
    return RelatedVersion(text, product, _normalize_version(rest))


def parse_image(text: str, name: str, path: str) -> RelatedVersion | None:
    """Parse an image name in lower case. Return None if it isn't the name of a related product's image.

    Container images of several products have equal names, so the path decides the product. Without a known path, it
    is Deep Learning Containers.
    """
    if aws := _AWS.fullmatch(name):
        return RelatedVersion(text, "aws-dlc", f"{aws['framework']}-{aws['number']}")
    product = next((prefix for part, prefix in _PATHS.items() if part in path), "dlc")
    return _parse_container(text, product, name)


def _parse_container(text: str, product: str, name: str) -> RelatedVersion | None:
    if workbench := _WORKBENCH.fullmatch(name):
        return RelatedVersion(text, "workbench", image=workbench[1])
    if not _CONTAINER.fullmatch(name):
        return None
    image = re.split("[:@]", name)[0]
    parts = _PARTS.fullmatch(image)
    if parts is None:
        return RelatedVersion(text, product, image=image)
    alias = parts["framework"]
    framework = _IMAGE_FRAMEWORKS.get(alias) or short_names.ALIASES.get(alias, alias)
    number = (parts["number"] or parts["accelerator"]).replace("-", ".")
    row_filter = RowFilter(
        python=image_names.format_python(parts["python"] or ""), accelerator=_get_accelerator_kind(parts["accelerator"])
    )
    return RelatedVersion(text, product, f"{framework}-{number}", row_filter, image)


def _get_accelerator_kind(accelerator: str) -> str:
    """Return `cpu`, `gpu`, or an empty string for other accelerators."""
    if accelerator.startswith("cu"):
        return "gpu"
    return accelerator if accelerator in {"cpu", "gpu"} else ""


def _normalize_version(text: str) -> str:
    """Return `sklearn 1.6.1` as `scikit-learn-1.6`, and other text with hyphens for blanks."""
    name = re.sub(r"[\s_=-]+", "-", text).strip("-")
    match = _VERSIONED.fullmatch(name)
    if match is None:
        return _ALIASES.get(name, name)
    framework = match["framework"].rstrip("-")
    return f"{_ALIASES.get(framework, framework)}-{match['number']}"
