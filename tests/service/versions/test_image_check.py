"""Check of the images in a text, worst state first."""

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
def driver(sqlite_database: Database) -> Driver:
    return open_driver(sqlite_database)


def check(driver: Driver, text: str, day: str = "2026-11-23") -> answers.ImageCheck:
    return ImageChecker(driver.database, SnapshotCache(), Schedule()).check(text, PLACE, utc(f"{day} 12:00"))


def test_images_of_terraform_are_listed_worst_first(driver: Driver) -> None:
    result = check(driver, TERRAFORM)
    assert [(i.version, i.reference, i.state, i.resolves) for i in result.images] == [
        ("pytorch-2.3", ReferenceKind.FAMILY, LifecycleState.UNAVAILABLE, False),
        ("pytorch-2.7", ReferenceKind.FAMILY, LifecycleState.DEPRECATED, False),
        ("pytorch-2.7", ReferenceKind.IMAGE, LifecycleState.DEPRECATED, None),
    ]
    assert [i.days_left for i in result.images] == [None, 141, 141]
    assert all(i.advice and i.advice.successor and i.advice.successor.version == "pytorch-2.9" for i in result.images)
    assert not result.images[0].is_listed


@pytest.mark.parametrize(("day", "resolves"), [("2026-04-13", True), ("2026-04-14", False)])
def test_family_resolves_until_its_last_day_of_support(driver: Driver, day: str, resolves: bool) -> None:
    (image,) = check(driver, "--image-family=pytorch-2-7-cu128-ubuntu-2404-nvidia-570", day).images
    assert image.resolves is resolves
    assert image.is_last_day is resolves
    assert (
        f"the family {'still resolves' if resolves else 'no longer resolves'}"
        in render(check(driver, "--image-family=pytorch-2-7-cu128-ubuntu-2404-nvidia-570", day))["text"]
    )


def test_day_is_in_the_channels_time_zone(driver: Driver) -> None:
    driver.run("settings zone Asia/Taipei", NOW)
    result = ImageChecker(driver.database, SnapshotCache(), Schedule()).check(
        "pytorch-2.7", PLACE, utc("2026-11-23 20:00")
    )
    assert (str(result.day), result.zone) == ("2026-11-24", "Asia/Taipei")


def test_names_without_dates_come_last(driver: Driver) -> None:
    result = check(
        driver, "pytorch-latest-gpu, pytorch 2.5, tf2-ent-2-3-cpu, gcr.io/x/base-cu124.py310 and pytorch-2.9"
    )
    assert [type(other) for other in result.without_dates] == [
        answers.RollingFamily,
        answers.NotInCatalogue,
        answers.OtherProduct,
    ]
    assert [(image.name, image.version) for image in result.images] == [
        ("base-cu124.py310", "dlc:base-cu124"),
        ("pytorch-2.9", "pytorch-2.9"),
    ]
    text = render(result)["text"]
    assert text.index("pytorch-2.9") < text.index("pytorch-latest-gpu")
    assert "Base cu124 on Deep Learning Containers; both dates have passed" in text
    assert "dates from <https://docs.cloud.google.com/deep-learning-containers/" in text
    for phrase in ("a rolling family", "not in Google’s table", "a TensorFlow Enterprise image"):
        assert phrase in text


def test_related_product_names_are_checked_or_not_listed(driver: Driver) -> None:
    result = check(
        driver, "dlc:pytroch-2.4, dlc:pytorch-2.9, dlami:ubuntu22.04, workbench-instances-2603, odd-image.py310"
    )
    assert [image.version for image in result.images] == ["dlami:os-ubuntu22.04", "workbench:26.03"]
    assert [image.advice for image in result.images] == [None, None]
    by_query = {other.query: other for other in result.without_dates}
    misspelt, unlisted = by_query["dlc:pytroch-2.4"], by_query["dlc:pytorch-2.9"]
    assert isinstance(misspelt, answers.NotInCatalogue)
    assert isinstance(unlisted, answers.NotInCatalogue)
    assert (misspelt.neighbours, unlisted.neighbours) == (("dlc:pytorch-2.4",), ("dlc:pytorch-2.4",))
    assert check_message(render(result)) == ()


def test_text_without_names_is_answered_with_help(driver: Driver) -> None:
    message = render(check(driver, "Lunch at noon?"))
    assert "No Deep Learning VM image or framework version found" in message["text"]
    assert "@dlvm when does pytorch 2.7 end?" in message["text"]
    assert check_message(message) == ()


def test_text_has_one_line_for_each_image(driver: Driver) -> None:
    text = str(render(check(driver, "pytorch 2.7 and tf 2.15"))["text"])
    lines = [line for line in text.splitlines() if line.startswith("•")]
    assert len(lines) == 2
    assert "no newer version is supported; supported instead: `pytorch-2.9`" in lines[0]
    assert "13 Apr 2027 (in 141 days); upgrade to `pytorch-2.9`" in lines[1]


def test_names_that_do_not_fit_are_counted(driver: Driver) -> None:
    names = [f"pytorch-2-7-cu128-ubuntu-2404-nvidia-570-v2026{n:04}" for n in range(101, 231)]
    result = check(driver, "\n".join([*names, "pytorch 2.5"]))
    assert (len(result.images), result.without_dates, result.not_shown) == (MAX_IMAGES, (), 131 - MAX_IMAGES)
    message = render(result)
    assert check_message(message) == ()
    assert "71 more names" in str(message["blocks"])


@pytest.mark.parametrize("day", ["2020-01-01", "2026-04-13", "2027-04-13", "2040-01-01"])
def test_check_of_every_version_fits_slacks_limits(driver: Driver, day: str) -> None:
    with driver.database.read_only() as session:
        versions = SnapshotCache().read(session).versions
    text = " ".join([v.name for v in versions] + [row.family for v in versions for row in v.families])
    assert check_message(render(check(driver, text, day))) == ()
