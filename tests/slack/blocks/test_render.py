"""Every answer drawn within Slack's limits, with a text that says all of it."""

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
from bot.slack.blocks.modals import settings as modals
from bot.slack.blocks.modals import subscribe
from bot.slack.blocks.reminders import message as messages
from bot.slack.blocks.render import render
from storage.database import Database
from storage.facts import DecisionKind, Milestone, PrintedDate, Schedule
from tests.service.driver import Driver, open_driver, utc

TEXTS = [
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
def lone_desk(sqlite_database: Database) -> Driver:
    return open_driver(sqlite_database)


@pytest.mark.parametrize("day", ["2022-11-01", "2025-04-24", "2026-11-23", "2027-04-13", "2028-08-04", "2030-01-01"])
def test_every_answer_passes_slacks_rules_on_any_day(lone_desk: Driver, day: str) -> None:
    for text in TEXTS:
        message = render(lone_desk.run(text, utc(f"{day} 12:00")))
        assert check_message(message) == (), text
        assert message["text"].strip(), text


def test_each_word_of_an_answer_is_in_its_text(lone_desk: Driver) -> None:
    message = render(lone_desk.run("status pytorch-2.7", utc("2026-11-23 12:00")))
    for part in ("PyTorch 2.7 is deprecated", "13 Apr 2027", "141 days left", "pytorch-2.9", "as of 10 Apr 2026"):
        assert part in message["text"]


@pytest.mark.parametrize("answer", get_args(answers.Answer), ids=lambda answer: str(answer.__name__))
def test_every_answer_can_be_compared_as_a_whole_so_that_equal_ones_are_drawn_once(answer: type[Struct]) -> None:
    found = answer.__annotations__.values()
    assert not [each for each in found if re.search(r"\b(list|dict|Mapping|set)\[", str(each))]
    assert answer.__struct_config__.frozen
    assert answer.__struct_config__.eq


def test_what_people_write_pings_nobody(lone_desk: Driver) -> None:
    for text in (
        "<!channel> <@U1> <#C1>",
        "status <!everyone>",
        "dlc:<!here> 2.4",
        "list dlc:<@U1>",
        "subscribe <@U123> <!here>",
        "list <!channel>",
    ):
        drawn = str(render(lone_desk.run(text, utc("2026-11-23 12:00"))))
        assert not any(sign in drawn for sign in ("<!", "<@", "<#")), text


def test_200_subscriptions_fit_page_by_page() -> None:
    lines = tuple(
        answers.SubscriptionLine(f"pytorch-{n}.{n}", f"U{n}", date(2026, 9, 3), (f"pytorch-{n}.{n}",), _next(n), None)
        for n in range(15)
    )
    listed = answers.SubscriptionList(date(2026, 11, 23), "UTC", lines, 7, 14, 200, answers.ChannelReach.OK)
    message = render(listed)
    assert check_message(message) == ()
    assert "page 7 of 14" in message["text"]


def _next(n: int) -> answers.NextReminder:
    at_ = datetime(2027, 1, 13, 9, tzinfo=UTC)
    return answers.NextReminder(f"pytorch-{n}.{n}", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13), 90, at_)


extreme = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=480)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(extreme, extreme, st.integers(1, 60))
def test_extreme_facts_stay_within_the_limits(text: str, other: str, count: int) -> None:
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
    for each in (status, replace(status, rows_differ=False, state=LifecycleState.UNKNOWN)):
        message = render(each)
        assert check_message(message) == ()
        assert len(message["text"]) <= 4_000


@settings(max_examples=40, deadline=None)
@given(extreme, st.integers(1, 80), st.integers(-400, 400))
def test_any_number_of_reminders_makes_one_message(text: str, count: int, left: int) -> None:
    day = date(2027, 1, 13)
    decided = tuple(answers.DecisionLine(each, "U1", day, can_undo=True, migrated_to=text) for each in DecisionKind)
    line = answers.ReminderLine(
        "pytorch-2.7", text, Milestone.END_OF_PATCH_AND_SUPPORT, None, date(2027, 4, 13), 90, left, date(2027, 4, 12),
        date(2028, 4, 13), (text,) * count, answers.Advice(None, is_newest=False), date(2027, 1, 13), True,
        decisions=decided,
    )  # fmt: skip
    lines = tuple(replace(line, version=f"pytorch-2.{number}") for number in range(count))
    source = answers.Source("https://example.org/", date(2026, 4, 10))
    message = messages.render_reminder(
        answers.ReminderMessage("T1", "C1", "key", date(2027, 1, 14), "UTC", lines, source)
    )
    assert check_message(message) == ()
    assert len(message["text"]) <= 4_000


def test_the_settings_modal_is_a_view_slack_takes() -> None:
    shown = answers.ChannelSettings(Schedule(), True, False, datetime(2026, 12, 1, tzinfo=UTC), (_next(1),))
    assert check_view(modals.render_form(shown, "C1")) == ()
    assert (
        check_view(modals.render_saved(replace(shown, schedule=Schedule(hour=time(23, 59)), next_reminders=()))) == ()
    )


@settings(max_examples=40, deadline=None)
@given(extreme, st.integers(0, 300), st.sampled_from(answers.ChannelReach))
def test_any_form_is_a_view_slack_takes(text: str, count: int, reach: answers.ChannelReach) -> None:
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
    watched = answers.SubscribedTarget("pytorch-2.7", True, ("pytorch-2.7",), _next(1), ())
    done = answers.Subscribed(day, text or "UTC", (watched,) * count, (text,) * count, reach, time(9))
    assert check_view(subscribe.render_done(done, "C1")) == ()
    assert check_view(subscribe.render_form()) == ()
    shown = answers.ChannelSettings(
        Schedule(), True, False, datetime(2026, 12, 1, tzinfo=UTC), (_next(1),), mention="S1"
    )
    tried = replace(shown, errors=(("zone", text),) * min(count, 9))
    assert check_view(modals.render_form(shown, "C1", tried)) == ()


@pytest.mark.parametrize("longest", [10, 50, 3000])
def test_a_cut_text_never_ends_in_half_an_escape(longest: int) -> None:
    text = kit.truncate("a &amp; b <https://x|y> ```code``` " * 200, longest)
    assert len(text) <= longest
    assert text.count("<") == text.count(">")
