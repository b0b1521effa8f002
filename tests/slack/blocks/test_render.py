"""Every answer renders within Slack's limits, with a text that says everything."""

import re
from datetime import UTC, date, datetime, time
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.slack.blocks import kit
from bot.slack.blocks.modals import subscribe
from bot.slack.blocks.modals.settings import render_form, render_saved
from bot.slack.blocks.reminders.message import render_reminder
from bot.slack.blocks.render import RENDERERS, render
from storage.database import Database
from storage.facts import Channel, DecisionKind, Milestone, PrintedDate, Schedule
from tests.service.driver import Driver, open_driver, utc

COMMANDS = [
    "help",
    "make me a <!channel> sandwich & more",
    "status pytorch-2.3",
    "status pytorch-2.7",
    "status pytorch-2.9",
    "status tf-2.17",
    "status tf-2.11",
    "status base-cpu",
    "status pytorch-2-7-cu128-ubuntu-2404-nvidia-570-v20260120",
    "status 2.9",
    "status 2.17",
    "status 9.9",
    "status pytorch-2.5",
    "status pytroch 2.7",
    "status pytorch-latest-gpu",
    "status tf2-ent-2-3-cpu",
    "status workbench-instances-v20260122",
    "status dlc:pytorch-2.4",
    "status aws-dlc:pytorch-2.6",
    "status vertex-train:pytorch-2.1",
    "status vertex:optimized-tensorflow-nightly",
    "status colab:python-3.10",
    "status workbench:slim",
    "status dlami:ubuntu 22.04",
    "status dlc:pytroch-2.4",
    "status dlc:pytorch-2.9",
    "status pytorch-2.6",
    "successor vertex:tf-2.14",
    "list dlc all",
    "list vertex",
    "list vertex all",
    "list vertex:xgboost all",
    "list workbench",
    "list aws-dlc",
    "list dlami",
    "list colab",
    "subscribe dlc:pytorch-2.4",
    "subscribe dlc",
    "unsubscribe vertex",
    "status pytorch",
    "successor pytorch-2.3",
    "successor tf-2.15",
    "successor base-cpu",
    "history pytorch-2.7",
    "history tf-2.11",
    "history 2.9",
    "history pytroch 2.7",
    "history pytorch",
    "list",
    "list all",
    "list tensorflow",
    "list tensorflow all",
    "upcoming",
    "upcoming 3y",
    "subscriptions",
    "settings",
    "settings zone Mars/Olympus hour 25:00",
    "settings zone asia/taipei hour 9:30pm",
    "unsubscribe pytorch-2.9",
    "subscribe pytorch-2.7 tf-2.3 all",
    "subscribe pytorch-2.7",
    "unsubscribe pytorch-2.7",
    "unsubscribe pytorch-2.7",
    "unsubscribe pytorch-*",
    "unsubscribe all",
    "team",
    "team create ml",
    "team ml add",
    "team ml owner <@U123>",
    "team ml subscribe pytorch all",
    "team ml",
    "team",
    "team ml unsubscribe all",
    "team ml remove",
    "team delete ml",
    "team ml paint <!channel>",
    "permissions",
    "permissions named <@U123> <!subteam^S123>",
    "audit",
    "audit 99",
    "subscriptions all",
    "export",
    "import",
]


@pytest.fixture
def driver(sqlite_database: Database) -> Driver:
    return open_driver(sqlite_database)


@pytest.mark.parametrize("day", ["2022-11-01", "2025-04-24", "2026-11-23", "2027-04-13", "2028-08-04", "2030-01-01"])
def test_every_answer_passes_the_validator_on_any_day(driver: Driver, day: str) -> None:
    for command in COMMANDS:
        message = render(driver.run(command, utc(f"{day} 12:00")))
        assert check_message(message) == (), command
        assert message["text"].strip(), command


def test_text_of_a_message_contains_its_blocks(driver: Driver) -> None:
    message = render(driver.run("status pytorch-2.7", utc("2026-11-23 12:00")))
    for part in ("PyTorch 2.7 is deprecated", "13 Apr 2027", "141 days left", "pytorch-2.9", "as of 10 Apr 2026"):
        assert part in message["text"]


def test_every_answer_has_a_renderer() -> None:
    assert set(RENDERERS) == set(get_args(answers.Answer))


@pytest.mark.parametrize("answer", get_args(answers.Answer), ids=lambda answer: str(answer.__name__))
def test_every_answer_is_hashable_and_can_be_cached(answer: type[Struct]) -> None:
    annotations = map(str, answer.__annotations__.values())
    assert not [annotation for annotation in annotations if re.search(r"\b(list|dict|Mapping|set)\[", annotation)]
    assert answer.__struct_config__.frozen
    assert answer.__struct_config__.eq


def test_user_input_mentions_nobody(driver: Driver) -> None:
    for text in (
        "<!channel> <@U1> <#C1>",
        "status <!everyone>",
        "dlc:<!here> 2.4",
        "list dlc:<@U1>",
        "subscribe <@U123> <!here>",
        "list <!channel>",
    ):
        message = str(render(driver.run(text, utc("2026-11-23 12:00"))))
        assert not any(mention in message for mention in ("<!", "<@", "<#")), text


