"""Settings of a channel as people type them."""

from pathlib import Path

import pytest

from bot.service.subscriptions.setting_table import SETTINGS, SettingSpec
from bot.slack.blocks.render import render
from storage.facts import QuietHours
from tests.service.driver import Driver, change_settings, utc

ROOT = Path(__file__).parents[3]


def test_every_setting_is_parsed_stored_and_shown(sqlite_driver: Driver) -> None:
    now = utc("2026-12-01 10:00")
    text = (
        "zone Europe/Berlin, hour 8:30 ladder 60 14 7 0 passed days-off fri sat country de quiet 18:00-08:00"
        " mention <!subteam^S123|@ml> from 14 weekly on notes on"
    )
    assert change_settings(sqlite_driver, text, now).errors == ()
    answer = change_settings(sqlite_driver, "", now)
    channel = answer.channel
    assert channel.schedule.ladder == (60, 14, 7, 0, -1)
    assert (channel.schedule.days_off, channel.schedule.country) == ((4, 5), "DE")
    assert (channel.mention, channel.mention_from, channel.weekly, channel.notes) == ("S123", 14, True, True)
    assert isinstance(channel.quiet, QuietHours)
    shown = render(answer)["text"]
    for part in (
        "Europe/Berlin",
        "08:30",
        "60, 14, 7 days before, on the day, the day after",
        "Fri, Sat",
        "DE",
        "<!subteam^S123>",
        "14 days before a date",
        "Release notes are turned off",
    ):
        assert part in shown
    reset = change_settings(
        sqlite_driver, "ladder default days-off none country none quiet none mention nobody weekly off notes off", now
    )
    channel = reset.channel
    assert (channel.schedule.days_off, channel.schedule.country, channel.quiet, channel.mention) == ((), "", None, "")
    assert (channel.weekly, channel.notes) == (False, False)
    assert channel.schedule.ladder == sqlite_driver.default.ladder


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_has_a_valid_documented_example(sqlite_driver: Driver, setting: SettingSpec) -> None:
    text = f"{setting.name} {setting.example}"
    assert text in (ROOT / "docs/using.md").read_text()
    now = utc("2026-12-01 10:00")
    typed = text.replace("@ml-oncall", "<!subteam^S123|@ml-oncall>")  # as Slack sends it
    answer = change_settings(sqlite_driver, typed, now)
    assert answer.errors == ()
    again = change_settings(sqlite_driver, f"{setting.name} {setting.format_value(answer.channel)}", now)
    assert again.channel == answer.channel


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ladder tomorrow", "is not a schedule"),
        ("ladder 90 30 -5", "is not a schedule"),
        ("ladder 99999", "is not a schedule"),
        ("days-off funday", "are not days off"),
        ("days-off mon tue wed thu fri sat", "at most 5 weekdays"),
        ("country Utopia", "is not a country"),
        ("quiet 18:00", "are not quiet hours"),
        ("quiet 9-9", "are not quiet hours"),
        ("mention everyone", "neither a person nor a user group"),
        ("mention <!channel>", "neither a person nor a user group"),
        ("from soon", "is not a number of days"),
        ("weekly maybe", "Use `on` or `off`"),
        ("notes sometimes", "Use `on` or `off`"),
    ],
)
def test_an_invalid_setting_is_explained_and_changes_nothing(sqlite_driver: Driver, text: str, message: str) -> None:
    answer = change_settings(sqlite_driver, f"hour 10:00 {text}", utc("2026-12-01 10:00"))
    assert message in answer.errors[0][1]
    assert answer.channel.schedule == sqlite_driver.default
