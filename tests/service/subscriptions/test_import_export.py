"""Export and import of a channel's subscriptions and settings."""

import contextlib
from datetime import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot import answers
from bot.service.place import Place
from bot.service.subscriptions import document, setting_table
from bot.service.working_days import list_countries
from storage.database import Database
from storage.facts import Channel, QuietHours, Schedule
from tests.service.driver import PLACE, Driver, open_driver, utc
from tests.service.permissions_driver import list_audit_entries

NOW = utc("2026-11-23 12:00")
OTHER = replace(PLACE, channel_id="C2")

hours = st.times().map(lambda moment: time(moment.hour, moment.minute))
quiet = st.tuples(hours, hours).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: QuietHours(*pair))
schedules = st.builds(
    Schedule,
    st.sampled_from(("UTC", "Asia/Taipei", "America/New_York")),
    hours,
    st.sets(st.integers(-1, 730), min_size=1, max_size=20).map(lambda rungs: tuple(sorted(rungs, reverse=True))),
    st.sets(st.integers(0, 6), max_size=5).map(lambda weekdays: tuple(sorted(weekdays))),
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
def test_a_dumped_document_parses_to_the_same_channel(channel: Channel, names: set[str]) -> None:
    text = document.dump(tuple(names), setting_table.format_settings(channel))
    parsed = document.parse(text)
    assert set(parsed.subscriptions or ()) == names
    empty = replace(channel, schedule=Schedule(), quiet=None)
    assert setting_table.apply_settings(empty, parsed.settings) == (channel, ())
    assert yaml.safe_load(text)["settings"] == setting_table.format_settings(channel), "in any YAML parser"


@pytest.fixture
def driver(sqlite_database: Database) -> Driver:
    return open_driver(sqlite_database)


def export(driver: Driver, place: Place = PLACE) -> str:
    exported = driver.run("export", NOW, place)
    assert isinstance(exported, answers.ChannelExport)
    return exported.text


def apply(driver: Driver, text: str, place: Place = PLACE) -> answers.ImportResult:
    result = driver.use_cases.import_export.apply(text, place, NOW)
    assert isinstance(result, answers.ImportResult), result
    return result


def test_an_export_imports_without_changes(database: Database) -> None:
    driver = open_driver(database)
    driver.run("subscribe pytorch-2.7 tensorflow", NOW)
    driver.run("settings hour 10:30 country NO weekly on notes on quiet 18:00-09:00 mention <@U123> from 14", NOW)
    text = export(driver)
    result = apply(driver, text)
    assert (result.has_changes, result.unchanged) == (False, 2)
    entry_count = len(list_audit_entries(driver))
    assert set(apply(driver, text, OTHER).added) == {"pytorch-2.7", "tensorflow"}
    assert export(driver, OTHER) == text
    assert len(list_audit_entries(driver)) == entry_count
    assert [row.action for row in list_audit_entries(driver, "C2")] == ["settings", "subscribe"]


def test_compare_shows_the_changes_that_apply_makes(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7 pytorch-2.9", NOW)
    text = "subscriptions: [torch 2.9, tf-2.17]\nsettings: {hour: 10:30}\n"
    planned = driver.use_cases.import_export.compare(text, PLACE)
    assert isinstance(planned, answers.ImportResult)
    assert (planned.added, planned.removed, planned.unchanged) == (("tensorflow-2.17",), ("pytorch-2.7",), 1)
    assert planned.settings == (("hour", "09:00", "10:30"),)
    assert "pytorch-2.7" in export(driver)
    assert apply(driver, text) == replace(planned, is_applied=True)
    assert "hour: '10:30'" in export(driver)
    assert [row.action for row in list_audit_entries(driver)] == ["subscribe", "settings", "unsubscribe", "subscribe"]


def test_parts_missing_from_the_document_stay(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", NOW)
    driver.run("settings hour 7", NOW)
    result = apply(driver, "settings: {weekly: on}")
    assert (result.unchanged, result.removed) == (1, ())
    apply(driver, "subscriptions:")
    assert "subscriptions: []" in export(driver)
    assert "07:00" in export(driver)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nsubscriptions: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "must be a mapping"),
        ("- pytorch", "must be a mapping"),
        ("subscriptions: [", "Invalid YAML near line"),
        ("\x00", "Invalid YAML"),
        (BOMB, "aliases"),
        ("subscriptions: !!python/object/apply:os.system [true]", "tags"),
        ("subscriptions: [[[[pytorch]]]]", "nested"),
        ("[" * 19_000, "nested"),
        ("x" * 20_001, "20,001 characters"),
        ("version: 2\nsubscriptions: []", "dlvm reads version 1"),
        ("version: 1", "add `subscriptions` or `settings`"),
        ("subscription: [pytorch]", "Unknown key “subscription”. Use version, subscriptions or settings."),
        ("subscriptions: pytorch", "a list of names"),
        ("subscriptions: [{a: b}]", "a list of names"),
        (f"subscriptions: [{', '.join(['pytorch'] * 501)}]", "the maximum is 500"),
        ("subscriptions: []\nsubscriptions: [all]", "Duplicate key “subscriptions”"),
        ("? [a]\n: b", "must be a plain word"),
        ("settings: [hour]", "must be a mapping"),
        ("settings: {colour: blue}", "Unknown setting “colour”"),
        ("settings: {hour: [9]}", "not a list"),
        ("settings: {hour: 25}", "not a time of day"),
        ("subscriptions: [pytroch-2.7]", "Did you mean pytorch-2.7?"),
        ("subscriptions: [pytorch-9.9]", "isn’t in Google’s table"),
        ("subscriptions: [pytorch-latest-gpu]", "is a rolling family"),
        ("subscriptions: ['2.9']", "more than one framework"),
        ("subscriptions: [tf2-ent-2-3-cpu]", ""),
        ("subscriptions: ['<!channel>']", "isn’t in Google’s table"),
    ],
)
def test_an_invalid_document_is_explained_and_changes_nothing(driver: Driver, text: str, part: str) -> None:
    driver.run("subscribe pytorch-2.9", NOW)
    before = export(driver)
    result = driver.use_cases.import_export.apply(text, PLACE, NOW)
    assert isinstance(result, answers.InvalidRequest), result
    assert part in result.message
    assert export(driver) == before


@given(st.text(max_size=200), st.sampled_from(("{}", "subscriptions: {}", "settings:\n  hour: {}")))
def test_the_parser_raises_document_errors_only(text: str, template: str) -> None:
    with contextlib.suppress(document.DocumentError):
        parsed = document.parse(template.format(text))
        assert parsed.subscriptions is not None or "settings" in template or "settings" in text
