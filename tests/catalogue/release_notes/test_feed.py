"""Parser of the release notes feed, and search for versions in its items."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import seed
from bot.catalogue.release_notes import mentions
from bot.catalogue.release_notes.feed import MAX_LENGTH, FeedError, parse_feed
from bot.catalogue.release_notes.mentions import Mention, Span
from bot.policy import versions
from tests.catalogue.feed_factories import ADDRESS, build_entry, build_feed

CATALOGUE = versions.group_by_version(seed.load().families)
JULY = build_entry(
    "July 14, 2025",
    "<h3>Breaking</h3><p>These have reached their end of patch and support:</p><ul><li>Tensorflow versions 2.17 and "
    "earlier</li><li>Pytorch versions 2.3 and earlier</li></ul><h3>Feature</h3><p><strong>M130 release</strong></p>"
    "<table><tr><th>A</th><th>B</th></tr></table><h3>Breaking</h3><p>Something&nbsp;<code>else</code>.</p>",
)


def test_entry_has_items_by_kind_and_number() -> None:
    items = parse_feed(build_feed(JULY)).items
    assert [(item.day, item.kind, item.number) for item in items] == [
        (date(2025, 7, 14), "Breaking", 1),
        (date(2025, 7, 14), "Feature", 1),
        (date(2025, 7, 14), "Breaking", 2),
    ]
    assert items[0].url == f"{ADDRESS}#July_14_2025"
    assert items[0].text.splitlines()[1:] == [
        "Tensorflow versions 2.17 and earlier",
        "Pytorch versions 2.3 and earlier",
    ]
    assert (items[1].milestone, items[1].text) == ("M130", "M130 release\nA | B")
    assert items[2].text == "Something else."


def test_edited_item_keeps_its_identity_and_gets_another_hash() -> None:
    before = parse_feed(build_feed(JULY)).items[2]
    after = parse_feed(build_feed(JULY.replace("else", "more"))).items[2]
    assert (before.day, before.product, before.kind) == (after.day, after.product, after.kind)
    assert before.number == after.number
    assert before.text_hash != after.text_hash
    assert parse_feed(build_feed(JULY)).items[2] == before


def test_day_is_parsed_from_the_title() -> None:
    items = parse_feed(build_feed(build_entry("May 09, 2023", "<h3>Fixed</h3>A", "2023-05-10T07:00:00Z"))).items
    assert (items[0].day, items[0].text) == (date(2023, 5, 9), "A")


def test_items_of_a_feed_of_several_products_have_a_product() -> None:
    content = (
        "<h2>BigQuery</h2><h3>Feature</h3><p>x</p><h2>Deep Learning VM Images</h2><h3>Feature</h3><p>y</p><h4>z</h4>"
    )
    items = parse_feed(build_feed(build_entry("May 09, 2023", content))).items
    assert [(item.product, item.number, item.text) for item in items] == [
        ("BigQuery", 1, "x"),
        ("Deep Learning VM Images", 1, "y\nz"),
    ]


def test_text_before_any_heading_is_an_item_without_kind() -> None:
    assert [item.kind for item in parse_feed(build_feed(build_entry("May 09, 2023", "<p>Hello</p>"))).items] == [""]


def test_xhtml_missing_content_and_unsafe_links_are_parsed() -> None:
    inner = '<div xmlns="http://www.w3.org/1999/xhtml"><h3>Issue</h3><p>known</p></div>'
    xhtml = f'<entry><title>May 09, 2023</title><content type="xhtml">{inner}</content></entry>'
    empty = "<entry><title>May 10, 2023</title></entry>"
    unsafe = build_entry("May 11, 2023", "<h3>Change</h3>a").replace("https://docs", "javascript://docs")
    items = parse_feed(build_feed(xhtml, empty, unsafe)).items
    assert [(item.kind, item.text, item.url) for item in items] == [("Issue", "known", ""), ("Change", "a", "")]


def test_unreadable_entry_does_not_affect_the_others() -> None:
    deep = build_entry("May 09, 2023", "<div>" * 1000)
    feed = parse_feed(build_feed(build_entry("Someday", "<h3>Fixed</h3>a"), deep, JULY))
    assert len(feed.items) == 3
    assert feed.problems[0] == "an entry is titled “Someday”, which is not a date"
    assert "May 09, 2023" in feed.problems[1]


ENTITY_BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed>&b;</feed>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not valid XML"),
        ("<html><body>Not items", "not valid XML"),
        (build_feed(JULY)[:300], "not valid XML"),
        (ENTITY_BOMB, "not valid XML"),
        ("<rss/>", "not an Atom feed"),
        (build_feed(), "has no entries"),
        ("x" * (MAX_LENGTH + 1), "the limit is 5,000,000"),
        ("<feed>\ud800</feed>", "not valid XML"),
    ],
)
def test_invalid_feed_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        parse_feed(text)


BASE = ("base-cu129", "base-cu128", "base-cu124", "base-cu123", "base-cu122", "base-cu121", "base-cu118", "base-cu113",
        "base-cu110")  # fmt: skip
PYTORCH = ("pytorch-2.9", "pytorch-2.7", "pytorch-2.4", "pytorch-2.3", "pytorch-2.2", "pytorch-2.1", "pytorch-2.0",
           "pytorch-1.13", "pytorch-1.12")  # fmt: skip
TENSORFLOW = tuple(f"tensorflow-2.{n}" for n in (17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 6, 3))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Images with the NVIDIA driver 570 are now deprecated.", ("base-cu128", "pytorch-2.7")),
        ("Base versions with CUDA 12.4 and earlier", BASE[2:]),
        ("Tensorflow versions 2.17 and earlier", TENSORFLOW),
        ("Pytorch version 2.3 or older", PYTORCH[3:]),
        ("PyTorch versions 2.1 and earlier\nTensorFlow versions 2.15 and earlier", (*PYTORCH[5:], *TENSORFLOW[2:])),
        ("Base versions with Cuda 12.2 and earlier", BASE[4:]),
        ("One or more framework versions have reached their end.", ()),
        ("Base CUDA 12.4 images are now available.", ("base-cu124",)),
        ("CUDA 12.2 images are now available.", ("base-cu122",)),
        ("Images now come with Ubuntu 22.04, also those with CUDA 12.1 or newer.", BASE[:6]),
        ("PyTorch 2.4.0 with CUDA 12.4 and Python 3.10 images are now available.", ("pytorch-2.4",)),
        ("TensorFlow 2.15 images now have CUDA 12.2 instead of CUDA 12.1.", ("tensorflow-2.15",)),
        ("Upgraded TensorFlow 2.15 images to TensorFlow 2.15.1.", ("tensorflow-2.15",)),
        ("The old families of TensorFlow 2.12 to 2.14 and PyTorch 2.0 are back.",
         ("pytorch-2.0", "tensorflow-2.14", "tensorflow-2.13", "tensorflow-2.12")),
        ("PyTorch 2.1.0 and 2.2.0 with CUDA 12.1 are now available.", ("pytorch-2.2", "pytorch-2.1")),
        ("TensorFlow versions 2.12, 2.13, and 2.14 are renamed.", TENSORFLOW[3:6]),
        ("tf-2-15-gpu is deprecated, use tf-2-15-cu121.", ("tensorflow-2.15",)),
        ("`common-cu121-debian-11-py310` and common-cpu-debian-11 are new.", ("base-cpu", "base-cu121")),
        ("Base CPU and Base-cu113 images have Python 3.10.", ("base-cpu", "base-cu113")),
        ("Upgraded Pytorch to 1.13.1.", ("pytorch-1.13",)),
        ("TensorFlow patch version upgrades: From 2.8.3 to 2.8.4. From 2.10.0 to 2.10.1.",
         ("tensorflow-2.10", "tensorflow-2.8")),
        ("Tensorflow has been updated to 2.9.1, 2.8.1, and 2.6.5.",
         ("tensorflow-2.9", "tensorflow-2.8", "tensorflow-2.6")),
        ("TensorFlow 2.10.0, patches 2.9.2 and 2.8.3", ("tensorflow-2.10", "tensorflow-2.9", "tensorflow-2.8")),
        ("TensorFlow 2.13 and 2.8 with Python 3.10", ("tensorflow-2.13", "tensorflow-2.8")),
        ("PyTorch 2.0 images now contain PyTorch/XLA 2.1.", ("pytorch-2.0",)),
        ("TensorFlow Enterprise 2.3 with CUDA 11.0 is now available.", ()),
        ("PyTorch XLA 1.12, PyTorch Lightning 2.0, tensorflow-cloud 2.8 and TensorFlow Probability 2.9", ()),
        ("R images go from 4.4.1 to 4.4.2; JupyterLab 2.3; drivers go to 550.90.07.", ()),
        ("tf-latest-gpu, pytorch-latest-gpu and common-gpu move.", ()),
        ("CUDA 10.x environments and TensorFlow 1.15 are deprecated.", ()),
        ("PyTorch 2.10 and PyTorch 2.30", ()),
        ("Unrelated: https://example.org/pytorch-2-4-cu124 and my-pytorch-2-4-cpu", ()),
    ],
)  # fmt: skip
def test_versions_named_by_a_note_are_found(text: str, names: tuple[str, ...]) -> None:
    assert mentions.match_versions(text, CATALOGUE) == names


def test_mentions_are_in_order_and_unique() -> None:
    assert mentions.find_mentions("PyTorch 2.3, PyTorch 2.3 and later; driver R580") == (
        Mention("pytorch", "2.3"),
        Mention("pytorch", "2.3", Span.AND_LATER),
        Mention("driver", "580"),
    )


@given(st.text("pytorchensflw0123456789. ,andeCUDAbsi-\n:", max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    mentions.match_versions(text, CATALOGUE)


def test_long_text_is_searched_in_time() -> None:
    started = time.process_time()
    for piece in ("pytorch ", "pytorch to ", "base cuda ", "2.3, ", "PyTorch 2.3, 2.4 and ", "tf-2-15-", "driver "):
        mentions.find_mentions(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 5
