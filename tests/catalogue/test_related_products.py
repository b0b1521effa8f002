"""The bundled rows of related products: their keys, cells, names and editions."""

import csv
from collections import Counter
from datetime import date
from importlib import resources

import pytest
from msgspec.structs import replace

from bot.catalogue import related_products, seed
from bot.catalogue.related_products import RelatedRow
from bot.policy import versions
from bot.policy.products import RELATED_PRODUCTS
from storage.facts import ImageFamily, PrintedDate

BUNDLED = tuple(
    RelatedRow(**cells)
    for cells in csv.DictReader(
        resources.files("bot.catalogue.seed").joinpath("related-products.csv").read_text("utf-8").splitlines()
    )
)
ROWS = tuple(seed.load_related_rows())


def list_rows(product: str, version: str) -> list[ImageFamily]:
    return [row for row in ROWS if (row.product, row.version) == (product, version)]


def list_patch_dates(product: str, version: str) -> set[date | None]:
    return {row.end_of_patch_and_support.day for row in list_rows(product, version)}


def test_280_rows_are_bundled_and_each_key_is_unique() -> None:
    assert len(BUNDLED) == 280
    assert Counter(row.product for row in ROWS) == {
        "vertex": 99, "aws-dlc": 54, "dlc": 49, "vertex-train": 34, "dlami": 15, "workbench": 6, "colab": 3,
    }  # fmt: skip
    assert len({(row.product, row.family) for row in ROWS}) == len(ROWS)
    assert {row.product for row in ROWS} == set(RELATED_PRODUCTS)


def test_every_date_cell_is_a_day_or_a_known_unknown() -> None:
    for row in map(related_products.parse_row, BUNDLED):
        for cell in (row.end_of_patch_and_support, row.end_of_availability):
            assert cell.problem == "", row
            assert cell.day or cell.printed in {"To be determined", "Not applicable", "not published"}, row


def test_dates_are_in_order() -> None:
    for row in ROWS:
        patch, availability = row.end_of_patch_and_support.day, row.end_of_availability.day
        assert patch is None or availability is None or patch <= availability, row


def test_versions_are_named_as_on_dlvm_and_have_no_hyphen() -> None:
    assert not [row.number for row in ROWS if "-" in row.number or " " in row.number or not row.number]
    own = {version.name for version in versions.group_by_version(seed.load().families)}
    shared = {row.version for row in ROWS} & own
    assert {"pytorch-2.4", "tensorflow-2.15", "base-cu124", "base-cu129"} <= shared


def test_version_ends_on_different_days_on_different_products() -> None:
    assert list_patch_dates("vertex", "pytorch-2.3") == {date(2026, 1, 14)}
    assert list_patch_dates("dlc", "pytorch-2.3") == {date(2025, 4, 24)}
    assert list_patch_dates("vertex", "optimized-tensorflow-2.15") == {date(2024, 8, 15)}
    assert list_patch_dates("dlc", "base-cu123") == {date(2025, 1, 1)}


def test_newest_of_several_editions_is_kept() -> None:
    assert list_patch_dates("vertex", "tensorflow-2.15") == {date(2026, 7, 14)}
    assert list_patch_dates("aws-dlc", "base-cu129") == {date(2026, 8, 18)}
    assert {row.accelerator for row in list_rows("vertex", "tensorflow-2.13")} == {"CPU only", "GPU (CUDA 12.x)"}
    only = next(row for row in list_rows("vertex-train", "tensorflow-2.12") if "cpu" in row.family)
    assert only.end_of_patch_and_support == PrintedDate("2024 年 6 月 30 日", date(2024, 6, 30))
    (older, newer) = BUNDLED[0], replace(BUNDLED[0], as_of="2026-09-01", end_of_patch="May 1, 2025")
    for rows in ([older, newer], [newer, older]):
        (row,) = related_products.parse_rows(rows)
        assert row.end_of_patch_and_support.day == date(2025, 5, 1)


def test_month_is_its_last_day_and_availability_can_be_missing() -> None:
    (row,) = list_rows("workbench", "workbench-26.03")
    assert row.end_of_patch_and_support == PrintedDate("March 2028", date(2028, 3, 31))
    assert row.end_of_availability == PrintedDate("not published")
    assert {row.end_of_availability.printed for row in ROWS if row.product in {"aws-dlc", "dlami"}} == {"not published"}
    assert {row.end_of_availability.printed for row in list_rows("colab", "python-3.12")} == {"To be determined"}
    assert {row.end_of_patch_and_support.printed for row in list_rows("vertex", "optimized-tensorflow-nightly")} == {
        "Not applicable"
    }


@pytest.mark.parametrize(
    ("product", "family", "expected"),
    [
        ("dlc", "deeplearning-platform-release/base-cu110.py310", ("base-cu110", "3.10", "Debian 11", "11.0")),
        ("vertex-train", "vertex-ai/training/pytorch-tpu.2-1.cp310:latest", ("pytorch-2.1", "3.8", "", "")),
        ("vertex", "pytorch-2.4-python-3.9-gpu-cuda-12.x", ("pytorch-2.4", "3.9", "", "")),
        ("colab", "python-3.10", ("python-3.10", "3.10", "", "")),
        ("workbench", "workbench-instances", ("workbench-legacy", "", "Debian 11", "11.8")),
        ("aws-dlc", "base-devel-13.0.2-gpu-py313-cu130-amzn2023-ec2",
         ("base-devel-cu130", "3.13", "Amazon Linux 2023", "13.0")),
        ("aws-dlc", "sagemaker-xgboost-3.0-5-cpu-sagemaker", ("xgboost-3.0", "", "", "")),
        ("dlami", "pytorch-2.9.0-cuda-13.0", ("pytorch-2.9", "", "", "13.0")),
        ("dlami", "os-ubuntu-22.04", ("os-ubuntu22.04", "", "Ubuntu 22.04", "")),
        ("dlc", "deeplearning-platform-release/vertex-model-garden/vllm-inference.cu121.0-5.ubuntu2204.py310",
         ("model-garden-vllm-2.4", "3.10", "Ubuntu 22.04", "12.1")),
    ],
)  # fmt: skip
def test_row_is_parsed_into_its_parts(product: str, family: str, expected: tuple[str, str, str, str]) -> None:
    row = next(row for row in ROWS if (row.product, row.family) == (product, family))
    assert (row.version, row.python, row.os, row.cuda) == expected
