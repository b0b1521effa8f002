"""Framework versions of the catalogue: grouped, compared as numbers, matched with what was asked for."""

import re
from collections.abc import Iterable, Sequence

from bot.policy.names.parsed_names import RowFilter
from bot.policy.products import add_prefix, split_prefix
from storage.facts import ALL, FrameworkVersion, ImageFamily

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
_IN_IMAGES = {"tensorflow": "tf", "base": "common"}
_DIGITS = re.compile(r"\d+")


def group_by_version(families: Iterable[ImageFamily]) -> tuple[FrameworkVersion, ...]:
    """Families as the framework versions they carry, in the order given."""
    rows: dict[tuple[str, str, str], list[ImageFamily]] = {}
    for family in families:
        rows.setdefault((family.product, family.framework, family.number), []).append(family)
    return tuple(FrameworkVersion(*key, families=tuple(found)) for key, found in rows.items())


def get_sort_key(number: str) -> tuple[int, ...]:
    """Sorts versions as numbers: 2.10 after 2.9, cu129 after cu113, cpu before all."""
    return tuple(int(part) for part in _DIGITS.findall(number))


def find(name: str, versions: Iterable[FrameworkVersion]) -> FrameworkVersion | None:
    """The version of a canonical name."""
    return next((version for version in versions if version.name == name), None)


def filter_rows(version: FrameworkVersion, row_filter: RowFilter) -> tuple[ImageFamily, ...]:
    """The rows that what else was said leaves; all of them where it leaves none."""
    left = tuple(row for row in version.families if _matches(row, row_filter))
    return left or version.families


def _matches(row: ImageFamily, row_filter: RowFilter) -> bool:
    asked_and_printed = (
        (row_filter.python, row.python),
        (row_filter.os, row.os),
        (row_filter.cuda, row.cuda),
        (row_filter.driver, row.driver),
    )
    if any(asked and printed and asked != printed for asked, printed in asked_and_printed):
        return False
    is_gpu = bool(row.cuda) or "gpu" in row.accelerator.lower()
    if row_filter.cuda and not is_gpu:
        return False
    return not row_filter.accelerator or (row_filter.accelerator == "gpu") == is_gpu


def find_neighbours(framework: str, number: str, versions: Sequence[FrameworkVersion]) -> tuple[FrameworkVersion, ...]:
    """The nearest version below and the nearest above one that is not listed."""
    wanted = get_sort_key(number)
    same = sorted((v for v in versions if v.framework == framework), key=lambda v: get_sort_key(v.number))
    below = [v for v in same if get_sort_key(v.number) < wanted]
    above = [v for v in same if get_sort_key(v.number) > wanted]
    return (*below[-1:], *above[:1])


def list_with_number(number: str, versions: Iterable[FrameworkVersion]) -> tuple[FrameworkVersion, ...]:
    """Every version of that number, whatever the framework."""
    return tuple(version for version in versions if version.number == number)


def covers(target: str, version: FrameworkVersion) -> bool:
    """Whether a subscription to the target is about the version."""
    return target in {ALL, version.framework, version.name}


def format_framework(framework: str) -> str:
    """`PyTorch`."""
    return _TITLES.get(framework, framework)


def format_title(name: str) -> str:
    """`PyTorch 2.3`, `Base cu124`, `Base CPU`; a number never has a hyphen, a framework may."""
    framework, hyphen, number = split_prefix(name)[1].rpartition("-")
    if not hyphen:
        return format_framework(number)
    return f"{format_framework(framework)} {'CPU' if number == 'cpu' else number}"


def format_full_name(version: FrameworkVersion) -> str:
    """The name that tells the version from the same one on another product: `dlc:pytorch-2.4`, `workbench:26.03`."""
    return add_prefix(version.product, version.number if version.framework == version.product else version.name)


def get_family_prefix(name: str) -> str:
    """How every image family of a version begins: `pytorch-2-4`, `common-cu124`."""
    framework, _, number = name.partition("-")
    return f"{_IN_IMAGES.get(framework, framework)}-{number.replace('.', '-')}"


def format_target(target: str) -> str:
    """What a target covers, in words."""
    if target == ALL:
        return "every framework version"
    return format_title(target) if "-" in target else f"every {format_framework(target)} version"
