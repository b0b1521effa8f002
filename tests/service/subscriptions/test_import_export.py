"""A channel out as a document and in again: the same, or a sentence and nothing changed."""

import contextlib
from datetime import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot import answers
from bot.service.subscriptions import document, setting_values
from bot.service.working_days import list_countries
from storage.database import Database
from storage.facts import Channel, QuietHours, Schedule
from tests.service.driver import PLACE, Driver, open_driver, utc
from tests.service.permissions_driver import list_audit_entries

NOW = utc("2026-11-23 12:00")
OTHER = replace(PLACE, channel_id="C2")

hours = st.times().map(lambda each: time(each.hour, each.minute))
quiet = st.tuples(hours, hours).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: QuietHours(*pair))
schedules = st.builds(
    Schedule,
    st.sampled_from(("UTC", "Asia/Taipei", "America/New_York")),
    hours,
    st.sets(st.integers(-1, 730), min_size=1, max_size=20).map(lambda s: tuple(sorted(s, reverse=True))),
    st.sets(st.integers(0, 6), max_size=5).map(lambda s: tuple(sorted(s))),
    st.sampled_from(("", "NO", *sorted(list_countries())[:5])),
)
channels = st.builds(
    Channel,
    st.just("T1"),
    st.just("C1"),
    schedules,
    has_own_zone=st.just(True),
    quiet=st.none() | quiet,
    mention=st.sampled_from(("", "U123", "S456")),
    mention_from=st.integers(0, 730),
    weekly=st.booleans(),
    notes=st.booleans(),
)
targets = st.sets(st.sampled_from(("all", "pytorch", "pytorch-2.7", "base-cu124", "tensorflow-2.17")))


@settings(deadline=None, max_examples=80)
@given(channels, targets)
def test_a_document_says_all_of_a_channel(channel: Channel, watched: set[str]) -> None:
    text = document.dump(tuple(watched), tuple(setting_values.format_settings(channel).items()))
    found = document.parse(text)
    assert set(found.subscriptions or ()) == watched
    assert setting_values.apply_settings(replace(channel, schedule=Schedule(), quiet=None), found.settings) == (
        channel,
        (),
    )
    plain = yaml.safe_load(text)
    assert plain["settings"] == setting_values.format_settings(channel), "any reader of YAML takes it alike"


@pytest.fixture
def lone(sqlite_database: Database) -> Driver:
    return open_driver(sqlite_database)


def exported(desk: Driver, place: object = PLACE) -> str:
    found = desk.run("export", NOW, place)  # type: ignore[arg-type] # a place
    assert isinstance(found, answers.ChannelExport)
    return found.text


def test_what_is_exported_comes_in_again_as_the_same(database: Database) -> None:
    desk = open_driver(database)
    desk.run("subscribe pytorch-2.7 tensorflow", NOW)
    desk.run("settings hour 10:30 country NO weekly on notes on quiet 18:00-09:00 mention <@U123> from 14", NOW)
    text = exported(desk)
    same = desk.dispatcher.import_export.apply(text, PLACE, NOW)
    assert isinstance(same, answers.ImportResult)
    assert (same.has_changes, same.unchanged) == (False, 2)
    before = len(list_audit_entries(desk))
    moved = desk.dispatcher.import_export.apply(text, OTHER, NOW)
    assert isinstance(moved, answers.ImportResult)
    assert set(moved.added) == {"pytorch-2.7", "tensorflow"}
    assert exported(desk, OTHER) == text
    assert len(list_audit_entries(desk)) == before
    assert [row.action for row in list_audit_entries(desk, "C2")] == ["settings", "subscribe"]


def test_the_difference_is_shown_first_and_then_applied(lone: Driver) -> None:
    lone.run("subscribe pytorch-2.7 pytorch-2.9", NOW)
    text = "subscriptions: [torch 2.9, tf-2.17]\nsettings: {hour: 10:30}\n"
    planned = lone.dispatcher.import_export.compare(text, PLACE)
    assert isinstance(planned, answers.ImportResult)
    assert (planned.added, planned.removed, planned.unchanged) == (("tensorflow-2.17",), ("pytorch-2.7",), 1)
    assert planned.settings == (("hour", "09:00", "10:30"),)
    assert "pytorch-2.7" in exported(lone)
    assert lone.dispatcher.import_export.apply(text, PLACE, NOW) == replace(planned, is_applied=True)
    assert "hour: '10:30'" in exported(lone)
    assert [row.action for row in list_audit_entries(lone)] == ["subscribe", "settings", "unsubscribe", "subscribe"]


def test_what_a_document_does_not_mention_stays(lone: Driver) -> None:
    lone.run("subscribe pytorch-2.7", NOW)
    lone.run("settings hour 7", NOW)
    found = lone.dispatcher.import_export.apply("settings: {weekly: on}", PLACE, NOW)
    assert isinstance(found, answers.ImportResult)
    assert (found.unchanged, found.removed) == (1, ())
    lone.dispatcher.import_export.apply("subscriptions:", PLACE, NOW)
    assert "subscriptions: []" in exported(lone)
    assert "07:00" in exported(lone)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nsubscriptions: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "has to be a mapping"),
        ("- pytorch", "has to be a mapping"),
        ("subscriptions: [", "not YAML near line"),
        ("\x00", "not YAML"),
        (BOMB, "aliases"),
        ("subscriptions: !!python/object/apply:os.system [true]", "tags"),
        ("subscriptions: [[[[pytorch]]]]", "nested"),
        ("[" * 19_000, "nested"),
        ("x" * 20_001, "20,001 characters"),
        ("version: 2\nsubscriptions: []", "this dlvm reads 1"),
        ("version: 1", "says nothing"),
        ("subscription: [pytorch]", "is not a key"),
        ("subscriptions: pytorch", "a list of names"),
        ("subscriptions: [{a: b}]", "a list of names"),
        (f"subscriptions: [{', '.join(['pytorch'] * 501)}]", "at most 500"),
        ("subscriptions: []\nsubscriptions: [all]", "twice"),
        ("? [a]\n: b", "has to be a word"),
        ("settings: [hour]", "has to be a mapping"),
        ("settings: {colour: blue}", "is not a setting"),
        ("settings: {hour: [9]}", "not a list"),
        ("settings: {hour: 25}", "not a time of day"),
        ("subscriptions: [pytroch-2.7]", "did you mean pytorch-2.7"),
        ("subscriptions: [pytorch-9.9]", "not in the catalogue"),
        ("subscriptions: [pytorch-latest-gpu]", "moves"),
        ("subscriptions: ['2.9']", "more than one framework"),
        ("subscriptions: [tf2-ent-2-3-cpu]", ""),
        ("subscriptions: ['<!channel>']", "not in the catalogue"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_changes_nothing(lone: Driver, text: str, part: str) -> None:
    lone.run("subscribe pytorch-2.9", NOW)
    before = exported(lone)
    found = lone.dispatcher.import_export.apply(text, PLACE, NOW)
    if isinstance(found, answers.ImportResult):
        pytest.fail(f"taken: {found}")
    assert part in found.message
    assert exported(lone) == before


@given(st.text(max_size=200), st.sampled_from(("{}", "subscriptions: {}", "settings:\n  hour: {}")))
def test_no_text_breaks_the_reader(text: str, around: str) -> None:
    with contextlib.suppress(document.DocumentError):
        found = document.parse(around.format(text))
        assert found.subscriptions is not None or "settings" in around or "settings" in text
