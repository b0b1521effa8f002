"""Framework versions of the catalogue: grouping, ordering, lookup, and display names."""

import re
from collections.abc import Iterable, Sequence

from bot.policy.names.parsed_names import RowFilter
from bot.policy.products import add_prefix, split_prefix
from storage.facts import ALL, DLVM, FrameworkVersion, ImageFamily

_TITLES = {
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "base": "Base",
    "base-devel": "Base devel",
    "base-runtime": "Base runtime",
    "model-garden-vllm": "Model Garden vLLM with PyTorch",
    "optimized-tensorflow": "Optimized TensorFlow runtime",
    "os": "Operating system",
    "python": "Python",
    "whisperx": "WhisperX",
    "workbench": "Workbench",
    "xgboost": "XGBoost",
}
_FAMILY_FRAMEWORKS = {"tensorflow": "tf", "base": "common"}
_DIGITS = re.compile(r"\d+")


def group_by_version(families: Iterable[ImageFamily]) -> tuple[FrameworkVersion, ...]:
    """Group image families into framework versions, in order of first appearance."""
    rows: dict[tuple[str, str, str], list[ImageFamily]] = {}
    for family in families:
        rows.setdefault((family.product, family.framework, family.number), []).append(family)
    return tuple(FrameworkVersion(*key, families=tuple(version_rows)) for key, version_rows in rows.items())


def get_sort_key(number: str) -> tuple[int, ...]:
    """Return a key that sorts versions numerically: 2.10 after 2.9, cu129 after cu113, cpu first."""
    return tuple(int(part) for part in _DIGITS.findall(number))


def find(name: str, versions: Iterable[FrameworkVersion]) -> FrameworkVersion | None:
    """Return the version with that canonical name, or None."""
    return next((version for version in versions if version.name == name), None)


def filter_rows(version: FrameworkVersion, row_filter: RowFilter) -> tuple[ImageFamily, ...]:
    """Return the rows that match the filter, or all rows if none does."""
    return tuple(row for row in version.families if _matches(row, row_filter)) or version.families


def _matches(row: ImageFamily, row_filter: RowFilter) -> bool:
    requested_and_printed = (
        (row_filter.python, row.python),
        (row_filter.os, row.os),
        (row_filter.cuda, row.cuda),
        (row_filter.driver, row.driver),
    )
    if any(requested and printed and requested != printed for requested, printed in requested_and_printed):
        return False
    is_gpu = bool(row.cuda) or "gpu" in row.accelerator.lower()
    if row_filter.cuda and not is_gpu:
        return False
    return not row_filter.accelerator or (row_filter.accelerator == "gpu") == is_gpu


def find_neighbours(framework: str, number: str, versions: Sequence[FrameworkVersion]) -> tuple[FrameworkVersion, ...]:
    """Return the nearest lower and the nearest higher version of a framework, as far as they exist."""
    key = get_sort_key(number)
    candidates = sorted((v for v in versions if v.framework == framework), key=lambda v: get_sort_key(v.number))
    lower = [v for v in candidates if get_sort_key(v.number) < key]
    higher = [v for v in candidates if get_sort_key(v.number) > key]
    return (*lower[-1:], *higher[:1])


def list_with_number(number: str, versions: Iterable[FrameworkVersion]) -> tuple[FrameworkVersion, ...]:
    """Return the versions of all frameworks that have this number."""
    return tuple(version for version in versions if version.number == number)


def covers(target: str, version: FrameworkVersion) -> bool:
    """Return True if a subscription to the target includes the version."""
    return target in {ALL, version.framework, version.name}


def format_framework(framework: str) -> str:
    """Format a framework's name for people: `PyTorch`."""
    return _TITLES.get(framework, framework)


def format_title(name: str) -> str:
    """Format a version's name for people: `PyTorch 2.3`, `Base cu124`, `Base CPU`."""
    framework, hyphen, number = split_prefix(name)[1].rpartition("-")  # a framework can have hyphens, a number can't
    if not hyphen:
        return format_framework(number)
    return f"{format_framework(framework)} {'CPU' if number == 'cpu' else number}"


def format_full_name(version: FrameworkVersion) -> str:
    """Format a version's name with its product's prefix: `dlc:pytorch-2.4`, `workbench:26.03`."""
    return add_prefix(version.product, version.number if version.framework == version.product else version.name)


def format_image(row: ImageFamily) -> str:
    """Format a row's image family, or on related products its image as printed."""
    return row.family if row.product == DLVM else row.family_as_printed


def get_family_prefix(name: str) -> str:
    """Return the prefix of all image families of a version: `pytorch-2-4`, `common-cu124`."""
    framework, _, number = name.partition("-")
    return f"{_FAMILY_FRAMEWORKS.get(framework, framework)}-{number.replace('.', '-')}"


def format_target(target: str) -> str:
    """Format a subscription target for people: `every PyTorch version`, `PyTorch 2.3`."""
    if target == ALL:
        return "every framework version"
    return format_title(target) if "-" in target else f"every {format_framework(target)} version"
