"""Names found in free text: each once, in order, and nothing that is none."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.names import mentions
from bot.policy.names.mentions import ReferenceKind
from bot.policy.names.parser import NamedVersion, OtherProduct, RollingFamily, SisterVersion

ROWS = list(csv.DictReader((Path(__file__).parents[2] / "data" / "image-names.csv").read_text().splitlines()))
REAL = [row["name"] for row in ROWS if row["follows_grammar"] == "yes"]
MADE_UP = [row["name"] for row in ROWS if row["follows_grammar"] == "no"]
FAMILY = "pytorch-2-7-cu128-ubuntu-2404-nvidia-570"
IMAGE = f"{FAMILY}-v20260120"

WAYS = [
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


def named(text: str) -> list[str]:
    return [mention.name for mention in mentions.find(text)]


@pytest.mark.parametrize("way", WAYS)
def test_every_real_name_is_found_however_it_is_pinned(way: str) -> None:
    for name in REAL:
        assert named(way.format(name)) == [name]


@pytest.mark.parametrize("name", MADE_UP)
def test_names_that_only_look_like_images_are_none(name: str) -> None:
    assert named(f"image: {name}") == []


@pytest.mark.parametrize(
    ("text", "name", "refers", "version"),
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
def test_a_mention_says_how_it_refers_to_its_version(text: str, name: str, refers: ReferenceKind, version: str) -> None:
    (found,) = mentions.find(text)
    assert isinstance(found.parsed, NamedVersion)
    assert (found.name, found.kind) == (name, refers)
    assert f"{found.parsed.framework}-{found.parsed.number}" == version


def test_moving_families_and_other_products_are_found_as_what_they_are() -> None:
    found = mentions.find("pytorch-latest-gpu gcr.io/deeplearning-platform-release/base-cu124.py310 tf2-ent-2-3-cpu")
    assert [type(each.parsed) for each in found] == [RollingFamily, SisterVersion, OtherProduct]


def test_a_sister_product_is_found_by_its_prefix_and_by_the_path_of_its_image() -> None:
    text = (
        "Is dlc:pytorch-2.4 fine, or x.pkg.dev/vertex-ai/training/pytorch-gpu.2-2.py310:latest? We say dlc:PyTorch-2.4"
    )
    found = mentions.find(f"{text}; not mydlc:pytorch-2.4, vertex:latest or image:vertex:2.4")
    assert [(each.name, each.kind) for each in found] == [
        ("dlc:pytorch-2.4", ReferenceKind.VERSION), ("pytorch-gpu.2-2.py310", ReferenceKind.IMAGE),
    ]  # fmt: skip
    assert [(each.parsed.product, each.parsed.name) for each in found if isinstance(each.parsed, SisterVersion)] == [
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
def test_other_words_name_nothing(text: str) -> None:
    assert named(text) == []


def test_cuda_beside_a_framework_is_no_version_of_its_own() -> None:
    assert named("pytorch 2.4 with CUDA 12.4 and cu124") == ["pytorch 2.4"]


def test_names_come_once_each_in_order_from_several_code_fences() -> None:
    text = f"first ```{FAMILY}``` then ```tf 2.15\n{IMAGE}``` again `{FAMILY.upper()}` and TF-2.15, pytorch 2.7"
    assert named(text) == [FAMILY, "tf 2.15", IMAGE, "pytorch 2.7"]


def test_slacks_escapes_and_invisible_characters_hide_no_name() -> None:
    assert named("a &amp;&amp; pytorch\u200b-2.7 &lt;tf-2.15&gt; py\u00adtorch 2.4") == [
        "pytorch-2.7",
        "tf-2.15",
        "pytorch 2.4",
    ]


noise = st.text(st.sampled_from(" \n\t\"'`,;()[]{}<>|&!?*~#%$=^é漢\u200b"), min_size=1, max_size=12).filter(
    lambda gap: gap.strip("\u200b")
)
"""What parts names; a space without width alone parts nothing."""


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(REAL), min_size=1, max_size=6, unique=True), st.lists(noise, min_size=7, max_size=7))
def test_names_are_found_whatever_stands_between_them(names: list[str], between: list[str]) -> None:
    text = "".join(gap + name for gap, name in zip(between, names, strict=False)) + between[-1]
    assert named(text) == list(dict.fromkeys(names))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_trouble(text: str) -> None:
    assert all(mention.name for mention in mentions.find(text))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(REAL),
    st.sampled_from(["x", "my-", "not.", "a_", "9-"]),
    st.sampled_from(["x", "-release", ".x", "-2"]),
)
def test_a_name_inside_a_longer_word_is_none(name: str, before: str, after: str) -> None:
    assert named(f"{before}{name}{after}") == []
