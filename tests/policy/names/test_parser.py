"""Names that people use for versions."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.names import image_names, parser
from bot.policy.names.parser import (
    AllVersions,
    BareNumber,
    NamedVersion,
    OtherProduct,
    RelatedVersion,
    RollingFamily,
    RowFilter,
    UnknownName,
    WholeFramework,
    Wildcard,
)

REAL = list(csv.DictReader((Path(__file__).parents[2] / "data" / "image-names.csv").read_text().splitlines()))


@pytest.mark.parametrize("row", REAL, ids=lambda row: row["name"])
def test_every_real_name_is_parsed_into_its_parts(row: dict[str, str]) -> None:
    parts = image_names.parse(row["name"])
    if row["follows_grammar"] == "no":
        assert parts is None
        return
    assert parts is not None
    assert (parts.framework, parts.version, parts.accelerator) == (row["framework"], row["version"], row["accelerator"])
    assert (parts.os, parts.driver, parts.python) == (row["os"], row["driver"], row["python"])
    assert parts.version_date == row["version_date"]
    assert parts.version_date not in parts.family or not parts.version_date
    assert image_names.parse(parts.family) is not None


@pytest.mark.parametrize("row", [r for r in REAL if r["follows_grammar"] == "yes"], ids=lambda row: row["name"])
def test_every_real_name_is_parsed_equally_with_a_path(row: dict[str, str]) -> None:
    parsed = parser.parse_name(row["name"])
    assert not isinstance(parsed, UnknownName)
    for template in (
        "projects/deeplearning-platform-release/global/images/family/{}",
        "https://www.googleapis.com/compute/v1/projects/ml-images/global/images/{}",
        "deeplearning-platform-release/{}",
        "user@deeplearning-platform-release/{}",
        "--image-family={}",
        "--image-family {}",
        "`{}`",
        "<https://console.example/{0}|{0}>",
    ):
        with_path = parser.parse_name(template.format(row["name"]))
        assert type(with_path) is type(parsed), template
        if isinstance(parsed, NamedVersion):
            assert with_path == parsed, template


@pytest.mark.parametrize(
    ("text", "framework", "number"),
    [
        ("pytorch-2.3", "pytorch", "2.3"),
        ("pytorch 2.3", "pytorch", "2.3"),
        ("pytorch-2-3", "pytorch", "2.3"),
        ("PYTORCH_2_3", "pytorch", "2.3"),
        ("pytorch2.3", "pytorch", "2.3"),
        ("torch 2.3", "pytorch", "2.3"),
        ("Py Torch 2.3", "pytorch", "2.3"),
        ("tf-2.15", "tensorflow", "2.15"),
        ("tensorflow 2.15", "tensorflow", "2.15"),
        ("Tensor Flow 2.15", "tensorflow", "2.15"),
        ("cu124", "base", "cu124"),
        ("cuda 12.4", "base", "cu124"),
        ("CUDA12.4", "base", "cu124"),
        ("cuda-12-4", "base", "cu124"),
        ("base cu124", "base", "cu124"),
        ("base 12.4", "base", "cu124"),
        ("base cuda 12.4", "base", "cu124"),
        ("common-cu124", "base", "cu124"),
        ("base-cpu", "base", "cpu"),
        ("common cpu", "base", "cpu"),
        ("pytorch 2.3.0", "pytorch", "2.3"),
        ("pytorch 2.7.1", "pytorch", "2.7"),
        ("torch==2.3.0", "pytorch", "2.3"),
        ("pytorch 2.3.0+cu121", "pytorch", "2.3"),
        ("pytorch 2.10", "pytorch", "2.10"),
        ("“pytorch 2.7”?", "pytorch", "2.7"),
        ("`pytorch-2.7`,", "pytorch", "2.7"),
        ("ｐｙｔｏｒｃｈ 2.7", "pytorch", "2.7"),
        ("pytorch-2-4-VERSION_DATE-py310", "pytorch", "2.4"),
        ("pytorch- VERSION_DATE 2.4", "pytorch", "2.4"),
    ],
)
def test_version_has_many_spellings(text: str, framework: str, number: str) -> None:
    parsed = parser.parse_name(text)
    assert isinstance(parsed, NamedVersion)
    assert (parsed.framework, parsed.number) == (framework, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.9", BareNumber("2.9")),
        ("v2.3.1", BareNumber("2.3")),
        ("all", AllVersions("dlvm")),
        ("*", AllVersions("dlvm")),
        ("PyTorch", WholeFramework("dlvm", "pytorch")),
        ("tf", WholeFramework("dlvm", "tensorflow")),
        ("pytorch-latest-gpu", RollingFamily("pytorch-latest-gpu", "pytorch")),
        ("common-gpu", RollingFamily("common-gpu", "base")),
        ("pytorch-*", Wildcard("pytorch-*")),
        ("tf-2.*", Wildcard("tensorflow-2.*")),
        ("cu*", Wildcard("base-cu*")),
        ("torch*", Wildcard("pytorch-*")),
        ("jax-*", UnknownName("jax-*")),
        ("a*b*c*d", UnknownName("a*b*c*d")),
        ("tf2-ent-2-3-cpu", OtherProduct("tf2-ent-2-3-cpu", "a TensorFlow Enterprise image", "tensorflow", "2.3")),
        ("tf-ent-latest-gpu", OtherProduct("tf-ent-latest-gpu", "a TensorFlow Enterprise image")),
        ("r-4-2-cpu-experimental", OtherProduct("r-4-2-cpu-experimental", "a r image")),
    ],
)
def test_names_of_other_than_one_version_have_their_own_type(text: str, expected: parser.ParsedName) -> None:
    assert parser.parse_name(text) == expected


@pytest.mark.parametrize(
    ("text", "product", "name", "image"),
    [
        ("dlc", "dlc", "", ""),
        ("dlc:", "dlc", "", ""),
        ("DLC:PyTorch-2.4", "dlc", "pytorch-2.4", ""),
        ("dlc: pytorch 2.4.1", "dlc", "pytorch-2.4", ""),
        ("dlc pytorch", "dlc", "pytorch", ""),
        ("dlc:cu124", "dlc", "base-cu124", ""),
        ("vertex:tf-2.15", "vertex", "tensorflow-2.15", ""),
        ("vertex-train:torch 2.1", "vertex-train", "pytorch-2.1", ""),
        ("vertex:optimized tf 2.15", "vertex", "optimized-tensorflow-2.15", ""),
        ("vertex: sklearn 1.6.1", "vertex", "scikit-learn-1.6", ""),
        ("colab python 3.11", "colab", "python-3.11", ""),
        ("workbench:26.03", "workbench", "26.03", ""),
        ("dlami:ubuntu 22.04", "dlami", "ubuntu-22.04", ""),
        ("vertex:anything", "vertex", "anything", ""),
        ("base-cu124.py310", "dlc", "base-cu124", "base-cu124.py310"),
        ("dlc:gcr.io/x/base-cu124.py310", "dlc", "base-cu124", "base-cu124.py310"),
        ("some-image.py310", "dlc", "", "some-image.py310"),
        ("vertex-train:pytorch-xla.2-1.py310", "vertex-train", "pytorch-2.1", "pytorch-xla.2-1.py310"),
        ("us-docker.pkg.dev/vertex-ai/prediction/tf2-cpu.2-15:latest", "vertex", "tensorflow-2.15", "tf2-cpu.2-15"),
        ("x/vertex-ai/prediction/tf_opt-gpu.2-15:latest", "vertex", "optimized-tensorflow-2.15", "tf_opt-gpu.2-15"),
        ("vertex-ai/training/pytorch-gpu.2-2.py310@sha256:0a", "vertex-train", "pytorch-2.2", "pytorch-gpu.2-2.py310"),
        ("763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-training:2.6.0-gpu-py312-cu126-ubuntu22.04-ec2",
         "aws-dlc", "pytorch-2.6", ""),
        ("workbench-instances-v20260122", "workbench", "", "workbench-instances"),
        ("workbench-instances-2603", "workbench", "", "workbench-instances-2603"),
        ("workbench-container-slim-2606-v20260801", "workbench", "", "workbench-container-slim-2606"),
    ],
)  # fmt: skip
def test_related_version_is_recognised_by_prefix_or_image(text: str, product: str, name: str, image: str) -> None:
    parsed = parser.parse_name(text)
    assert isinstance(parsed, RelatedVersion)
    assert (parsed.product, parsed.name, parsed.image) == (product, name, image)


def test_list_keeps_multi_word_related_names_together() -> None:
    names = parser.parse_names("dlc:pytorch 2.4 py310 tf 2.15, vertex tf 2.15 colab:python-3.11 pytorch-2.7")
    assert [getattr(name, "name", None) or f"{name.framework}-{name.number}" for name in names] == [  # type: ignore[union-attr]
        "pytorch-2.4", "tensorflow-2.15", "tensorflow-2.15", "python-3.11", "pytorch-2.7",
    ]  # fmt: skip
    assert names[0] == RelatedVersion("dlc:pytorch 2.4 py310", "dlc", "pytorch-2.4", RowFilter(python="3.10"))


@pytest.mark.parametrize(
    "text",
    [
        "utf-8",
        "tpu-vm-tf-2.13.0",
        "waymo-open-dataset-tf-2-13-0",
        "pytorch-2-3-release",
        "tf-latest-gpu-jupyter-cv2",
        "jax-latest-gpu",
        "pytroch 2.7",
        "",
        "   ",
        "\x00",
        "\ud800",
        "cu9",
        "a" * 301,
        "pytorch 2.3 " + "py310 " * 60,
    ],
)
def test_other_text_is_an_unknown_name(text: str) -> None:
    assert isinstance(parser.parse_name(text), UnknownName)


@pytest.mark.parametrize(
    ("text", "row_filter"),
    [
        ("pytorch 2.3 py310", RowFilter(python="3.10")),
        ("tf 2.6 python 3.9", RowFilter(python="3.9")),
        ("pytorch 2.9 ubuntu-2404", RowFilter(os="Ubuntu 24.04")),
        ("pytorch 2.9 Ubuntu 24.04", RowFilter(os="Ubuntu 24.04")),
        ("base cpu debian 11", RowFilter(os="Debian 11")),
        ("tf 2.17 gpu", RowFilter(accelerator="gpu")),
        ("tf 2.17 CUDA 12.3", RowFilter(cuda="12.3")),
        ("pytorch 2.7 nvidia-570", RowFilter(driver="570")),
        ("pytorch 2.7 driver 570 cpu", RowFilter(driver="570", accelerator="cpu")),
    ],
)
def test_extra_words_give_a_row_filter(text: str, row_filter: RowFilter) -> None:
    parsed = parser.parse_name(text)
    assert isinstance(parsed, NamedVersion)
    assert parsed.row_filter == row_filter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pytorch 2.7 tf 2.17", ["pytorch-2.7", "tensorflow-2.17"]),
        ("pytorch-2.7 tf-2.17 pytorch-2.9", ["pytorch-2.7", "tensorflow-2.17", "pytorch-2.9"]),
        ("pytorch 2.7, cuda 12.4 and base cpu", ["pytorch-2.7", "base-cu124", "base-cpu"]),
        ("pytorch-2.7 cu128", ["pytorch-2.7", "base-cu128"]),
        ("pytorch 2.3 py310 ubuntu-2404", ["pytorch-2.3"]),
        ("", []),
        (",,", []),
    ],
)
def test_list_keeps_multi_word_names_together(text: str, expected: list[str]) -> None:
    names = parser.parse_names(text)
    assert [f"{name.framework}-{name.number}" for name in names if isinstance(name, NamedVersion)] == expected
    assert len(names) == len(expected)


def test_list_can_have_frameworks_and_bare_numbers() -> None:
    assert parser.parse_names("pytorch 2.7 2.9 tf all") == (
        NamedVersion("dlvm", "pytorch", "2.7"),
        BareNumber("2.9"),
        WholeFramework("dlvm", "tensorflow"),
        AllVersions("dlvm"),
    )


@given(st.text(max_size=400))
def test_any_text_is_parsed_without_raising(text: str) -> None:
    parser.parse_name(text)
    parser.parse_names(text)


@given(st.text(alphabet="pytorchcu2.-3* /<>|:", max_size=300))
def test_text_that_resembles_a_name_is_parsed_without_raising(text: str) -> None:
    parser.parse_name(text)
    parser.parse_names(text)
