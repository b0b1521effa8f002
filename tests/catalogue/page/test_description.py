"""Pages of related products, parsed by descriptions alone."""

import html
from collections.abc import Iterable
from datetime import date
from itertools import groupby

import pytest
from msgspec.structs import replace

from bot.catalogue import related_products
from bot.catalogue.page import parser
from bot.catalogue.page.date_cells import DateFormat
from bot.catalogue.page.description import Column, PageDescription
from bot.catalogue.page.parser import PageError
from tests.catalogue.test_related_products import BUNDLED

DAY = date(2026, 9, 1)
CONTAINERS = PageDescription(
    product="dlc",
    address="https://docs.cloud.google.com/deep-learning-containers/docs/choosing-container",
    sections=("Base versions", "PyTorch versions", "TensorFlow versions"),
    columns=(
        Column("label", ("framework version",)),
        Column("patch_version", ("current patch version",), is_required=False),
        Column("accelerator", ("accelerator",)),
        Column("end_of_patch", ("end of patch and support date",)),
        Column("end_of_availability", ("end of availability date",)),
        Column("image_family", ("container image path",)),
    ),
    formats=frozenset({DateFormat.AMERICAN}),
)
AMAZON = PageDescription(
    product="aws-dlc",
    address="https://aws.github.io/deep-learning-containers/reference/support_policy",
    sections=("PyTorch", "TensorFlow"),
    columns=(
        Column("label", ("version",)),
        Column("accelerator", ("platform",), is_required=False),
        Column("end_of_patch", ("end of patch",)),
    ),
    formats=frozenset({DateFormat.ISO}),
)
CHINESE = PageDescription(
    product="vertex-train",
    address="https://cloud.google.com/vertex-ai/docs/supported-frameworks-list?hl=zh-cn",
    sections=("TensorFlow 版本",),
    columns=(
        Column("label", ("机器学习框架版本",)),
        Column("accelerator", ("支持的加速器",)),
        Column("end_of_patch", ("补丁和支持终止日期",)),
        Column("end_of_availability", ("可用性终止日期",)),
        Column("image_family", ("容器映像",)),
    ),
    formats=frozenset({DateFormat.CHINESE}),
    language="zh",
    updated_pattern=r"最后更新时间.{0,12}(\d{4}-\d{2}-\d{2})",
)


def write_page(
    rows: Iterable[related_products.RelatedRow], heads: dict[str, str], suffix: str, language: str, footer: str
) -> str:
    """Write a page with a table below each framework's heading, and columns in the order of `heads`."""

    def write_table(rows: Iterable[related_products.RelatedRow]) -> str:
        head = "".join(f"<th>{name}</th>" for name in heads)
        body = [
            "<tr>" + "".join(f"<td>{html.escape(getattr(row, field))}</td>" for field in heads.values()) + "</tr>"
            for row in rows
        ]
        return f"<table><tr>{head}</tr>{''.join(body)}</table>"

    tables = "".join(
        f"<h2>{name}{suffix}</h2>{write_table(group)}" for name, group in groupby(rows, key=lambda row: row.framework)
    )
    return f'<!doctype html><html lang="{language}"><body><h1>Policy</h1>{tables}<p>{footer}</p></body></html>'


def select_rows(
    product: str, *, edition: str = "", frameworks: Iterable[str] = ("Base", "PyTorch", "TensorFlow")
) -> list[related_products.RelatedRow]:
    return [row for row in BUNDLED if (row.product, row.edition) == (product, edition) and row.framework in frameworks]


def test_containers_page_is_parsed_by_its_own_headings() -> None:
    rows = select_rows("dlc")
    heads = {"Container image path": "image", "Framework Version": "label", "Current patch version": "patch_version",
             "Accelerator": "accelerator", "End of availability date": "end_of_availability",
             "End of patch and support date": "end_of_patch"}  # fmt: skip
    text = write_page(rows, heads, " versions", "en", "Last updated 2026-04-10 UTC.")
    assert list(related_products.list_page_rows(parser.parse_page(text, CONTAINERS), CONTAINERS, DAY)) == rows
    assert len(rows) == 48


def test_amazon_page_is_parsed_without_availability_or_images() -> None:
    rows = select_rows("aws-dlc", edition="no date printed", frameworks=["PyTorch", "TensorFlow"])
    heads = {"Version": "label", "Platform": "accelerator", "GA": "start", "End of Patch": "end_of_patch"}
    page_rows = related_products.list_page_rows(
        parser.parse_page(write_page(rows, heads, "", "en", ""), AMAZON), AMAZON, DAY
    )
    facts = related_products.parse_rows(page_rows)
    assert {row.version for row in facts} == {row.version for row in map(related_products.parse_row, rows)}
    assert all(row.end_of_patch_and_support.day for row in facts)
    assert {row.end_of_availability.printed for row in facts} == {"not published"}
    assert {(row.as_of, more.is_as_of_approximate) for row, more in facts.items()} == {(DAY, True)}


def test_chinese_page_is_parsed_with_a_chinese_description() -> None:
    rows = select_rows("vertex-train", edition="zh-CN")
    heads = {"机器学习框架版本": "label", "支持的加速器": "accelerator", "补丁和支持终止日期": "end_of_patch",
             "可用性终止日期": "end_of_availability", "容器映像": "image"}  # fmt: skip
    text = write_page(rows, heads, " 版本", "zh-CN", "最后更新时间 (UTC)：2024-01-01。")
    page = parser.parse_page(text, CHINESE)
    assert page.last_updated == date(2024, 1, 1)
    assert [replace(row, edition="zh-CN") for row in related_products.list_page_rows(page, CHINESE, DAY)] == [
        replace(row, patch_version="") for row in rows
    ]
    assert all(related_products.parse_row(row).end_of_patch_and_support.day for row in rows)
    with pytest.raises(PageError, match="isn’t in “zh”"):
        parser.parse_page(text.replace('lang="zh-CN"', 'lang="en"'), CHINESE)
