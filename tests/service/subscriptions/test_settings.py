"""Settings of a channel as people type them."""

import pytest

from bot.slack.blocks.render import render
from storage.facts import QuietHours
from tests.service.driver import Driver, change_settings, utc


def test_every_setting_is_parsed_stored_and_shown(lone_desk: Driver) -> None:
    now = utc("2026-12-01 10:00")
    text = (
        "zone Europe/Berlin, hour 8:30 ladder 60 14 7 0 passed days-off fri sat country de quiet 18:00-08:00"
        " mention <!subteam^S123|@ml> from 14 weekly on notes on"
    )
    assert change_settings(lone_desk, text, now).errors == ()
    answer = change_settings(lone_desk, "", now)
    assert answer.schedule.ladder == (60, 14, 7, 0, -1)
    assert (answer.schedule.days_off, answer.schedule.country) == ((4, 5), "DE")
    assert (answer.mention, answer.mention_from, answer.weekly, answer.release_notes) == ("S123", 14, True, True)
    assert isinstance(answer.quiet, QuietHours)
    shown = render(answer)["text"]
    for part in (
        "Europe/Berlin",
        "08:30",
        "60, 14, 7 days before, on the day, the day after",
        "Fri, Sat",
        "DE",
        "Release notes are turned off",
    ):
        assert part in shown
    assert "<!subteam^S123>, from 14 days before" in shown
    reset = change_settings(
        lone_desk, "ladder default days-off none country none quiet none mention nobody weekly off notes off", now
    )
    assert (reset.schedule.days_off, reset.schedule.country, reset.quiet, reset.mention) == ((), "", None, "")
    assert (reset.weekly, reset.release_notes) == (False, False)
    assert reset.schedule.ladder == lone_desk.default.ladder


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
def test_an_invalid_setting_is_explained_and_changes_nothing(lone_desk: Driver, text: str, message: str) -> None:
    answer = change_settings(lone_desk, f"hour 10:00 {text}", utc("2026-12-01 10:00"))
    assert message in answer.errors[0][1]
    assert answer.schedule == lone_desk.default
