"""Ordering, filtering and titles of versions, and their successors."""

from datetime import date

import pytest

from bot.catalogue import seed
from bot.policy import successors, versions
from bot.policy.names.parser import RowFilter
from storage.facts import FrameworkVersion

ALL = versions.group_by_version(seed.load().families)


def get_version(name: str) -> FrameworkVersion:
    version = versions.find(name, ALL)
    assert version is not None
    return version


def test_versions_sort_numerically() -> None:
    assert sorted(["2.10", "2.9", "2.1", "1.13"], key=versions.get_sort_key) == ["1.13", "2.1", "2.9", "2.10"]
    assert sorted(["cu129", "cpu", "cu113"], key=versions.get_sort_key) == ["cpu", "cu113", "cu129"]


@pytest.mark.parametrize(
    ("name", "row_filter", "families"),
    [
        ("tensorflow-2.17", RowFilter(accelerator="cpu"), ["tf-2-17-cpu-py310"]),
        ("tensorflow-2.17", RowFilter(accelerator="gpu"), ["tf-2-17-cu123-py310"]),
        ("tensorflow-2.17", RowFilter(cuda="12.3"), ["tf-2-17-cu123-py310"]),
        ("tensorflow-2.17", RowFilter(cuda="9.9"), ["tf-2-17-cpu-py310", "tf-2-17-cu123-py310"]),
        ("pytorch-2.9", RowFilter(os="Ubuntu 22.04"), ["pytorch-2-9-cu129-ubuntu-2204-nvidia-580"]),
    ],
)
def test_row_filter_leaves_matching_rows_or_all_rows(name: str, row_filter: RowFilter, families: list[str]) -> None:
    assert [row.family for row in versions.filter_rows(get_version(name), row_filter)] == families


@pytest.mark.parametrize(
    ("name", "title", "prefix"),
    [
        ("pytorch-2.3", "PyTorch 2.3", "pytorch-2-3"),
        ("tensorflow-2.17", "TensorFlow 2.17", "tf-2-17"),
        ("base-cu124", "Base cu124", "common-cu124"),
        ("base-cpu", "Base CPU", "common-cpu"),
    ],
)
def test_version_has_a_title_and_a_family_prefix(name: str, title: str, prefix: str) -> None:
    assert versions.format_title(name) == title
    assert versions.get_family_prefix(name) == prefix


def test_targets_have_titles_and_cover_versions() -> None:
    assert versions.format_target("all") == "every framework version"
    assert versions.format_target("pytorch") == "every PyTorch version"
    assert versions.format_target("pytorch-2.3") == "PyTorch 2.3"
    assert [
        versions.covers(t, get_version("pytorch-2.3")) for t in ("all", "pytorch", "pytorch-2.3", "pytorch-2.30")
    ] == [
        True,
        True,
        True,
        False,
    ]


TODAY = date(2026, 11, 23)


def test_successor_is_the_newest_supported_version() -> None:
    advice = successors.advise(TODAY, get_version("pytorch-2.3"), ALL)
    assert advice.successor is not None
    assert advice.successor.version.name == "pytorch-2.9"
    assert [(d.name, d.before, d.after) for d in advice.successor.differences] == [
        ("CUDA", "12.1", "12.9"),
        ("Python", "3.10", "3.12"),
    ]


def test_successor_that_ends_soon_is_advised_only_without_others() -> None:
    advice = successors.advise(date(2026, 1, 20), get_version("pytorch-2.4"), ALL)
    assert advice.successor is not None
    assert advice.successor.version.name == "pytorch-2.9"
    others = [v for v in ALL if v.name != "pytorch-2.9"]
    fallback = successors.advise(date(2026, 1, 20), get_version("pytorch-2.4"), others)
    assert fallback.successor is not None
    assert fallback.successor.version.name == "pytorch-2.7"


@pytest.mark.parametrize("name", ["tensorflow-2.17", "tensorflow-2.3"])
def test_version_without_a_successor_gets_alternatives(name: str) -> None:
    advice = successors.advise(TODAY, get_version(name), ALL)
    assert (advice.successor, advice.is_newest) == (None, False)
    assert [v.name for v in advice.other_frameworks] == ["pytorch-2.9"]
    assert advice.base is not None
    assert advice.base.name == "base-cu129"


def test_cpu_version_has_no_gpu_successor() -> None:
    advice = successors.advise(TODAY, get_version("base-cpu"), ALL)
    assert advice.successor is None
    assert advice.base is not None
    assert advice.base.name == "base-cu129"


def test_newest_version_needs_no_successor() -> None:
    advice = successors.advise(TODAY, get_version("pytorch-2.9"), ALL)
    assert (advice.successor, advice.is_newest, advice.other_frameworks) == (None, True, ())


def test_advice_is_empty_if_no_version_is_supported() -> None:
    advice = successors.advise(date(2030, 1, 1), get_version("pytorch-2.9"), ALL)
    assert advice == successors.Advice(None, is_newest=False, other_frameworks=(), base=None)
