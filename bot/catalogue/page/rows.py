"""Rows of the table of supported framework versions, as printed and as image families."""

import re
from datetime import date

from msgspec import Struct

from bot.catalogue.page.date_cells import ALL_FORMATS, DateFormat, parse_date
from bot.policy.names import image_names
from storage.facts import DLVM, ImageFamily

_PLACEHOLDER = re.compile(r"\s*VERSION[_ ]DATE\s*")
FRAMEWORKS = ("base", "pytorch", "tensorflow")
_BASE = re.compile(r"base-(cu\d{2,3}|cpu)", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+\.\d+)(?:\D|$)")
_PYTHON = re.compile(r"\bpython (3\.\d{1,2})|\bpy(\d{2,3})\b", re.IGNORECASE)
_OS = re.compile(r"\b(ubuntu|debian)[ -](\d{2}\.?\d{2}|\d{1,2})\b", re.IGNORECASE)
_CUDA = re.compile(r"\bCUDA (\d{1,2}\.\d)", re.IGNORECASE)
_DRIVER = re.compile(r"\bnvidia-(\d{3})\b")


class RowError(ValueError):
    """A row doesn't name a framework version."""


class PrintedRow(Struct, frozen=True):
    """The cells of a row as printed, with the heading of its table."""

    section: str
    label: str
    patch_version: str
    accelerator: str
    end_of_patch: str
    end_of_availability: str
    image_family: str


def parse_row(
    row: PrintedRow, *, source_url: str, as_of: date, formats: frozenset[DateFormat] = ALL_FORMATS
) -> ImageFamily:
    """Parse a printed row. Raise RowError if it doesn't name a framework version."""
    printed_family = _PLACEHOLDER.sub("VERSION_DATE", row.image_family).strip()
    family = normalize_family(printed_family)
    framework = _parse_framework(row.section)
    label_and_family = f"{row.label} {family}"
    return ImageFamily(
        product=DLVM,
        family=family,
        family_as_printed=printed_family,
        framework=framework,
        number=_parse_number(framework, row.label),
        label=row.label,
        patch_version=row.patch_version,
        accelerator=row.accelerator,
        python=parse_python(label_and_family),
        os=parse_os(label_and_family),
        cuda=_find_first(_CUDA, row.accelerator),
        driver=_find_first(_DRIVER, family),
        end_of_patch_and_support=parse_date(row.end_of_patch, formats),
        end_of_availability=parse_date(row.end_of_availability, formats),
        source_url=source_url,
        as_of=as_of,
    )


def normalize_family(printed_family: str) -> str:
    """Return the family name in lower case without VERSION_DATE, which pages print only sometimes."""
    without_date = _PLACEHOLDER.sub("", printed_family).strip()
    return re.sub(r"-{2,}", "-", without_date).strip("-").lower()


def _parse_framework(section: str) -> str:
    word = section.strip().split(" ")[0].lower()
    if word not in FRAMEWORKS:
        raise RowError(f"“{section[:60]}” isn’t the heading of a framework’s table")
    return word


def _parse_number(framework: str, label: str) -> str:
    match = (_BASE if framework == "base" else _NUMBER).match(label.strip())
    if match is None:
        raise RowError(f"“{label[:60]}” doesn’t name a {framework} version")
    return match[1].lower()


def parse_python(text: str) -> str:
    """Return the Python version in a label or family name as `3.10`, or an empty string if it has none."""
    match = _PYTHON.search(text)
    return (match[1] or image_names.format_python(match[2])) if match else ""


def parse_os(text: str) -> str:
    """Return the operating system in a label or family name as `Ubuntu 24.04`, or an empty string if it has none."""
    match = _OS.search(text)
    return image_names.format_os(f"{match[1].lower()}-{match[2].replace('.', '')}") if match else ""


def _find_first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
