"""Rows of sister products' policies as facts: the same two dates, under other names and with other gaps."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.catalogue.page.date_cells import NOT_PUBLISHED, parse_date
from bot.catalogue.page.description import PageDescription
from bot.catalogue.page.rows import parse_python
from bot.policy.names import image_names
from bot.policy.products import PRODUCTS
from storage.facts import ImageFamily, PrintedDate

if TYPE_CHECKING:  # the reader of pages is slow to import, and whoever calls has done so
    from bot.catalogue.page.parser import Page

KEYED_BY_IMAGE = frozenset({"dlc", "vertex-train", "workbench"})
"""Products whose image path or family tells every row from the others."""

_FRAMEWORK_NAMES = {
    "TensorFlow (optimized runtime)": "optimized-tensorflow",
    "PyTorch Inference": "pytorch",
    "multi-framework": "workbench",
}
_HEADING_SUFFIX = re.compile(r"\s*(?:versions|版本)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+\.\d+")
_CUDA_NUMBER = re.compile(r"cu(\d{3})\b|\b(\d{1,2})\.(\d)", re.IGNORECASE)
_CUDA = re.compile(r"\bCUDA (\d{1,2}\.\d)|\b(cu\d{3})\b", re.IGNORECASE)
_OS = re.compile(r"\b(ubuntu|debian|amzn|amazon linux)[ -]?(\d{2}\.\d{2}|\d{4}|\d{1,2})\b", re.IGNORECASE)
_OS_NAMES = {"amzn": "Amazon Linux"}


class PrintedSisterRow(Struct, frozen=True):
    """A row as it is bundled; cells as printed, and the day of its edition."""

    product: str
    """The prefix that tells its names apart, `dlc`, `vertex`."""
    framework: str
    label: str
    patch_version: str
    accelerator: str
    """With the operating system, where the page prints both in one cell."""
    start: str
    """The first day, where the page prints one."""
    end_of_patch: str
    end_of_availability: str
    image: str
    """Path or family, without the host."""
    as_of: str
    edition: str
    """Empty where the page prints its own day; otherwise why the day is only about right."""
    source_url: str


class RowDetails(Struct, frozen=True):
    """What is known of a row besides its fact."""

    start: PrintedDate
    """The first day, or the month of it."""
    is_as_of_approximate: bool
    """Whether the page prints no day of its own, so that the row's is only about right."""


def parse_rows(rows: Iterable[PrintedSisterRow]) -> dict[ImageFamily, RowDetails]:
    """One fact for each key, in the order given: of several editions the newest."""
    newest: dict[tuple[str, str], tuple[ImageFamily, RowDetails]] = {}
    for row in rows:
        family = parse_row(row)
        key = (family.product, family.family)
        if key not in newest or newest[key][0].as_of < family.as_of:
            newest[key] = (family, RowDetails(parse_date(row.start), bool(row.edition)))
    families = [family for family, _ in newest.values()]
    return {family: more for family, more in newest.values() if not _is_outdated(family, families)}


def list_page_rows(page: "Page", description: PageDescription, day: date) -> Iterator[PrintedSisterRow]:
    """The rows of a sister product's page as if they were bundled; a page without a day of its own is as of the day."""
    for row in page.rows:
        yield PrintedSisterRow(
            product=description.product,
            framework=_HEADING_SUFFIX.sub("", row.section),
            label=row.label,
            patch_version=row.patch_version,
            accelerator=row.accelerator,
            start="",
            end_of_patch=row.end_of_patch,
            end_of_availability=row.end_of_availability,
            image=row.image_family,
            as_of=(page.last_updated or day).isoformat(),
            edition="" if page.last_updated else "no date printed",
            source_url=description.address,
        )


def _is_outdated(family: ImageFamily, all_rows: Iterable[ImageFamily]) -> bool:
    """A row for a version as a whole, where a newer edition lists that version image by image."""
    return not family.accelerator and any(
        (row.product, row.version) == (family.product, family.version) and row.as_of > family.as_of for row in all_rows
    )


def parse_row(row: PrintedSisterRow) -> ImageFamily:
    """A row as a fact, its version named like the Deep Learning VM's own, so that products can be compared."""
    framework = _FRAMEWORK_NAMES.get(row.framework, row.framework.lower().replace(" ", "-"))
    said = f"{row.label} {row.patch_version} {row.accelerator} {row.image}"
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
        python=parse_python(said),
        os=_parse_os(said),
        cuda=_parse_cuda(said),
        driver="",
        end_of_patch_and_support=parse_date(row.end_of_patch),
        end_of_availability=parse_date(NOT_PUBLISHED if unpublished else row.end_of_availability),
        source_url=row.source_url,
        as_of=date.fromisoformat(row.as_of),
    )


def _build_key(row: PrintedSisterRow, framework: str) -> str:
    """The image where it is one row's alone, otherwise what tells the rows apart."""
    if row.product in KEYED_BY_IMAGE:
        return row.image.lower()
    named = row.image if row.product == "aws-dlc" and row.image != "base" else ""
    begins = "" if row.label.lower().startswith(framework) else framework
    parts = (named or begins, row.label, row.accelerator)
    return re.sub(r"[^a-z0-9.]+", "-", " ".join(parts).lower()).strip("-")


def _parse_number(row: PrintedSisterRow, framework: str) -> str:
    """The minor version; a Base row's CUDA; a word where there is no number. Never with a hyphen."""
    cuda = _CUDA_NUMBER.search(row.label) if framework.startswith("base") else None
    if cuda:
        return f"cu{cuda[1] or cuda[2] + cuda[3]}"
    found = None if framework == "os" else _NUMBER.search(row.label)
    return found[0] if found else re.sub(r"[^a-z0-9.]+", "", row.label.lower())


def _parse_os(said: str) -> str:
    found = _OS.search(said)
    if found is None:
        return ""
    system = _OS_NAMES.get(found[1].lower(), found[1].title())
    dotted = f"{found[2][:2]}.{found[2][2:]}" if system == "Ubuntu" and "." not in found[2] else found[2]
    return f"{system} {dotted}"


def _parse_cuda(said: str) -> str:
    found = _CUDA.search(said)
    return (found[1] or image_names.parse_cuda(found[2].lower())) if found else ""
