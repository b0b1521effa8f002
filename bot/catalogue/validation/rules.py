"""What can be wrong with a row, each as a sentence; empty where nothing is. They flag, and never repair."""

import re
from datetime import date

from dateutil.relativedelta import relativedelta

from bot.catalogue.page.description import DateGap
from bot.catalogue.page.rows import parse_os, parse_python
from bot.policy import versions
from bot.policy.durations import format_date
from bot.policy.names import image_names
from storage.facts import ImageFamily

MAX_MOVE_DAYS = 400
"""Days; what moves further waits for a person."""

_FAMILY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_PARTS = re.compile(
    r"(?:-(?:cu\d{3}|cpu|gpu|ubuntu-\d{4}|debian-\d{2}|nvidia-\d{3}|py3\d{1,2}|notebooks|conda|gvnic|experimental))*"
)
_NAMES_ACCELERATOR = re.compile(r"cpu|gpu|cuda|tpu", re.IGNORECASE)
_PATCH = re.compile(r"\d+\.\d+(?:\.\d+)*\S*")
_CUDA = re.compile(r"CUDA (\d{1,2}\.\d)", re.IGNORECASE)


def check_family_name(row: ImageFamily) -> str:
    """The family's name does not begin with the version of the label."""
    if not _FAMILY.fullmatch(row.family):
        return f"“{row.family_as_printed[:80]}” is not the name of an image family"
    beginning = versions.get_family_prefix(row.version)
    if row.family == beginning or row.family.startswith(f"{beginning}-"):
        return ""
    return f"the label says {versions.format_title(row.version)}, the family is {row.family}"


def check_family_parts(row: ImageFamily) -> str:
    """The family's name has a part that names have not had so far: new, or mangled."""
    rest = row.family.removeprefix(versions.get_family_prefix(row.version))
    return "" if _PARTS.fullmatch(rest) else f"“{rest.strip('-')[:80]}” is not what names of image families end in"


def check_label(row: ImageFamily) -> str:
    """Label and family name different Pythons or operating systems."""
    for read in (parse_python, parse_os):
        said, named = read(row.label), read(row.family)
        if said and named and said != named:
            return f"the label says {said}, the family {named}"
    return ""


def check_accelerator(row: ImageFamily) -> str:
    """The accelerator column is no accelerator, or another one than the family's name has."""
    if not _NAMES_ACCELERATOR.search(row.accelerator):
        return f"“{row.accelerator[:80]}” is not an accelerator"
    parts = row.family.split("-")
    named = next((part for part in parts if image_names.parse_cuda(part)), "")
    if "cpu" in parts and row.cuda:
        return f"the accelerator column says CUDA {row.cuda}, the family cpu"
    if named and not row.cuda:
        return f"the accelerator column says {row.accelerator}, the family {named}"
    if named and image_names.parse_cuda(named) != row.cuda:
        return f"the accelerator column says CUDA {row.cuda}, the family {named}"
    return ""


def check_patch_version(row: ImageFamily) -> str:
    """The patch version is one of another version."""
    if not row.patch_version or row.patch_version.lower().startswith("not applicable"):
        return ""
    if row.framework == "base":
        found = _CUDA.match(row.patch_version)
        fits = found is not None and found[1] == image_names.parse_cuda(row.number)
        return "" if fits else f"the patch column says {row.patch_version[:80]}, the label {row.number}"
    if not _PATCH.fullmatch(row.patch_version):
        return f"“{row.patch_version[:80]}” is not a patch version"
    if row.patch_version == row.number or row.patch_version.startswith(f"{row.number}."):
        return ""
    return f"{row.patch_version} is not a patch version of {row.number}"


def check_date_order(row: ImageFamily) -> str:
    """The end of availability comes before the end of patches."""
    patch, availability = row.end_of_patch_and_support, row.end_of_availability
    if patch.day is None or availability.day is None or patch.day <= availability.day:
        return ""
    return f"the end of availability, {availability.printed}, comes before the end of patches, {patch.printed}"


def check_date_gap(row: ImageFamily, gap: DateGap) -> str:
    """The two dates are neither one day nor a calendar year (365 or 366 days) apart, where a product keeps to that."""
    patch, availability = row.end_of_patch_and_support.day, row.end_of_availability.day
    if gap is DateGap.ANY or patch is None or availability is None or patch > availability:
        return ""
    if availability in {patch, patch + relativedelta(years=1)}:
        return ""
    return f"the dates are {(availability - patch).days} days apart, neither none nor a calendar year"


def check_date_move(before: date, after: date, today: date) -> str:
    """The date moved very far, or to a day that is over."""
    days = (after - before).days
    if abs(days) > MAX_MOVE_DAYS:
        return f"the date moved by {abs(days)} days, more than {MAX_MOVE_DAYS}"
    if after < today:
        return f"the date moved from {format_date(before)} to {format_date(after)}, which is over"
    return ""
