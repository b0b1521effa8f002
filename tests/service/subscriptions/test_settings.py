"""A channel's settings as people write them: taken, kept and shown, or explained."""

import pytest

from bot.slack.blocks.render import render
from storage.facts import QuietHours
from tests.service.driver import Driver, change_settings, utc


def test_every_setting_is_taken_kept_and_shown(lone_desk: Driver) -> None:
    now = utc("2026-12-01 10:00")
    text = (
        "zone Europe/Berlin, hour 8:30 ladder 60 14 7 0 passed days-off fri sat country de quiet 18:00-08:00"
        " mention <!subteam^S123|@ml> from 14 weekly on notes on"
    )
    assert change_settings(lone_desk, text, now).errors == ()
    found = change_settings(lone_desk, "", now)
    assert found.schedule.ladder == (60, 14, 7, 0, -1)
    assert (found.schedule.days_off, found.schedule.country) == ((4, 5), "DE")
    assert (found.mention, found.mention_from, found.weekly, found.release_notes) == ("S123", 14, True, True)
    assert isinstance(found.quiet, QuietHours)
    shown = render(found)["text"]
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
    again = change_settings(
        lone_desk, "ladder default days-off none country none quiet none mention nobody weekly off notes off", now
    )
    assert (again.schedule.days_off, again.schedule.country, again.quiet, again.mention) == ((), "", None, "")
    assert (again.weekly, again.release_notes) == (False, False)
    assert again.schedule.ladder == lone_desk.default.ladder


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ladder tomorrow", "is not a ladder"),
        ("ladder 90 30 -5", "is not a ladder"),
        ("ladder 99999", "is not a ladder"),
        ("days-off funday", "are not days off"),
        ("days-off mon tue wed thu fri sat", "at most five"),
        ("country Utopia", "is not a country"),
        ("quiet 18:00", "are not quiet hours"),
        ("quiet 9-9", "are not quiet hours"),
        ("mention everyone", "neither a person nor a user group"),
        ("mention <!channel>", "neither a person nor a user group"),
        ("from soon", "is not a number of days"),
        ("weekly maybe", "neither `on` nor `off`"),
        ("notes sometimes", "neither `on` nor `off`"),
    ],
)
def test_a_setting_that_is_not_understood_says_how_to_write_it_and_changes_nothing(
    lone_desk: Driver, text: str, sentence: str
) -> None:
    found = change_settings(lone_desk, f"hour 10:00 {text}", utc("2026-12-01 10:00"))
    assert sentence in found.errors[0][1]
    assert found.schedule == lone_desk.default
