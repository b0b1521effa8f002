"""How every image in a text stands, worst first."""

import pytest

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.policy.names.mentions import ReferenceKind
from bot.sandbox.block_kit.validate import check_message
from bot.service.versions.image_check import MAX_IMAGES, ImageChecker
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.render import render
from storage.database import Database
from storage.facts import Schedule
from tests.service.driver import PLACE, Driver, open_driver, utc

NOW = utc("2026-11-23 12:00")
TERRAFORM = """
resource "google_compute_instance" "trainer" {
  boot_disk { initialize_params {
    image = "projects/deeplearning-platform-release/global/images/family/pytorch-2-7-cu128-ubuntu-2404-nvidia-570"
  } }
}
variable "old" { default = "deeplearning-platform-release/pytorch-2-3-cu121-debian-11" }
variable "pinned" { default = "pytorch-2-7-cu128-ubuntu-2404-nvidia-570-v20260120" }
"""


@pytest.fixture
def desk(sqlite_database: Database) -> Driver:
    return open_driver(sqlite_database)


def check(desk: Driver, text: str, day: str = "2026-11-23") -> answers.ImageCheck:
    return ImageChecker(desk.database, SnapshotCache(), Schedule()).check(text, PLACE, utc(f"{day} 12:00"))


def test_terraform_is_answered_worst_first_with_what_each_reference_does(desk: Driver) -> None:
    found = check(desk, TERRAFORM)
    assert [(i.version, i.reference, i.state, i.resolves) for i in found.images] == [
        ("pytorch-2.3", ReferenceKind.FAMILY, LifecycleState.UNAVAILABLE, False),
        ("pytorch-2.7", ReferenceKind.FAMILY, LifecycleState.DEPRECATED, False),
        ("pytorch-2.7", ReferenceKind.IMAGE, LifecycleState.DEPRECATED, None),
    ]
    assert [i.days_left for i in found.images] == [None, 141, 141]
    assert all(i.advice and i.advice.successor and i.advice.successor.version == "pytorch-2.9" for i in found.images)
    assert not found.images[0].is_listed


@pytest.mark.parametrize(("day", "resolves"), [("2026-04-13", True), ("2026-04-14", False)])
def test_a_family_resolves_up_to_its_last_day_of_support(desk: Driver, day: str, resolves: bool) -> None:
    (image,) = check(desk, "--image-family=pytorch-2-7-cu128-ubuntu-2404-nvidia-570", day).images
    assert image.resolves is resolves
    assert image.is_last_day is resolves
    assert (
        f"the family {'still resolves' if resolves else 'no longer resolves'}"
        in render(check(desk, "--image-family=pytorch-2-7-cu128-ubuntu-2404-nvidia-570", day))["text"]
    )


def test_the_day_is_the_channels(desk: Driver) -> None:
    desk.run("settings zone Asia/Taipei", NOW)
    found = ImageChecker(desk.database, SnapshotCache(), Schedule()).check(
        "pytorch-2.7", PLACE, utc("2026-11-23 20:00")
    )
    assert (str(found.day), found.zone) == ("2026-11-24", "Asia/Taipei")


def test_names_without_dates_are_said_after_those_with(desk: Driver) -> None:
    found = check(desk, "pytorch-latest-gpu, pytorch 2.5, tf2-ent-2-3-cpu, gcr.io/x/base-cu124.py310 and pytorch-2.9")
    assert [type(other) for other in found.without_dates] == [
        answers.RollingFamily,
        answers.NotInCatalogue,
        answers.OtherProduct,
    ]
    assert [(image.name, image.version) for image in found.images] == [
        ("base-cu124.py310", "dlc:base-cu124"),
        ("pytorch-2.9", "pytorch-2.9"),
    ]
    text = render(found)["text"]
    assert text.index("pytorch-2.9") < text.index("pytorch-latest-gpu")
    assert "Base cu124 on Deep Learning Containers; both dates have passed" in text
    assert "dates from <https://docs.cloud.google.com/deep-learning-containers/" in text
    for said in ("a rolling family", "not in Google’s table", "a TensorFlow Enterprise image"):
        assert said in text


def test_names_of_sister_products_are_checked_or_said_to_be_unlisted(desk: Driver) -> None:
    found = check(
        desk, "dlc:pytroch-2.4, dlc:pytorch-2.9, dlami:ubuntu22.04, workbench-instances-2603, odd-image.py310"
    )
    assert [image.version for image in found.images] == ["dlami:os-ubuntu22.04", "workbench:26.03"]
    assert [image.advice for image in found.images] == [None, None]
    asked = {other.query: other for other in found.without_dates}
    misspelt, unlisted = asked["dlc:pytroch-2.4"], asked["dlc:pytorch-2.9"]
    assert isinstance(misspelt, answers.NotInCatalogue)
    assert isinstance(unlisted, answers.NotInCatalogue)
    assert (misspelt.neighbours, unlisted.neighbours) == (("dlc:pytorch-2.4",), ("dlc:pytorch-2.4",))
    assert check_message(render(found)) == ()


def test_nothing_found_is_said_with_how_to_use_it(desk: Driver) -> None:
    message = render(check(desk, "Lunch at noon?"))
    assert "No Deep Learning VM image or framework version found" in message["text"]
    assert "@dlvm when does pytorch 2.7 end?" in message["text"]
    assert check_message(message) == ()


def test_one_line_an_image_and_the_text_says_what_each_is(desk: Driver) -> None:
    text = str(render(check(desk, "pytorch 2.7 and tf 2.15"))["text"])
    lines = [line for line in text.splitlines() if line.startswith("•")]
    assert len(lines) == 2
    assert "no newer version is supported; supported instead: `pytorch-2.9`" in lines[0]
    assert "13 Apr 2027 (in 141 days); upgrade to `pytorch-2.9`" in lines[1]


def test_more_names_than_an_answer_shows_are_counted(desk: Driver) -> None:
    names = [f"pytorch-2-7-cu128-ubuntu-2404-nvidia-570-v2026{n:04}" for n in range(101, 231)]
    found = check(desk, "\n".join([*names, "pytorch 2.5"]))
    assert (len(found.images), found.without_dates, found.not_shown) == (MAX_IMAGES, (), 131 - MAX_IMAGES)
    message = render(found)
    assert check_message(message) == ()
    assert "71 more names" in str(message["blocks"])


@pytest.mark.parametrize("day", ["2020-01-01", "2026-04-13", "2027-04-13", "2040-01-01"])
def test_every_version_checked_at_once_passes_slacks_rules(desk: Driver, day: str) -> None:
    with desk.database.read_only() as session:
        versions = SnapshotCache().read(session).versions
    text = " ".join([v.name for v in versions] + [row.family for v in versions for row in v.families])
    assert check_message(render(check(desk, text, day))) == ()
