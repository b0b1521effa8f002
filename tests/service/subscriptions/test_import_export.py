"""A channel out as a document and in again: the same, or a sentence and nothing changed."""

import contextlib
from datetime import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot import answers
from bot.service import portrait
from bot.service.place import countries
from bot.service.subscriptions import document, setting_values
from storage.database import Database
from storage.facts import Channel, QuietHours, Schedule
from tests.service.driver import PLACE, Desk, at, opened
from tests.service.permissions_driver import audited

NOW = at("2026-11-23 12:00")
OTHER = replace(PLACE, channel_id="C2")

hours = st.times().map(lambda each: time(each.hour, each.minute))
quiet = st.tuples(hours, hours).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: QuietHours(*pair))
schedules = st.builds(
    Schedule,
    st.sampled_from(("UTC", "Asia/Taipei", "America/New_York")),
    hours,
    st.sets(st.integers(-1, 730), min_size=1, max_size=20).map(lambda s: tuple(sorted(s, reverse=True))),
    st.sets(st.integers(0, 6), max_size=5).map(lambda s: tuple(sorted(s))),
    st.sampled_from(("", "NO", *sorted(countries())[:5])),
)
channels = st.builds(
    Channel,
    st.just("T1"),
    st.just("C1"),
    schedules,
    zone_set=st.just(True),
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
    text = document.write(tuple(watched), tuple(portrait.written(channel).items()))
    found = document.read(text)
    assert set(found.subscriptions or ()) == watched
    assert setting_values.grant(replace(channel, schedule=Schedule(), quiet=None), found.settings) == (channel, ())
    plain = yaml.safe_load(text)
    assert plain["settings"] == portrait.written(channel), "any reader of YAML takes it alike"


@pytest.fixture
def lone(sqlite_database: Database) -> Desk:
    return opened(sqlite_database)


def exported(desk: Desk, place: object = PLACE) -> str:
    found = desk.say("export", NOW, place)  # type: ignore[arg-type] # a place
    assert isinstance(found, answers.Exported)
    return found.text


def test_what_is_exported_comes_in_again_as_the_same(database: Database) -> None:
    desk = opened(database)
    desk.say("subscribe pytorch-2.7 tensorflow", NOW)
    desk.say("settings hour 10:30 country NO weekly on notes on quiet 18:00-09:00 mention <@U123> from 14", NOW)
    text = exported(desk)
    same = desk.conversation.bulk.apply(text, PLACE, NOW)
    assert isinstance(same, answers.Imported)
    assert (same.changes, same.kept) == (False, 2)
    before = len(audited(desk))
    moved = desk.conversation.bulk.apply(text, OTHER, NOW)
    assert isinstance(moved, answers.Imported)
    assert set(moved.added) == {"pytorch-2.7", "tensorflow"}
    assert exported(desk, OTHER) == text
    assert len(audited(desk)) == before
    assert [row.what for row in audited(desk, "C2")] == ["settings", "subscribe"]


def test_the_difference_is_shown_first_and_then_applied(lone: Desk) -> None:
    lone.say("subscribe pytorch-2.7 pytorch-2.9", NOW)
    text = "subscriptions: [torch 2.9, tf-2.17]\nsettings: {hour: 10:30}\n"
    planned = lone.conversation.bulk.compare(text, PLACE)
    assert isinstance(planned, answers.Imported)
    assert (planned.added, planned.removed, planned.kept) == (("tensorflow-2.17",), ("pytorch-2.7",), 1)
    assert planned.settings == (("hour", "09:00", "10:30"),)
    assert "pytorch-2.7" in exported(lone)
    assert lone.conversation.bulk.apply(text, PLACE, NOW) == replace(planned, applied=True)
    assert "hour: '10:30'" in exported(lone)
    assert [row.what for row in audited(lone)] == ["subscribe", "settings", "unsubscribe", "subscribe"]


def test_what_a_document_does_not_mention_stays(lone: Desk) -> None:
    lone.say("subscribe pytorch-2.7", NOW)
    lone.say("settings hour 7", NOW)
    found = lone.conversation.bulk.apply("settings: {weekly: on}", PLACE, NOW)
    assert isinstance(found, answers.Imported)
    assert (found.kept, found.removed) == (1, ())
    lone.conversation.bulk.apply("subscriptions:", PLACE, NOW)
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
def test_what_is_wrong_is_a_sentence_and_changes_nothing(lone: Desk, text: str, part: str) -> None:
    lone.say("subscribe pytorch-2.9", NOW)
    before = exported(lone)
    found = lone.conversation.bulk.apply(text, PLACE, NOW)
    if isinstance(found, answers.Imported):
        pytest.fail(f"taken: {found}")
    assert part in found.sentence
    assert exported(lone) == before


@given(st.text(max_size=200), st.sampled_from(("{}", "subscriptions: {}", "settings:\n  hour: {}")))
def test_no_text_breaks_the_reader(text: str, around: str) -> None:
    with contextlib.suppress(document.DocumentError):
        found = document.read(around.format(text))
        assert found.subscriptions is not None or "settings" in around or "settings" in text
