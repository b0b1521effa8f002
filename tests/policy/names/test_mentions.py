"""Mentions of versions and images in free text."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.names import mentions
from bot.policy.names.mentions import ReferenceKind
from bot.policy.names.parser import NamedVersion, OtherProduct, RelatedVersion, RollingFamily

ROWS = list(csv.DictReader((Path(__file__).parents[2] / "data" / "image-names.csv").read_text().splitlines()))
REAL = [row["name"] for row in ROWS if row["follows_grammar"] == "yes"]
INVALID = [row["name"] for row in ROWS if row["follows_grammar"] == "no"]
FAMILY = "pytorch-2-7-cu128-ubuntu-2404-nvidia-570"
IMAGE = f"{FAMILY}-v20260120"

TEMPLATES = [
    "{}",
    "projects/deeplearning-platform-release/global/images/family/{}",
    "https://www.googleapis.com/compute/v1/projects/ml-images/global/images/{}",
    "deeplearning-platform-release/{}",
    "user@deeplearning-platform-release/{}",
    "--image-family={}",
    "--image-family {} --zone=us-central1-a",
    "gcloud workbench instances create x --vm-image-family={} --vm-image-project=deeplearning-platform-release",
    "--create-disk=auto-delete=yes,image={},size=100",
    "--create-disk=auto-delete=yes,boot=yes,image=projects/ml-images/global/images/{},size=100",
    'image = "${{VAR:-{}}}"',
    'family  = "{}"\n  project = "deeplearning-platform-release"',
    "- {}",
    "1. {}.",
    "`{}`",
    "```\n{}\n```",
    "*{}*, _really_",
    "<https://console.example/images/{0}|{0}>",
    "<https://www.googleapis.com/compute/v1/projects/ml-images/global/images/{}|the image>",
    "VALUES ('{}');",
    "[{}]",
]


def find_names(text: str) -> list[str]:
    return [mention.name for mention in mentions.find(text)]


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_real_name_is_found_in_every_kind_of_text(template: str) -> None:
    for name in REAL:
        assert find_names(template.format(name)) == [name]


@pytest.mark.parametrize("name", INVALID)
def test_names_that_only_look_like_images_are_no_mentions(name: str) -> None:
    assert find_names(f"image: {name}") == []


@pytest.mark.parametrize(
    ("text", "name", "kind", "version"),
    [
        ("read this:\npytorch 2.7", "pytorch 2.7", ReferenceKind.VERSION, "pytorch-2.7"),
        ("when does pytorch 2.7 end?", "pytorch 2.7", ReferenceKind.VERSION, "pytorch-2.7"),
        ("PyTorch v2.7.1 is old", "PyTorch v2.7.1", ReferenceKind.VERSION, "pytorch-2.7"),
        ("torch==2.3.0+cu121", "torch 2.3.0+cu121", ReferenceKind.VERSION, "pytorch-2.3"),
        ("Tensor Flow 2.15 here", "TensorFlow 2.15", ReferenceKind.VERSION, "tensorflow-2.15"),
        ("Py Torch 2.4", "PyTorch 2.4", ReferenceKind.VERSION, "pytorch-2.4"),
        ("tf-2.15", "tf-2.15", ReferenceKind.VERSION, "tensorflow-2.15"),
        ("is tf2.13 ok", "tf2.13", ReferenceKind.VERSION, "tensorflow-2.13"),
        ("base-cu124", "base-cu124", ReferenceKind.VERSION, "base-cu124"),
        ("our base cu124", "base cu124", ReferenceKind.VERSION, "base-cu124"),
        ("is CUDA 12.4 fine?", "cuda 12.4", ReferenceKind.VERSION, "base-cu124"),
        ("cu124?", "cu124", ReferenceKind.VERSION, "base-cu124"),
        ("ｐｙｔｏｒｃｈ 2.7", "pytorch 2.7", ReferenceKind.VERSION, "pytorch-2.7"),
        ("pytorch-2-4-${ACCELERATOR}-debian-11", "pytorch-2-4", ReferenceKind.VERSION, "pytorch-2.4"),
        (f"--image-family={FAMILY}", FAMILY, ReferenceKind.FAMILY, "pytorch-2.7"),
        (f"images/{IMAGE}", IMAGE, ReferenceKind.IMAGE, "pytorch-2.7"),
        ("PYTORCH-2-4-CU124-DEBIAN-11", "PYTORCH-2-4-CU124-DEBIAN-11", ReferenceKind.FAMILY, "pytorch-2.4"),
    ],
)
def test_mention_has_its_kind_of_reference(text: str, name: str, kind: ReferenceKind, version: str) -> None:
    (mention,) = mentions.find(text)
    assert isinstance(mention.parsed, NamedVersion)
    assert (mention.name, mention.kind) == (name, kind)
    assert f"{mention.parsed.framework}-{mention.parsed.number}" == version


def test_rolling_families_and_other_products_are_found() -> None:
    found_mentions = mentions.find(
        "pytorch-latest-gpu gcr.io/deeplearning-platform-release/base-cu124.py310 tf2-ent-2-3-cpu"
    )
    assert [type(mention.parsed) for mention in found_mentions] == [RollingFamily, RelatedVersion, OtherProduct]


def test_related_versions_are_found_by_prefix_and_by_image_path() -> None:
    text = (
        "Is dlc:pytorch-2.4 fine, or x.pkg.dev/vertex-ai/training/pytorch-gpu.2-2.py310:latest? We say dlc:PyTorch-2.4"
    )
    found_mentions = mentions.find(f"{text}; not mydlc:pytorch-2.4, vertex:latest or image:vertex:2.4")
    assert [(mention.name, mention.kind) for mention in found_mentions] == [
        ("dlc:pytorch-2.4", ReferenceKind.VERSION), ("pytorch-gpu.2-2.py310", ReferenceKind.IMAGE),
    ]  # fmt: skip
    related_versions = [mention.parsed for mention in found_mentions if isinstance(mention.parsed, RelatedVersion)]
    assert [(version.product, version.name) for version in related_versions] == [
        ("dlc", "pytorch-2.4"), ("vertex-train", "pytorch-2.2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "utf-8 base-64 base64 and base 64",
        "tpu-vm-tf-2.13.0 pytorch-2-3-release tf-latest-gpu-jupyter-cv2 waymo-open-dataset-tf-2-13-0",
        "python 3.10, torchvision 0.15.2, pytorch-lightning==2.1, tensorflow-probability 0.20, terraform 1.5",
        "pytorch lightning 2.1; torch>=2.3; keras 2.15; jax 0.4",
        "pytorch/pytorch:2.3.1-cuda12.1-cudnn8-runtime tensorflow/tensorflow:2.15.0-gpu nvidia/cuda:12.4.1-base",
        "https://download.pytorch.org/whl/cu121 https://github.com/pytorch/pytorch/tree/v2.3",
        "https://example.org/docs/pytorch-2.3/index.html",
        "pytorch-2.3.tar.gz run.py310 r-cpu",
        "common ground, base images, base cpu usage, pytorch, tf, 2.7, v2.3.1",
        "projects/acme/global/images/family/pytorch-2-4-cpu",
        "a1pytorch-2-4-cu124-debian-11",
        "p" * 400,
    ],
)
def test_other_words_are_no_mentions(text: str) -> None:
    assert find_names(text) == []


def test_cuda_beside_a_framework_is_no_mention() -> None:
    assert find_names("pytorch 2.4 with CUDA 12.4 and cu124") == ["pytorch 2.4"]


def test_mentions_in_code_fences_are_distinct_and_in_order() -> None:
    text = f"first ```{FAMILY}``` then ```tf 2.15\n{IMAGE}``` again `{FAMILY.upper()}` and TF-2.15, pytorch 2.7"
    assert find_names(text) == [FAMILY, "tf 2.15", IMAGE, "pytorch 2.7"]


def test_slack_escapes_and_invisible_characters_hide_no_name() -> None:
    assert find_names("a &amp;&amp; pytorch\u200b-2.7 &lt;tf-2.15&gt; py\u00adtorch 2.4") == [
        "pytorch-2.7",
        "tf-2.15",
        "pytorch 2.4",
    ]


separators = st.text(st.sampled_from(" \n\t\"'`,;()[]{}<>|&!?*~#%$=^é漢\u200b"), min_size=1, max_size=12).filter(
    lambda gap: gap.strip("\u200b")
)
"""Text that separates names. A zero-width space alone doesn't."""


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(REAL), min_size=1, max_size=6, unique=True), st.lists(separators, min_size=7, max_size=7)
)
def test_names_are_found_with_any_text_between_them(names: list[str], gaps: list[str]) -> None:
    text = "".join(gap + name for gap, name in zip(gaps, names, strict=False)) + gaps[-1]
    assert find_names(text) == list(dict.fromkeys(names))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    assert all(mention.name for mention in mentions.find(text))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(REAL),
    st.sampled_from(["x", "my-", "not.", "a_", "9-"]),
    st.sampled_from(["x", "-release", ".x", "-2"]),
)
def test_name_inside_a_longer_word_is_no_mention(name: str, before: str, after: str) -> None:
    assert find_names(f"{before}{name}{after}") == []