def test_page_of_200_subscriptions_fits_in_a_message() -> None:
    lines = tuple(
        answers.SubscriptionLine(
            f"pytorch-{n}.{n}", f"U{n}", date(2026, 9, 3), (f"pytorch-{n}.{n}",), build_next_reminder(n), None
        )
        for n in range(15)
    )
    answer = answers.SubscriptionList(date(2026, 11, 23), "UTC", lines, 7, 14, 200, answers.ChannelReach.OK)
    message = render(answer)
    assert check_message(message) == ()
    assert "page 7 of 14" in message["text"]


def build_next_reminder(n: int) -> answers.NextReminder:
    at = datetime(2027, 1, 13, 9, tzinfo=UTC)
    return answers.NextReminder(f"pytorch-{n}.{n}", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13), 90, at)


any_text = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=480)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_text, any_text, st.integers(1, 60))
def test_status_of_any_facts_stays_within_the_limits(text: str, other: str, count: int) -> None:
    cell = PrintedDate(text, None, other)
    row = answers.FamilyStatus(
        text, other, text, text, other, text, other, text, LifecycleState.UNKNOWN, False, cell, cell
    )
    source = answers.Source("https://example.org/", date(2026, 4, 10))
    candidate = answers.Candidate("pytorch-2.9", other, date(2028, 8, 4), 9, (text,) * count, ((text, text, other),))
    advice = answers.Advice(candidate, is_newest=False)
    status = answers.Status(
        "pytorch-2.7",
        text,
        date(2026, 1, 1),
        "UTC",
        None,
        LifecycleState.UNKNOWN,
        False,
        None,
        None,
        None,
        None,
        True,
        (row,) * count,
        advice,
        (answers.Subscriber("C1", "all"),) * count,
        True,
        source,
        other,
    )
    for answer in (status, replace(status, rows_differ=False, state=LifecycleState.UNKNOWN)):
        message = render(answer)
        assert check_message(message) == ()
        assert len(message["text"]) <= 4_000


@settings(max_examples=40, deadline=None)
@given(any_text, st.integers(1, 80), st.integers(-400, 400))
def test_any_number_of_reminders_fits_in_a_message(text: str, count: int, left: int) -> None:
    day = date(2027, 1, 13)
    decisions = tuple(answers.DecisionLine(kind, "U1", day, can_undo=True, migrated_to=text) for kind in DecisionKind)
    line = answers.ReminderLine(
        "pytorch-2.7", text, Milestone.END_OF_PATCH_AND_SUPPORT, None, date(2027, 4, 13), 90, left, date(2027, 4, 12),
        date(2028, 4, 13), (text,) * count, answers.Advice(None, is_newest=False), date(2027, 1, 13), True,
        decisions=decisions,
    )  # fmt: skip
    lines = tuple(replace(line, version=f"pytorch-2.{number}") for number in range(count))
    source = answers.Source("https://example.org/", date(2026, 4, 10))
    message = render_reminder(answers.ReminderMessage("T1", "C1", "key", date(2027, 1, 14), "UTC", lines, source))
    assert check_message(message) == ()
    assert len(message["text"]) <= 4_000


def test_settings_form_passes_the_validator() -> None:
    channel = Channel("T1", "C1", Schedule())
    stored = answers.ChannelSettings(channel, False, datetime(2026, 12, 1, tzinfo=UTC), (build_next_reminder(1),))
    assert check_view(render_form(stored, "C1")) == ()
    late = replace(channel, schedule=Schedule(hour=time(23, 59)))
    assert check_view(render_saved(replace(stored, channel=late, next_reminders=()))) == ()


@settings(max_examples=40, deadline=None)
@given(any_text, st.integers(0, 300), st.sampled_from(answers.ChannelReach))
def test_any_subscribe_form_passes_the_validator(text: str, count: int, reach: answers.ChannelReach) -> None:
    day = date(2026, 11, 23)
    line = answers.VersionLine(
        "pytorch-2.7", LifecycleState.UNKNOWN, day, day, Milestone.END_OF_AVAILABILITY, day, False, False, False
    )
    lines = tuple(
        replace(line, version=f"pytorch-{n}.{text[:20]}", next_date=day if n % 2 else None) for n in range(count)
    )
    offered = answers.VersionList("", day, "UTC", lines, 0, answers.Source("https://example.org/", day))
    for typed in ("", text):
        options = subscribe.list_options(offered, typed)
        assert len(options) <= 100
        assert all(0 < len(option["text"]["text"]) <= 75 and len(option["value"]) <= 75 for option in options)
    target = answers.SubscribedTarget("pytorch-2.7", True, ("pytorch-2.7",), build_next_reminder(1), ())
    done = answers.Subscribed(day, text or "UTC", (target,) * count, (text,) * count, reach, time(9))
    assert check_view(subscribe.render_done(done, "C1")) == ()
    assert check_view(subscribe.render_form()) == ()
    channel = Channel("T1", "C1", Schedule(), mention="S1")
    stored = answers.ChannelSettings(channel, False, datetime(2026, 12, 1, tzinfo=UTC), (build_next_reminder(1),))
    tried = replace(stored, errors=(("zone", text),) * min(count, 9))
    assert check_view(render_form(stored, "C1", tried)) == ()


@pytest.mark.parametrize("max_length", [10, 50, 3000])
def test_a_cut_text_never_ends_in_half_an_escape(max_length: int) -> None:
    text = kit.truncate("a &amp; b <https://x|y> ```code``` " * 200, max_length)
    assert len(text) <= max_length
    assert text.count("<") == text.count(">")
