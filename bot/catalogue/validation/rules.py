"""Validation rules for rows. Each check returns a sentence if something is wrong, otherwise an empty string."""

import re
from collections.abc import Callable, Iterator
from datetime import date

from dateutil.relativedelta import relativedelta

from bot.catalogue.page.rows import parse_os, parse_python
from bot.policy import versions
from bot.policy.durations import format_date
from bot.policy.names import image_names
from storage.facts import ImageFamily

MAX_MOVE_DAYS = 400
"""Days a date can move without a review."""

REPEATED_FAMILY = "the table lists this family twice"

_FAMILY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_PARTS = re.compile(
    r"(?:-(?:cu\d{3}|cpu|gpu|ubuntu-\d{4}|debian-\d{2}|nvidia-\d{3}|py3\d{1,2}|notebooks|conda|gvnic|experimental))*"
)
_ACCELERATOR = re.compile(r"cpu|gpu|cuda|tpu", re.IGNORECASE)
_PATCH = re.compile(r"\d+\.\d+(?:\.\d+)*\S*")
_CUDA = re.compile(r"CUDA (\d{1,2}\.\d)", re.IGNORECASE)


def check_family_name(row: ImageFamily) -> str:
    """Check that the family name begins with the version in the label."""
    if not _FAMILY.fullmatch(row.family):
        return f"“{row.family_as_printed[:80]}” isn’t an image family name"
    prefix = versions.get_family_prefix(row.version)
    if row.family == prefix or row.family.startswith(f"{prefix}-"):
        return ""
    return f"the label says {versions.format_title(row.version)}, the family is {row.family}"


def check_family_parts(row: ImageFamily) -> str:
    """Check that every part of the family name is known. An unknown part can be new, or a typing error."""
    rest = row.family.removeprefix(versions.get_family_prefix(row.version))
    return "" if _PARTS.fullmatch(rest) else f"“{rest.strip('-')[:80]}” isn’t a known ending of family names"


def check_label(row: ImageFamily) -> str:
    """Check that label and family name agree on Python and the operating system."""
    for parse in (parse_python, parse_os):
        in_label, in_family = parse(row.label), parse(row.family)
        if in_label and in_family and in_label != in_family:
            return f"the label says {in_label}, the family {in_family}"
    return ""


def check_accelerator(row: ImageFamily) -> str:
    """Check that the accelerator column has an accelerator, and that the family name agrees."""
    if not _ACCELERATOR.search(row.accelerator):
        return f"“{row.accelerator[:80]}” isn’t an accelerator"
    parts = row.family.split("-")
    cuda_part = next((part for part in parts if image_names.parse_cuda(part)), "")
    if "cpu" in parts and row.cuda:
        return f"the accelerator column says CUDA {row.cuda}, the family cpu"
    if cuda_part and image_names.parse_cuda(cuda_part) != row.cuda:
        printed = f"CUDA {row.cuda}" if row.cuda else row.accelerator
        return f"the accelerator column says {printed}, the family {cuda_part}"
    return ""


def check_patch_version(row: ImageFamily) -> str:
    """Check that the patch version belongs to the framework version."""
    if not row.patch_version or row.patch_version.lower().startswith("not applicable"):
        return ""
    if row.framework == "base":
        match = _CUDA.match(row.patch_version)
        agrees = match is not None and match[1] == image_names.parse_cuda(row.number)
        return "" if agrees else f"the patch column says {row.patch_version[:80]}, the label {row.number}"
    if not _PATCH.fullmatch(row.patch_version):
        return f"“{row.patch_version[:80]}” isn’t a patch version"
    if row.patch_version == row.number or row.patch_version.startswith(f"{row.number}."):
        return ""
    return f"{row.patch_version} isn’t a patch version of {row.number}"


def check_cells(row: ImageFamily) -> Iterator[tuple[str, str]]:
    """Yield (field, reason) for each cell of the row, other than its dates, that is wrong."""
    return ((field, reason) for field, check in _CELL_CHECKS.items() if (reason := check(row)))


_CELL_CHECKS: dict[str, Callable[[ImageFamily], str]] = {
    "label": check_label,
    "accelerator": check_accelerator,
    "patch_version": check_patch_version,
}


def check_date_order(row: ImageFamily) -> str:
    """Check that the end of availability isn't before the end of patches."""
    patch, availability = row.end_of_patch_and_support, row.end_of_availability
    if patch.day is None or availability.day is None or patch.day <= availability.day:
        return ""
    return f"the end of availability, {availability.printed}, comes before the end of patches, {patch.printed}"


def check_date_gap(row: ImageFamily) -> str:
    """Check that the dates are on one day or a calendar year (365 or 366 days) apart."""
    patch, availability = row.end_of_patch_and_support.day, row.end_of_availability.day
    if patch is None or availability is None or patch > availability:
        return ""
    if availability in {patch, patch + relativedelta(years=1)}:
        return ""
    return f"the dates are {(availability - patch).days} days apart instead of zero or a calendar year"


def check_date_move(before: date, after: date, today: date) -> str:
    """Check that the date moved by at most `MAX_MOVE_DAYS`, and not into the past."""
    days = (after - before).days
    if abs(days) > MAX_MOVE_DAYS:
        return f"the date moved by {abs(days)} days, more than {MAX_MOVE_DAYS}"
    if after < today:
        return f"the date moved from {format_date(before)} to {format_date(after)}, which has passed"
    return ""
