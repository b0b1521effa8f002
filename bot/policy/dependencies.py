"""Dependencies of image families beside the framework version, and which of them were replaced."""

from collections.abc import Collection, Iterable

from storage.facts import Dependency, DependencyReplaced, ImageFamily

RowIndex = dict[tuple[str, str], ImageFamily]
"""Rows by product and family."""


def match_replacement_rows(old: RowIndex, new: RowIndex, vanished: Collection[str]) -> RowIndex:
    """Return the vanished row that each new row replaces, by the new row's key.

    Rows match if they are of one version and one of them differs least in its dependencies. A new row without a
    single best match is left out.
    """
    matches: RowIndex = {}
    candidates = {key: row for key, row in old.items() if row.family in vanished and key not in new}
    for key, row in new.items():
        if key in old:
            continue
        distances = {
            other: distance
            for other, vanished_row in candidates.items()
            if _is_comparable(vanished_row, row) and (distance := _count_differences(vanished_row, row))
        }
        nearest = [other for other, distance in distances.items() if distance == min(distances.values())]
        if len(nearest) == 1:
            matches[key] = candidates.pop(nearest[0])
    return matches


def _is_comparable(first: ImageFamily, second: ImageFamily) -> bool:
    """Return True if the rows are of one version and both or neither of them are for GPUs."""
    is_same_version = (first.product, first.version) == (second.product, second.version)
    return is_same_version and bool(first.cuda) == bool(second.cuda)


def _count_differences(before: ImageFamily, after: ImageFamily) -> int:
    return sum(bool(_compare(dependency, before, after)) for dependency in Dependency)


def find_replaced(old: RowIndex, new: RowIndex, predecessors: RowIndex) -> Iterable[DependencyReplaced]:
    """Yield every dependency that changed, compared with a row's predecessor or its own last values."""
    families: dict[tuple[str, str, Dependency, str, str], list[tuple[str, str]]] = {}
    for key, row in new.items():
        old_row = predecessors.get(key) or old.get(key)
        if old_row is None:
            continue
        for dependency in Dependency:
            if change := _compare(dependency, old_row, row):
                replacement = (row.product, row.version, dependency, *change)
                families.setdefault(replacement, []).append((row.family, old_row.family))
    for (product, version, dependency, before, after), pairs in families.items():
        new_families = tuple(family for family, _ in pairs)
        replaced_families = tuple(old_family for family, old_family in pairs if old_family != family)
        yield DependencyReplaced(product, version, dependency, before, after, new_families, replaced_families)


def get_value(dependency: Dependency, row: ImageFamily) -> str:
    """Return the printed value, empty if there is none.

    Base rows print their CUDA or nothing in the patch version column; that isn't a patch version.
    """
    value = str(getattr(row, dependency))
    return value if dependency is not Dependency.PATCH_VERSION or value[:1].isdigit() else ""


def list_dependencies(rows: Iterable[ImageFamily]) -> Iterable[tuple[Dependency, str]]:
    """Yield each dependency that the rows print, with its distinct values in row order: `3.10 or 3.12`."""
    rows = list(rows)
    for dependency in Dependency:
        values = dict.fromkeys(value for row in rows if (value := get_value(dependency, row)))
        if values:
            yield dependency, " or ".join(values)


def _compare(dependency: Dependency, before: ImageFamily, after: ImageFamily) -> tuple[str, str] | None:
    """Return the old and the new value, or None unless both are printed and differ."""
    old, new = get_value(dependency, before), get_value(dependency, after)
    return (old, new) if old and new and old != new else None
