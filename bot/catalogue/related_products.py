"""Parser of related product rows. Their two dates have other names and gaps than those of Deep Learning VM."""

import re
from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from bot.catalogue.page.date_cells import NOT_PUBLISHED, parse_date
from bot.catalogue.page.rows import parse_python
from bot.policy.names import image_names
from bot.policy.products import PRODUCTS
from storage.facts import ImageFamily, PrintedDate

KEYED_BY_IMAGE = frozenset({"dlc", "vertex-train", "workbench"})
"""Products whose image path or family is unique for each row."""

_FRAMEWORK_NAMES = {
    "TensorFlow (optimized runtime)": "optimized-tensorflow",
    "PyTorch Inference": "pytorch",
    "multi-framework": "workbench",
}
_NUMBER = re.compile(r"\d+\.\d+")
_CUDA_NUMBER = re.compile(r"cu(\d{3})\b|\b(\d{1,2})\.(\d)", re.IGNORECASE)
_CUDA = re.compile(r"\bCUDA (\d{1,2}\.\d)|\b(cu\d{3})\b", re.IGNORECASE)
_OS = re.compile(r"\b(ubuntu|debian|amzn|amazon linux)[ -]?(\d{2}\.\d{2}|\d{4}|\d{1,2})\b", re.IGNORECASE)
_OS_NAMES = {"amzn": "Amazon Linux"}


class RelatedRow(Struct, frozen=True):
    """A bundled row, with its cells as printed."""

    product: str
    """Prefix of the product, such as `dlc` or `vertex`."""
    framework: str
    label: str
    patch_version: str
    accelerator: str
    """Includes the operating system if the page prints both in one cell."""
    start: str
    """First day of the version, or empty."""
    end_of_patch: str
    end_of_availability: str
    image: str
    """Image path without the host, or image family."""
    as_of: str
    """Day of the page's edition, ISO."""
    edition: str
    """Why `as_of` is approximate, or empty if the page prints its day."""
    source_url: str


class RowDetails(Struct, frozen=True):
    """Details of a row that its fact does not hold."""

    start: PrintedDate
    """First day of the version, or its month."""
    is_as_of_approximate: bool
    """True if the page prints no day, so that the row's day is an estimate."""


def parse_rows(rows: Iterable[RelatedRow]) -> dict[ImageFamily, RowDetails]:
    """Parse the rows, and keep the newest edition of each (product, family), in the order of the rows."""
    newest: dict[tuple[str, str], tuple[ImageFamily, RowDetails]] = {}
    for row in rows:
        family = parse_row(row)
        key = (family.product, family.family)
        if key not in newest or newest[key][0].as_of < family.as_of:
            newest[key] = (family, RowDetails(parse_date(row.start), bool(row.edition)))
    families = [family for family, _ in newest.values()]
    return {family: details for family, details in newest.values() if not _is_outdated(family, families)}


def _is_outdated(family: ImageFamily, all_rows: Iterable[ImageFamily]) -> bool:
    """Return True if a newer edition lists the version of this row image by image."""
    return not family.accelerator and any(
        (row.product, row.version) == (family.product, family.version) and row.as_of > family.as_of for row in all_rows
    )


def parse_row(row: RelatedRow) -> ImageFamily:
    """Parse a row. Its version is named as on Deep Learning VM, so that products can be compared."""
    framework = _FRAMEWORK_NAMES.get(row.framework, row.framework.lower().replace(" ", "-"))
    texts = f"{row.label} {row.patch_version} {row.accelerator} {row.image}"
    unpublished = not (PRODUCTS[row.product].publishes_availability or row.end_of_availability)
    return ImageFamily(
        product=row.product,
        family=_build_key(row, framework),
        family_as_printed=row.image or row.label,
        framework=framework,
        number=_parse_number(row, framework),
        label=row.label,
        patch_version=row.patch_version,
        accelerator=row.accelerator,
        python=parse_python(texts),
        os=_parse_os(texts),
        cuda=_parse_cuda(texts),
        driver="",
        end_of_patch_and_support=parse_date(row.end_of_patch),
        end_of_availability=parse_date(NOT_PUBLISHED if unpublished else row.end_of_availability),
        source_url=row.source_url,
        as_of=date.fromisoformat(row.as_of),
    )


def _build_key(row: RelatedRow, framework: str) -> str:
    """Return the row's key: its image if that is unique, otherwise the cells that distinguish it."""
    if row.product in KEYED_BY_IMAGE:
        return row.image.lower()
    image = row.image if row.product == "aws-dlc" and row.image != "base" else ""
    prefix = "" if row.label.lower().startswith(framework) else framework
    parts = (image or prefix, row.label, row.accelerator)
    return re.sub(r"[^a-z0-9.]+", "-", " ".join(parts).lower()).strip("-")


def _parse_number(row: RelatedRow, framework: str) -> str:
    """Return the minor version, the CUDA of a Base row, or the label's letters if it has no number.

    The number never has a hyphen.
    """
    cuda = _CUDA_NUMBER.search(row.label) if framework.startswith("base") else None
    if cuda:
        return f"cu{cuda[1] or cuda[2] + cuda[3]}"
    number = None if framework == "os" else _NUMBER.search(row.label)
    return number[0] if number else re.sub(r"[^a-z0-9.]+", "", row.label.lower())


def _parse_os(text: str) -> str:
    match = _OS.search(text)
    if match is None:
        return ""
    name, release = _OS_NAMES.get(match[1].lower(), match[1].title()), match[2]
    if name == "Ubuntu" and "." not in release:
        release = f"{release[:2]}.{release[2:]}"
    return f"{name} {release}"


def _parse_cuda(text: str) -> str:
    match = _CUDA.search(text)
    return (match[1] or image_names.parse_cuda(match[2].lower())) if match else ""
