"""Related products: the dates, rows and sources of their versions, and refused subscriptions."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.cli.rendering import render_answer_json
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import RELATED_PRODUCTS
from bot.sandbox.block_kit.validate import check_message
from bot.service.place import Place
from bot.service.versions import related_products
from bot.slack.blocks.render import render
from storage.database import Database
from storage.facts import Milestone
from tests.service.driver import Driver, open_driver, utc

NOW = utc("2026-11-25 12:00")


@pytest.fixture(scope="module")
def driver(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """Share one driver, because these tests change nothing."""
    path = tmp_path_factory.mktemp("related") / "dlvm.db"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    yield open_driver(database)
    database.close()


def show_status(driver: Driver, text: str, day: str = "2026-11-25") -> answers.Status:
    answer = driver.run(f"status {text}", utc(f"{day} 12:00"))
    assert isinstance(answer, answers.Status), answer
    return answer


def render_text(driver: Driver, command: str, day: str = "2026-11-25") -> str:
    return str(render(driver.run(command, utc(f"{day} 12:00")))["text"])


@pytest.mark.parametrize(
    ("day", "state", "days_left"),
    [
        ("2025-07-24", LifecycleState.SUPPORTED, 0),
        ("2025-07-25", LifecycleState.DEPRECATED, 364),
        ("2026-07-24", LifecycleState.DEPRECATED, 0),
        ("2026-07-25", LifecycleState.UNAVAILABLE, None),
    ],
)
def test_status_uses_the_dates_of_the_related_product(
    driver: Driver, day: str, state: LifecycleState, days_left: int | None
) -> None:
    answer = show_status(driver, "dlc:pytorch-2.4", day)
    assert (answer.version, answer.title, answer.product.title) == (
        "dlc:pytorch-2.4", "PyTorch 2.4", "Deep Learning Containers",
    )  # fmt: skip
    assert (answer.state, answer.days_left, answer.is_last_day) == (state, days_left, days_left == 0)
    assert (answer.dlvm_version, answer.source.as_of, answer.source.is_approximate) == (
        "pytorch-2.4",
        date(2026, 4, 10),
        False,
    )
    assert answer.source.url == "https://docs.cloud.google.com/deep-learning-containers/docs/choosing-container"


def test_every_listed_version_is_found_by_its_name(driver: Driver) -> None:
    for product in RELATED_PRODUCTS:
        listed = driver.run(f"list {product} all", NOW)
        assert isinstance(listed, answers.VersionList)
        assert len(listed.lines) == len(related_products.list_versions(product))
        for line in listed.lines:
            assert show_status(driver, line.version).version == line.version


def test_unpublished_end_of_availability_is_not_called_unknown(driver: Driver) -> None:
    answer = show_status(driver, "aws-dlc:pytorch-2.7", "2026-06-25")
    assert (answer.state, answer.end_of_availability, answer.days_left) == (LifecycleState.DEPRECATED, None, None)
    message_text = render_text(driver, "status aws-dlc:pytorch-2.7", "2026-06-25")
    assert "is past its last day of patches and support" in message_text
    assert "not published" in message_text
    assert "known" not in message_text
    assert "since 2025-04-23" in message_text


def test_month_is_shown_as_a_month(driver: Driver) -> None:
    answer = show_status(driver, "workbench:26.03")
    assert answer.end_of_patch_and_support == date(2028, 3, 31)
    assert answer.advice is None
    message_text = render_text(driver, "status workbench:26.03")
    assert "March 2028 (a month only, so its last day counts: 31 Mar 2028)" in message_text
    assert "as of about 1 Jul 2026" in message_text
    assert "March 2028" in render_text(driver, "list workbench")
    assert "31 Mar 2028" not in render_text(driver, "list workbench")


def test_last_days_of_patches_and_of_use_are_announced(driver: Driver) -> None:
    assert "today is the last day of patches" in render_text(driver, "status dlc:pytorch-2.4", "2025-07-24")
    assert "today is the last day of use" in render_text(driver, "status dlc:pytorch-2.4", "2026-07-24")
    assert "its rows are in different states" in render_text(driver, "status vertex-train:pytorch-2.1", "2025-10-10")
    assert "This is the newest supported PyTorch version" in render_text(driver, "status aws-dlc:pytorch-2.13")


def test_to_be_determined_and_not_applicable_are_kept(driver: Driver) -> None:
    assert show_status(driver, "colab:python-3.12").state is LifecycleState.UNKNOWN
    assert "to be determined" in render_text(driver, "status colab:python-3.12")
    assert "not applicable" in render_text(driver, "status vertex:optimized-tensorflow-nightly")


def test_differing_rows_keep_their_own_dates(driver: Driver) -> None:
    answer = show_status(driver, "vertex-train:pytorch-2.1")
    assert (answer.rows_differ, answer.end_of_patch_and_support, len(answer.families)) == (True, None, 3)
    narrowed = show_status(driver, "x/vertex-ai/training/pytorch-gpu.2-1.py310:latest")
    assert [row.family for row in narrowed.families] == ["vertex-ai/training/pytorch-gpu.2-1.py310:latest"]
    assert not narrowed.rows_differ
    assert "differs by row" in render_text(driver, "status vertex-train:pytorch-2.1")


@pytest.mark.parametrize(
    ("query", "version", "rows"),
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
def test_image_paths_and_short_names_resolve_to_their_rows(driver: Driver, query: str, version: str, rows: int) -> None:
    answer = show_status(driver, query)
    assert (answer.version, len(answer.families)) == (version, rows)


def test_successor_is_of_the_same_product(driver: Driver) -> None:
    answer = driver.run("successor aws-dlc:pytorch-2.6", NOW)
    assert isinstance(answer, answers.Successor)
    assert answer.advice is not None
    assert answer.advice.successor is not None
    assert answer.advice.successor.version == "aws-dlc:pytorch-2.13"
    newest = show_status(driver, "aws-dlc:pytorch-2.13").advice
    assert newest is not None
    assert newest.is_newest
    assert "These versions don’t succeed each other" in render_text(driver, "successor workbench:26.03")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status dlc:pytroch 2.4", ("dlc:pytorch-2.4",)),
        ("status scikit-learn 1.6", ("vertex:scikit-learn-1.6",)),
        ("status dcl:tensorflow-2.15", ("dlc:tensorflow-2.15",)),
        ("status dlc:2.4", ("dlc:pytorch-2.4", "dlc:model-garden-vllm-2.4")),
    ],
)
def test_misspelt_or_unprefixed_names_get_full_suggestions(
    driver: Driver, query: str, expected: tuple[str, ...]
) -> None:
    answer = driver.run(query, NOW)
    assert isinstance(answer, answers.DidYouMean)
    assert answer.suggestions[: len(expected)] == expected
    assert isinstance(driver.run(f"status {answer.suggestions[0]}", NOW), answers.Status)


@given(
    st.sampled_from([*RELATED_PRODUCTS, "dlc pytorch", "vertex:tf 2.", "workbench-instances-"]),
    st.text(alphabet="pytorchcu2.-346* /<>|:é", max_size=30) | st.text(max_size=30),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_text_after_a_prefix_is_answered_within_slacks_limits(driver: Driver, prefix: str, rest: str) -> None:
    for command in (f"status {prefix}:{rest}", f"list {prefix}{rest}", f"subscribe {prefix}:{rest}"):
        assert check_message(render(driver.run(command, NOW, Place("T9", "C9", "U9")))) == (), command


def test_unlisted_version_has_neighbours_and_related_versions(driver: Driver) -> None:
    there = driver.run("status dlc:pytorch-2.9", NOW)
    here = driver.run("status pytorch-2.6", NOW)
    nothing = driver.run("status dlc:zzzzzz", NOW)
    image = driver.run("status odd-image.py310", NOW)
    for answer in (there, here, nothing, image):
        assert isinstance(answer, answers.NotInCatalogue)
    assert isinstance(there, answers.NotInCatalogue)
    assert isinstance(here, answers.NotInCatalogue)
    assert there.neighbours == ("dlc:pytorch-2.4",)
    assert there.source.title == "the Deep Learning Containers table"
    assert here.related_versions == ("dlami:pytorch-2.6", "aws-dlc:pytorch-2.6")
    assert "`/dlvm list dlc all` shows every version" in render_text(driver, "status dlc:pytorch-2.9")


@pytest.mark.parametrize(
    ("command", "ways"),
    [
        ("subscribe dlc:pytorch-2.4", ("/dlvm status dlc:pytorch-2.4", "/dlvm subscribe pytorch-2.4")),
        ("subscribe pytorch-2.7 vertex:xgboost-2.1", ("/dlvm status vertex:xgboost-2.1",)),
        ("subscribe dlc", ("/dlvm list dlc",)),
        ("unsubscribe vertex:tf-2.15", ("/dlvm status vertex:tensorflow-2.15",)),
    ],
)
def test_subscribing_to_a_related_product_is_refused_with_advice(
    driver: Driver, command: str, ways: tuple[str, ...]
) -> None:
    message_text = render_text(driver, command)
    assert "You can only subscribe to Deep Learning VM versions" in message_text
    for way in ways:
        assert f"`{way}`" in message_text
        assert not isinstance(driver.run(way.removeprefix("/dlvm "), NOW), answers.Help | answers.OtherProduct)
    assert "subscribe" in command or not isinstance(driver.run(command, NOW), answers.Unsubscribed)


def test_list_has_unavailable_versions_only_with_all(driver: Driver) -> None:
    short, full = driver.run("list vertex:xgboost", NOW), driver.run("list vertex:xgboost all", NOW)
    assert isinstance(short, answers.VersionList)
    assert isinstance(full, answers.VersionList)
    assert [line.version for line in short.lines] == ["vertex:xgboost-2.1", "vertex:xgboost-2.0"]
    assert (short.unavailable_count, len(full.lines), full.unavailable_count) == (9, 11, 0)
    assert "No version is supported or usable" in render_text(driver, "list dlc")
    assert "`/dlvm list vertex:xgboost all` lists all" in render_text(driver, "list vertex:xgboost")
    assert isinstance(driver.run("list dlc:pytorch-2.4", NOW), answers.Help)


def test_subscription_to_a_version_is_not_one_to_related_products(sqlite_driver: Driver) -> None:
    place = Place("T9", "C9", "U9")
    sqlite_driver.run("subscribe all", NOW, place)
    listed = [sqlite_driver.run(f"list {product} all", NOW, place) for product in ("pytorch", "dlc")]
    subscribed = [
        {line.is_subscribed for line in answer.lines} for answer in listed if isinstance(answer, answers.VersionList)
    ]
    assert subscribed == [{True}, {False}]


def test_json_of_a_related_product_names_it_and_marks_months(driver: Driver) -> None:
    fields = json.loads(render_answer_json(show_status(driver, "workbench:26.03")))
    assert (fields["product"]["title"], fields["product"]["publishes_availability"]) == ("Workbench instances", False)
    assert (fields["advice"], fields["families"][0]["is_month_only"]) == (None, True)
    assert fields["families"][0]["end_of_patch_and_support_as_printed"] == "March 2028"


def test_status_has_differing_related_dates_in_one_line(driver: Driver) -> None:
    answer = driver.run("status pytorch-2.3", NOW)
    assert isinstance(answer, answers.Status)
    assert answer.related_dates == (
        answers.RelatedDates(
            "vertex:pytorch-2.3", "Vertex AI prediction", (date(2026, 1, 14),), (date(2027, 1, 14),)
        ),
    )  # fmt: skip
    (line,) = [line for line in render_text(driver, "status pytorch-2.3").splitlines() if "Different dates" in line]
    assert line == (
        "*Different dates on related products:* Vertex AI prediction, last day of patches 14 Jan 2026, last usable day"
        " 14 Jan 2027 (in 50 days) (`vertex:pytorch-2.3`)"
    )


def test_equal_related_dates_are_left_out(driver: Driver) -> None:
    answer = driver.run("status pytorch-2.0", NOW)
    assert isinstance(answer, answers.Status)
    differing = {dates.version for dates in answer.related_dates}
    rows = [
        row
        for version in related_products.list_versions("dlc")
        if version.name == "pytorch-2.0"
        for row in version.families
    ]
    assert {row.get_date(milestone).day for row in rows for milestone in Milestone} == {
        date(2024, 3, 15), date(2025, 3, 15),
    }  # fmt: skip
    assert (answer.end_of_patch_and_support, answer.end_of_availability) == (date(2024, 3, 15), date(2025, 3, 15))
    assert "dlc:pytorch-2.0" not in differing
    assert "vertex:pytorch-2.0" in differing


def test_related_product_is_named_if_no_successor_is_left(driver: Driver) -> None:
    answer = driver.run("status tf-2.15", NOW)
    assert isinstance(answer, answers.Status)
    assert answer.advice is not None
    assert [candidate.version for candidate in answer.advice.on_other_products] == ["aws-dlc:tensorflow-2.21"]
    message_text = render_text(driver, "successor tf-2.15")
    assert "TensorFlow is still supported elsewhere: TensorFlow 2.21 on AWS Deep Learning Containers" in message_text
    base, torch = driver.run("status base-cpu", NOW), driver.run("status pytorch-2.3", NOW)
    assert isinstance(base, answers.Status)
    assert isinstance(torch, answers.Status)
    assert base.advice is not None
    assert torch.advice is not None
    assert base.advice.on_other_products == torch.advice.on_other_products == ()
