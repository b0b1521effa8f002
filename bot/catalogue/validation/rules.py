"""What can be wrong with a row, each as a sentence; empty where nothing is. They flag, and never repair."""

import re
from datetime import date

from dateutil.relativedelta import relativedelta

from bot.catalogue.page.description import Gap
from bot.catalogue.page.rows import os_of, python_of
from bot.policy import versions
from bot.policy.durations import plain_date
from bot.policy.names import image_names
from storage.facts import ImageFamily

LONGEST_MOVE = 400
"""Days; what moves further waits for a person."""

_FAMILY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_PARTS = re.compile(
    r"(?:-(?:cu\d{3}|cpu|gpu|ubuntu-\d{4}|debian-\d{2}|nvidia-\d{3}|py3\d{1,2}|notebooks|conda|gvnic|experimental))*"
)
_NAMES_ACCELERATOR = re.compile(r"cpu|gpu|cuda|tpu", re.IGNORECASE)
_PATCH = re.compile(r"\d+\.\d+(?:\.\d+)*\S*")
_CUDA = re.compile(r"CUDA (\d{1,2}\.\d)", re.IGNORECASE)


def of_name(row: ImageFamily) -> str:
    """The family's name does not begin with the version of the label."""
    if not _FAMILY.fullmatch(row.family):
        return f"“{row.family_as_printed[:80]}” is not the name of an image family"
    beginning = versions.family_beginning(row.version)
    if row.family == beginning or row.family.startswith(f"{beginning}-"):
        return ""
    return f"the label says {versions.title(row.version)}, the family is {row.family}"


def of_parts(row: ImageFamily) -> str:
    """The family's name has a part that names have not had so far: new, or mangled."""
    rest = row.family.removeprefix(versions.family_beginning(row.version))
    return "" if _PARTS.fullmatch(rest) else f"“{rest.strip('-')[:80]}” is not what names of image families end in"


def of_label(row: ImageFamily) -> str:
    """Label and family name different Pythons or operating systems."""
    for read in (python_of, os_of):
        said, named = read(row.label), read(row.family)
        if said and named and said != named:
            return f"the label says {said}, the family {named}"
    return ""


def of_accelerator(row: ImageFamily) -> str:
    """The accelerator column is no accelerator, or another one than the family's name has."""
    if not _NAMES_ACCELERATOR.search(row.accelerator):
        return f"“{row.accelerator[:80]}” is not an accelerator"
    parts = row.family.split("-")
    named = next((part for part in parts if image_names.cuda_of(part)), "")
    if "cpu" in parts and row.cuda:
        return f"the accelerator column says CUDA {row.cuda}, the family cpu"
    if named and not row.cuda:
        return f"the accelerator column says {row.accelerator}, the family {named}"
    if named and image_names.cuda_of(named) != row.cuda:
        return f"the accelerator column says CUDA {row.cuda}, the family {named}"
    return ""


def of_patch_version(row: ImageFamily) -> str:
    """The patch version is one of another version."""
    if not row.patch_version or row.patch_version.lower().startswith("not applicable"):
        return ""
    if row.framework == "base":
        found = _CUDA.match(row.patch_version)
        fits = found is not None and found[1] == image_names.cuda_of(row.number)
        return "" if fits else f"the patch column says {row.patch_version[:80]}, the label {row.number}"
    if not _PATCH.fullmatch(row.patch_version):
        return f"“{row.patch_version[:80]}” is not a patch version"
    if row.patch_version == row.number or row.patch_version.startswith(f"{row.number}."):
        return ""
    return f"{row.patch_version} is not a patch version of {row.number}"


def of_order(row: ImageFamily) -> str:
    """The end of availability comes before the end of patches."""
    patch, availability = row.end_of_patch_and_support, row.end_of_availability
    if patch.day is None or availability.day is None or patch.day <= availability.day:
        return ""
    return f"the end of availability, {availability.printed}, comes before the end of patches, {patch.printed}"


def of_gap(row: ImageFamily, gap: Gap) -> str:
    """The two dates are neither one day nor a calendar year (365 or 366 days) apart, where a product keeps to that."""
    patch, availability = row.end_of_patch_and_support.day, row.end_of_availability.day
    if gap is Gap.ANY or patch is None or availability is None or patch > availability:
        return ""
    if availability in {patch, patch + relativedelta(years=1)}:
        return ""
    return f"the dates are {(availability - patch).days} days apart, neither none nor a calendar year"


def of_move(before: date, after: date, today: date) -> str:
    """The date moved very far, or to a day that is over."""
    days = (after - before).days
    if abs(days) > LONGEST_MOVE:
        return f"the date moved by {abs(days)} days, more than {LONGEST_MOVE}"
    if after < today:
        return f"the date moved from {plain_date(before)} to {plain_date(after)}, which is over"
    return ""
