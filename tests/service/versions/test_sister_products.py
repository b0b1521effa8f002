"""Versions of sister products: their own dates, rows and sources, and where a version of ours ends on other days."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import PRODUCTS
from bot.sandbox.block_kit.validate import check_message
from bot.service.place import Place
from bot.service.versions import sister_products
from bot.slack.blocks.render import render
from storage.database import Database
from storage.facts import Milestone
from tests.service.driver import Driver, open_driver, utc

NOW = utc("2026-11-25 12:00")


@pytest.fixture(scope="module")
def desk(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """One for all: nothing here changes anything."""
    path = tmp_path_factory.mktemp("sisters") / "dlvm.db"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    yield open_driver(database)
    database.close()


def status(desk: Driver, text: str, day: str = "2026-11-25") -> answers.SisterStatus:
    found = desk.run(f"status {text}", utc(f"{day} 12:00"))
    assert isinstance(found, answers.SisterStatus), found
    return found


def text(desk: Driver, command: str, day: str = "2026-11-25") -> str:
    return str(render(desk.run(command, utc(f"{day} 12:00")))["text"])


@pytest.mark.parametrize(
    ("day", "state", "days_left"),
    [
        ("2025-07-24", LifecycleState.SUPPORTED, 0),
        ("2025-07-25", LifecycleState.DEPRECATED, 364),
        ("2026-07-24", LifecycleState.DEPRECATED, 0),
        ("2026-07-25", LifecycleState.UNAVAILABLE, None),
    ],
)
def test_a_version_stands_by_the_dates_of_its_own_product(
    desk: Driver, day: str, state: LifecycleState, days_left: int | None
) -> None:
    found = status(desk, "dlc:pytorch-2.4", day)
    assert (found.version, found.title, found.product_title) == (
        "dlc:pytorch-2.4", "PyTorch 2.4", "Deep Learning Containers",
    )  # fmt: skip
    assert (found.state, found.days_left, found.is_last_day) == (state, days_left, days_left == 0)
    assert (found.dlvm_version, found.source.as_of, found.source.is_approximate) == (
        "pytorch-2.4",
        date(2026, 4, 10),
        False,
    )
    assert found.source.url == "https://docs.cloud.google.com/deep-learning-containers/docs/choosing-container"


def test_every_listed_version_is_found_by_the_name_it_is_listed_under(desk: Driver) -> None:
    for product in PRODUCTS:
        listed = desk.run(f"list {product} all", NOW)
        assert isinstance(listed, answers.SisterList)
        assert len(listed.lines) == len(sister_products.list_versions(product))
        for line in listed.lines:
            assert status(desk, line.version).version == line.version


def test_a_product_without_an_end_of_availability_says_so_and_never_unknown(desk: Driver) -> None:
    found = status(desk, "aws-dlc:pytorch-2.7", "2026-06-25")
    assert (found.state, found.end_of_availability, found.days_left) == (LifecycleState.DEPRECATED, None, None)
    drawn = text(desk, "status aws-dlc:pytorch-2.7", "2026-06-25")
    assert "is past its last day of patches and support" in drawn
    assert "not published" in drawn
    assert "known" not in drawn
    assert "since 2025-04-23" in drawn


def test_a_month_is_shown_as_the_month_it_is(desk: Driver) -> None:
    found = status(desk, "workbench:26.03")
    assert found.end_of_patch_and_support == date(2028, 3, 31)
    assert found.advice is None
    drawn = text(desk, "status workbench:26.03")
    assert "March 2028 (a month only, so its last day counts: 31 Mar 2028)" in drawn
    assert "as of about 1 Jul 2026" in drawn
    assert "March 2028" in text(desk, "list workbench")
    assert "31 Mar 2028" not in text(desk, "list workbench")


def test_the_last_day_is_said_of_patches_and_of_use(desk: Driver) -> None:
    assert "today is the last day of patches" in text(desk, "status dlc:pytorch-2.4", "2025-07-24")
    assert "today is the last day of use" in text(desk, "status dlc:pytorch-2.4", "2026-07-24")
    assert "its rows are in different states" in text(desk, "status vertex-train:pytorch-2.1", "2025-10-10")
    assert "This is the newest supported version there" in text(desk, "status aws-dlc:pytorch-2.13")


def test_to_be_determined_and_not_applicable_stay_what_they_are(desk: Driver) -> None:
    assert status(desk, "colab:python-3.12").state is LifecycleState.UNKNOWN
    assert "to be determined" in text(desk, "status colab:python-3.12")
    assert "not applicable" in text(desk, "status vertex:optimized-tensorflow-nightly")


def test_rows_that_differ_are_shown_each_with_its_own_dates(desk: Driver) -> None:
    found = status(desk, "vertex-train:pytorch-2.1")
    assert (found.rows_differ, found.end_of_patch_and_support, len(found.rows)) == (True, None, 3)
    narrowed = status(desk, "x/vertex-ai/training/pytorch-gpu.2-1.py310:latest")
    assert [row.image for row in narrowed.rows] == ["vertex-ai/training/pytorch-gpu.2-1.py310:latest"]
    assert not narrowed.rows_differ
    assert "differs by row" in text(desk, "status vertex-train:pytorch-2.1")


@pytest.mark.parametrize(
    ("asked", "version", "rows"),
    [
        ("gcr.io/deeplearning-platform-release/base-cu124.py310", "dlc:base-cu124", 1),
        ("x/vertex-ai/prediction/tf2-cpu.2-15:latest", "vertex:tensorflow-2.15", 1),
        ("workbench-instances-v20260122", "workbench:legacy", 1),
        ("workbench-container-2606", "workbench:standard", 1),
        ("1.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:2.7.1-gpu-py312", "aws-dlc:pytorch-2.7", 3),
        ("dlc:tf 2.11 py310", "dlc:tensorflow-2.11", 2),
        ("vertex:tf 2.15 gpu", "vertex:tensorflow-2.15", 1),
        ("workbench:slim", "workbench:slim", 2),
        ("dlami:ubuntu 22.04", "dlami:os-ubuntu22.04", 1),
    ],
)
def test_images_paths_and_short_names_lead_to_their_rows(desk: Driver, asked: str, version: str, rows: int) -> None:
    found = status(desk, asked)
    assert (found.version, len(found.rows)) == (version, rows)


def test_a_successor_is_sought_within_the_product(desk: Driver) -> None:
    found = desk.run("successor aws-dlc:pytorch-2.6", NOW)
    assert isinstance(found, answers.SisterStatus)
    assert found.advice is not None
    assert found.advice.successor is not None
    assert found.advice.successor.version == "aws-dlc:pytorch-2.13"
    newest = status(desk, "aws-dlc:pytorch-2.13").advice
    assert newest is not None
    assert newest.is_newest


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("status dlc:pytroch 2.4", ("dlc:pytorch-2.4",)),
        ("status scikit-learn 1.6", ("vertex:scikit-learn-1.6",)),
        ("status dcl:tensorflow-2.15", ("dlc:tensorflow-2.15",)),
        ("status dlc:2.4", ("dlc:pytorch-2.4", "dlc:model-garden-vllm-2.4")),
    ],
)
def test_misspelt_and_unprefixed_names_are_offered_with_their_prefix(
    desk: Driver, asked: str, expected: tuple[str, ...]
) -> None:
    found = desk.run(asked, NOW)
    assert isinstance(found, answers.DidYouMean)
    assert found.suggestions[: len(expected)] == expected
    assert isinstance(desk.run(f"status {found.suggestions[0]}", NOW), answers.SisterStatus)


@given(
    st.sampled_from([*PRODUCTS, "dlc pytorch", "vertex:tf 2.", "workbench-instances-"]),
    st.text(alphabet="pytorchcu2.-346* /<>|:é", max_size=30) | st.text(max_size=30),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_follows_a_prefix_is_answered_within_slacks_rules(desk: Driver, begins: str, rest: str) -> None:
    for command in (f"status {begins}:{rest}", f"list {begins}{rest}", f"subscribe {begins}:{rest}"):
        assert check_message(render(desk.run(command, NOW, Place("T9", "C9", "U9")))) == (), command


def test_a_version_that_is_not_listed_has_neighbours_and_says_where_it_is(desk: Driver) -> None:
    there = desk.run("status dlc:pytorch-2.9", NOW)
    here = desk.run("status pytorch-2.6", NOW)
    nothing = desk.run("status dlc:zzzzzz", NOW)
    image = desk.run("status odd-image.py310", NOW)
    for found in (there, here, nothing, image):
        assert isinstance(found, answers.NotInCatalogue)
    assert isinstance(there, answers.NotInCatalogue)
    assert isinstance(here, answers.NotInCatalogue)
    assert there.neighbours == ("dlc:pytorch-2.4",)
    assert there.source.title == "the table of Deep Learning Containers"
    assert here.sister_versions == ("dlami:pytorch-2.6", "aws-dlc:pytorch-2.6")
    assert "`/dlvm list dlc all` shows every version" in text(desk, "status dlc:pytorch-2.9")


@pytest.mark.parametrize(
    ("command", "ways"),
    [
        ("subscribe dlc:pytorch-2.4", ("/dlvm status dlc:pytorch-2.4", "/dlvm subscribe pytorch-2.4")),
        ("subscribe pytorch-2.7 vertex:xgboost-2.1", ("/dlvm status vertex:xgboost-2.1",)),
        ("subscribe dlc", ("/dlvm list dlc",)),
        ("unsubscribe vertex:tf-2.15", ("/dlvm status vertex:tensorflow-2.15",)),
    ],
)
def test_only_deep_learning_vm_versions_can_be_watched_and_what_works_is_said(
    desk: Driver, command: str, ways: tuple[str, ...]
) -> None:
    drawn = text(desk, command)
    assert "You can only subscribe to Deep Learning VM versions" in drawn
    for way in ways:
        assert f"`{way}`" in drawn
        assert not isinstance(desk.run(way.removeprefix("/dlvm "), NOW), answers.Help | answers.OtherProduct)
    assert "subscribe" in command or not isinstance(desk.run(command, NOW), answers.Unsubscribed)


def test_a_list_leaves_out_what_can_no_longer_be_used_unless_all_is_asked_for(desk: Driver) -> None:
    short, whole = desk.run("list vertex:xgboost", NOW), desk.run("list vertex:xgboost all", NOW)
    assert isinstance(short, answers.SisterList)
    assert isinstance(whole, answers.SisterList)
    assert [line.version for line in short.lines] == ["vertex:xgboost-2.1", "vertex:xgboost-2.0"]
    assert (short.unavailable_count, len(whole.lines), whole.unavailable_count) == (9, 11, 0)
    assert "No version is supported or usable" in text(desk, "list dlc")
    assert isinstance(desk.run("list dlc:pytorch-2.4", NOW), answers.Help)


def test_a_status_says_in_one_line_where_the_version_ends_on_other_days(desk: Driver) -> None:
    found = desk.run("status pytorch-2.3", NOW)
    assert isinstance(found, answers.Status)
    assert found.sister_dates == (
        answers.SisterDates(
            "vertex:pytorch-2.3", "Vertex AI prediction", (date(2026, 1, 14),), (date(2027, 1, 14),)
        ),
    )  # fmt: skip
    (line,) = [line for line in text(desk, "status pytorch-2.3").splitlines() if "Different dates" in line]
    assert line == (
        "*Different dates on related products:* Vertex AI prediction, last day of patches 14 Jan 2026, last usable day"
        " 14 Jan 2027 (in 50 days) (`vertex:pytorch-2.3`)"
    )


def test_where_the_days_are_the_same_nothing_is_said_of_elsewhere(desk: Driver) -> None:
    found = desk.run("status pytorch-2.0", NOW)
    assert isinstance(found, answers.Status)
    same = {one.version for one in found.sister_dates}
    rows = [
        row
        for version in sister_products.list_versions("dlc")
        if version.name == "pytorch-2.0"
        for row in version.families
    ]
    assert {row.get_date(milestone).day for row in rows for milestone in Milestone} == {
        date(2024, 3, 15), date(2025, 3, 15),
    }  # fmt: skip
    assert (found.end_of_patch_and_support, found.end_of_availability) == (date(2024, 3, 15), date(2025, 3, 15))
    assert "dlc:pytorch-2.0" not in same
    assert "vertex:pytorch-2.0" in same


def test_where_no_newer_one_is_supported_here_a_product_that_still_does_is_named(desk: Driver) -> None:
    found = desk.run("status tf-2.15", NOW)
    assert isinstance(found, answers.Status)
    assert [candidate.version for candidate in found.advice.on_other_products] == ["aws-dlc:tensorflow-2.21"]
    drawn = text(desk, "successor tf-2.15")
    assert "TensorFlow is still supported elsewhere: TensorFlow 2.21 on AWS Deep Learning Containers" in drawn
    base, torch = desk.run("status base-cpu", NOW), desk.run("status pytorch-2.3", NOW)
    assert isinstance(base, answers.Status)
    assert isinstance(torch, answers.Status)
    assert base.advice.on_other_products == torch.advice.on_other_products == ()
