"""What image families are built of beside their framework version, and what was replaced by what."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from msgspec import Struct

from storage.facts import ImageFamily

RowIndex = dict[tuple[str, str], ImageFamily]
"""Rows by product and family."""


class Dependency(StrEnum):
    """What an image family is built of beside its framework version; replacing it may break what runs on it."""

    PYTHON = "python"
    OS = "os"
    DRIVER = "driver"
    CUDA = "cuda"
    PATCH_VERSION = "patch_version"


class DependencyReplaced(Struct, frozen=True):
    """A dependency that rows of a version now have another one of."""

    product: str
    version: str
    dependency: Dependency
    before: str
    after: str
    families: tuple[str, ...]
    replaced_families: tuple[str, ...] = ()
    """The rows these came for, where the dependency is part of the name: they neither arrived nor vanished."""


def match_replacement_rows(old: RowIndex, new: RowIndex, vanished: Collection[str]) -> RowIndex:
    """New rows with the gone row of the same version that each came for: the one that differs least, if one does."""
    found: RowIndex = {}
    left = {key: row for key, row in old.items() if row.family in vanished and key not in new}
    for key, row in new.items():
        if key in old:
            continue
        apart = {
            other: _count_differences(was, row)
            for other, was in left.items()
            if _is_comparable(was, row) and _count_differences(was, row)
        }
        nearest = [other for other, distance in apart.items() if distance == min(apart.values())]
        if len(nearest) == 1:
            found[key] = left.pop(nearest[0])
    return found


def _is_comparable(one: ImageFamily, other: ImageFamily) -> bool:
    """Rows of one version, both for GPUs or both not."""
    same = (one.product, one.version) == (other.product, other.version)
    return same and bool(one.cuda) == bool(other.cuda)


def _count_differences(one: ImageFamily, other: ImageFamily) -> int:
    return sum(bool(_compare(dependency, one, other)) for dependency in Dependency)


def find_replaced(old: RowIndex, new: RowIndex, predecessors: RowIndex) -> Iterable[DependencyReplaced]:
    """Every dependency that rows have another one of: in the same row, or in the row that came for it."""
    found: dict[tuple[str, str, Dependency, str, str], list[tuple[str, str]]] = {}
    for key, row in new.items():
        was = predecessors.get(key) or old.get(key)
        for dependency in Dependency if was else ():
            if was and (change := _compare(dependency, was, row)):
                found.setdefault((row.product, row.version, dependency, *change), []).append((row.family, was.family))
    for (product, version, dependency, before, after), rows in found.items():
        names = tuple(family for family, _ in rows)
        instead_of = tuple(was for family, was in rows if was != family)
        yield DependencyReplaced(product, version, dependency, before, after, names, instead_of)


def get_printed_value(name: str, row: ImageFamily) -> str:
    """What a row prints of a dependency that is named; empty where it prints nothing, or there is none of that name."""
    dependency = next((each for each in Dependency if each.value == name), None)
    return _get_value(dependency, row) if dependency is not None else ""


def list_dependencies(rows: Iterable[ImageFamily]) -> Iterable[tuple[str, str]]:
    """What the rows together are built of: each dependency they print, with its values in the rows' order."""
    found = list(rows)
    for dependency in Dependency:
        values = dict.fromkeys(value for row in found if (value := _get_value(dependency, row)))
        if values:
            yield dependency.value, " or ".join(values)


def _compare(dependency: Dependency, before: ImageFamily, after: ImageFamily) -> tuple[str, str] | None:
    """What was and what is, where both are printed and differ."""
    was, now = _get_value(dependency, before), _get_value(dependency, after)
    return (was, now) if was and now and was != now else None


def _get_value(dependency: Dependency, row: ImageFamily) -> str:
    """What the row has of a dependency; Base rows print their CUDA, or nothing, where others print a patch version."""
    value = str(getattr(row, dependency))
    return value if dependency is not Dependency.PATCH_VERSION or value[:1].isdigit() else ""
