"""Rendering of messages that dlvm sends on its own."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from bot import answers
from bot.policy.changes import Direction
from bot.sandbox.block_kit.validate import check_message
from bot.slack.blocks import kit
from bot.slack.blocks.reminders import message, notices
from storage.facts import Health, Milestone

SOURCE = answers.Source("https://example.org/", date(2026, 4, 10))
EMPTY = answers.ReminderMessage("T1", "C1", "key", date(2027, 1, 13), "UTC", (), SOURCE)
LINE = answers.ReminderLine(
    version="pytorch-2.7",
    title="PyTorch 2.7",
    milestone=Milestone.END_OF_AVAILABILITY,
    second_milestone=None,
    milestone_date=date(2027, 4, 13),
    rung=90,
    days_left=90,
    last_working_day=None,
    next_availability=None,
    families=("pytorch-2-7-cu128-ubuntu-2204-nvidia-570",),
    advice=answers.Advice(None, is_newest=False),
    due_on=date(2027, 1, 13),
    is_late=False,
)
DATE_CHANGE = answers.DateChangeLine(
    version="pytorch-2.7",
    title="PyTorch 2.7",
    milestone=Milestone.END_OF_AVAILABILITY,
    before=date(2027, 4, 13),
    after=date(2027, 10, 13),
    direction=Direction.LATER,
    families=("pytorch-2-7-cu128-ubuntu-2204-nvidia-570",),
)


def render_text(answer: answers.Message) -> str:
    rendered = message.render(answer)
    assert check_message(rendered) == ()
    return str(rendered["text"])


@pytest.mark.parametrize(
    ("direction", "after", "headline", "meaning"),
    [
        (Direction.LATER, date(2027, 10, 13), "moved later", "Reminders now follow the new date."),
        (Direction.EARLIER, date(2027, 2, 1), "moved EARLIER", "You have less time than announced."),
        (Direction.INTO_THE_PAST, date(2027, 1, 1), "has already passed", "The new date has already passed."),
        (Direction.EXTENDED, date(2027, 10, 13), "was extended", "Ignore the earlier message"),
        (Direction.WITHDRAWN, None, "was withdrawn", "to be determined"),
    ],
)
def test_date_change_shows_both_dates_and_its_meaning(
    direction: Direction, after: date | None, headline: str, meaning: str
) -> None:
    text = render_text(replace(EMPTY, date_changes=(replace(DATE_CHANGE, direction=direction, after=after),)))
    assert headline in text
    assert meaning in text
    assert "~13 Apr 2027~" in text
    assert ("Now: *" in text) == (after is not None)


def test_decisions_that_stay_in_force_are_named() -> None:
    assert "Still in force for the new date: acknowledged." in render_text(
        replace(EMPTY, date_changes=(replace(DATE_CHANGE, kept_decisions=("acknowledged",)),))
    )


def test_many_date_changes_are_folded() -> None:
    text = render_text(replace(EMPTY, date_changes=(DATE_CHANGE,) * 9))
    assert text.count("Reminders now follow") == 6
    assert text.count("• PyTorch 2.7: the last day these images can be used moved later") == 3


@pytest.mark.parametrize(
    ("moved_to", "correction"),
    [(date(2027, 10, 13), "It’s now *Wed 13 Oct 2027*"), (None, "It’s now to be determined")],
)
def test_corrected_reminder_strikes_the_old_date(moved_to: date | None, correction: str) -> None:
    text = render_text(replace(EMPTY, lines=(replace(LINE, is_corrected=True, moved_to=moved_to),)))
    assert "~13 Apr 2027~" in text
    assert correction in text


@pytest.mark.parametrize(
    ("left", "headline"),
    [
        (90, "PyTorch 2.7: 90 days left until the last day these images can be used"),
        (1, "PyTorch 2.7: tomorrow is the last day these images can be used"),
        (0, "PyTorch 2.7: today is the last day these images can be used"),
        (-1, "PyTorch 2.7: the last day these images can be used was Tuesday, 1 day ago"),
        (-3, "PyTorch 2.7: the last day these images can be used was Tuesday, 3 days ago"),
    ],
)
def test_headline_counts_from_the_day_of_rendering(left: int, headline: str) -> None:
    assert headline in render_text(replace(EMPTY, lines=(replace(LINE, days_left=left),)))


@pytest.mark.parametrize("has_passed", [False, True])
@pytest.mark.parametrize("second", [None, Milestone.END_OF_AVAILABILITY])
def test_end_of_patches_explains_families_and_names(has_passed: bool, second: Milestone | None) -> None:
    line = replace(
        LINE,
        milestone=Milestone.END_OF_PATCH_AND_SUPPORT,
        second_milestone=second,
        days_left=-1 if has_passed else 30,
        next_availability=date(2028, 4, 13),
    )
    text = render_text(replace(EMPTY, lines=(line,)))
    assert "image *family*" in text
    assert ("no longer resolve" in text) == has_passed
    assert ("names still work until 13 Apr 2028" in text) == (second is None)


def test_date_on_a_day_off_names_the_last_working_day() -> None:
    today = replace(LINE, milestone_date=date(2027, 6, 27), last_working_day=EMPTY.day, days_left=2)
    assert "Today is the last working day before it." in render_text(replace(EMPTY, lines=(today,)))
    ahead = replace(today, last_working_day=date(2027, 6, 25), days_left=30)
    assert "The last working day before it is Fri 25 Jun 2027" in render_text(replace(EMPTY, lines=(ahead,)))


def test_late_or_snoozed_reminder_explains_its_day() -> None:
    late = replace(LINE, is_late=True, due_on=date(2027, 1, 11))
    assert "This reminder is late: it was due on Mon 11 Jan 2027." in render_text(replace(EMPTY, lines=(late,)))
    assert "back because a snooze ended" in render_text(replace(EMPTY, lines=(replace(LINE, is_snooze_over=True),)))


@pytest.mark.parametrize(("owner", "mention"), [("U1", "<@U1>: this date"), ("S1", "<!subteam^S1>: this date")])
def test_mention_comes_first(owner: str, mention: str) -> None:
    assert render_text(replace(EMPTY, lines=(LINE,), mention=owner)).startswith(mention)


NEXT = answers.NextReminder(
    "pytorch-2.7", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13), 90, datetime(2027, 1, 20, 9, tzinfo=UTC)
)
PASSED = ("pytorch-2.3", Milestone.END_OF_AVAILABILITY, date(2026, 12, 24))


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        (answers.WeeklySummary(NEXT, 7, 2, 52, 0, ()), "Nothing is due for 7 days"),
        (answers.WeeklySummary(NEXT, 1, 1, 52, 3, ()), "*This week*\n\nNext reminder: *Wed 20 Jan 2027, 09:00 (UTC)*"),
        (answers.WeeklySummary(None, None, 1, 52, 0, ()), "No upcoming reminders"),
        (answers.WeeklySummary(NEXT, 7, 2, 52, 1, (PASSED,)), "*Passed, and not marked as migrated:*"),
    ],
)
def test_weekly_summary_shows_next_reminder_and_passed_dates(summary: answers.WeeklySummary, text: str) -> None:
    rendered = render_text(replace(EMPTY, weekly=summary))
    assert text in rendered
    assert "verified as of 10 Apr 2026: 52 rows" in rendered


@pytest.mark.parametrize("health", list(Health))
def test_health_message_names_the_channel_and_the_fix(health: Health) -> None:
    answer = answers.HealthMessage("T1", "U1", "key", "C1", health)
    text = render_text(answer)
    assert "<#C1>" in text
    assert text == notices.render_health(answer)["text"]


def test_long_table_is_split_and_empty_table_renders_nothing() -> None:
    assert kit.table([]) == []
    blocks = kit.table([("Version", "Last day"), *((f"pytorch-{n}.{n}", "13 Apr 2027") for n in range(200))])
    assert len(blocks) == 2
    assert check_message({"text": "x", "blocks": blocks}) == ()
