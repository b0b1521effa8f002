"""What the bot posts by itself, drawn: its words, and within Slack's limits."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from bot import answers
from bot.policy.changes import Direction
from bot.sandbox.block_kit.validate import check_message
from bot.slack.blocks import kit
from bot.slack.blocks.reminders import message as messages
from bot.slack.blocks.reminders import notices
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
MOVED = answers.DateChangeLine(
    version="pytorch-2.7",
    title="PyTorch 2.7",
    milestone=Milestone.END_OF_AVAILABILITY,
    before=date(2027, 4, 13),
    after=date(2027, 10, 13),
    direction=Direction.LATER,
    days_left=273,
    families=("pytorch-2-7-cu128-ubuntu-2204-nvidia-570",),
    found_on=date(2027, 1, 12),
)


def text_of(message: answers.Message) -> str:
    drawn = messages.render(message)
    assert check_message(drawn) == ()
    return str(drawn["text"])


@pytest.mark.parametrize(
    ("direction", "after", "headline", "meaning"),
    [
        (Direction.LATER, date(2027, 10, 13), "moved later", "Reminders count towards the new date."),
        (Direction.EARLIER, date(2027, 2, 1), "moved EARLIER", "There is less time than was said here."),
        (Direction.INTO_THE_PAST, date(2027, 1, 1), "has passed already", "The period it ends is over."),
        (Direction.EXTENDED, date(2027, 10, 13), "was extended", "Disregard the earlier message"),
        (Direction.WITHDRAWN, None, "was withdrawn", "To be determined".lower()),
    ],
)
def test_a_date_that_moved_says_from_where_to_where_and_what_that_means(
    direction: Direction, after: date | None, headline: str, meaning: str
) -> None:
    text = text_of(replace(EMPTY, date_changes=(replace(MOVED, direction=direction, after=after),)))
    assert headline in text
    assert meaning in text
    assert "~13 Apr 2027~" in text
    assert ("It is now" in text) == (after is not None)


def test_decisions_that_go_on_are_named() -> None:
    assert "goes on: acknowledged" in text_of(
        replace(EMPTY, date_changes=(replace(MOVED, kept_decisions=("acknowledged",)),))
    )


def test_many_moves_are_folded() -> None:
    text = text_of(replace(EMPTY, date_changes=(MOVED,) * 9))
    assert text.count("Reminders count towards") == 6
    assert text.count("• PyTorch 2.7: the last day these images can be used moved later") == 3


@pytest.mark.parametrize(
    ("moved_to", "said"), [(date(2027, 10, 13), "It is now *Wed 13 Oct 2027*"), (None, "It is to be determined")]
)
def test_a_corrected_reminder_strikes_the_old_date(moved_to: date | None, said: str) -> None:
    text = text_of(replace(EMPTY, lines=(replace(LINE, is_corrected=True, moved_to=moved_to),)))
    assert "~13 Apr 2027~" in text
    assert said in text


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
def test_a_headline_counts_from_the_day_it_is_drawn_on(left: int, headline: str) -> None:
    assert headline in text_of(replace(EMPTY, lines=(replace(LINE, days_left=left),)))


@pytest.mark.parametrize("passed", [False, True])
@pytest.mark.parametrize("also", [None, Milestone.END_OF_AVAILABILITY])
def test_the_end_of_patches_says_what_becomes_of_families_and_names(passed: bool, also: Milestone | None) -> None:
    line = replace(
        LINE,
        milestone=Milestone.END_OF_PATCH_AND_SUPPORT,
        second_milestone=also,
        days_left=-1 if passed else 30,
        next_availability=date(2028, 4, 13),
    )
    text = text_of(replace(EMPTY, lines=(line,)))
    assert "image *family*" in text
    assert ("no longer resolve" in text) == passed
    assert ("their last day is 13 Apr 2028" in text) == (also is None)


def test_a_date_on_a_day_off_names_the_last_working_day() -> None:
    today = replace(LINE, milestone_date=date(2027, 6, 27), last_working_day=EMPTY.day, days_left=2)
    assert "today is the last working day before it" in text_of(replace(EMPTY, lines=(today,)))
    ahead = replace(today, last_working_day=date(2027, 6, 25), days_left=30)
    assert "the last working day before it is Fri 25 Jun 2027" in text_of(replace(EMPTY, lines=(ahead,)))


def test_a_late_one_says_so_and_a_snoozed_one_why_it_is_back() -> None:
    late = replace(LINE, is_late=True, due_on=date(2027, 1, 11))
    assert "This comes late: it was meant for Mon 11 Jan 2027." in text_of(replace(EMPTY, lines=(late,)))
    assert "because somebody snoozed it" in text_of(replace(EMPTY, lines=(replace(LINE, is_snooze_over=True),)))


@pytest.mark.parametrize(("who", "written"), [("U1", "<@U1>: this is near."), ("S1", "<!subteam^S1>: this is near.")])
def test_a_mention_comes_first(who: str, written: str) -> None:
    assert text_of(replace(EMPTY, lines=(LINE,), mention=who)).startswith(written)


NEXT = answers.NextReminder(
    "pytorch-2.7", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13), 90, datetime(2027, 1, 20, 9, tzinfo=UTC)
)
PASSED = ("pytorch-2.3", Milestone.END_OF_AVAILABILITY, date(2026, 12, 24))


@pytest.mark.parametrize(
    ("week", "said"),
    [
        (answers.WeeklySummary(NEXT, 7, 2, 52, 0, ()), "Nothing is due for 7 days"),
        (answers.WeeklySummary(NEXT, 1, 1, 52, 3, ()), "The next one is near"),
        (answers.WeeklySummary(None, None, 1, 52, 0, ()), "Nothing is ahead"),
        (answers.WeeklySummary(NEXT, 7, 2, 52, 1, (PASSED,)), "nobody said that this channel has migrated"),
    ],
)
def test_a_week_begins_with_what_is_next_and_what_is_open(week: answers.WeeklySummary, said: str) -> None:
    text = text_of(replace(EMPTY, weekly=week))
    assert said in text
    assert "verified as of 10 Apr 2026: 52 rows" in text


@pytest.mark.parametrize("health", list(Health))
def test_a_note_about_a_channel_says_what_mends_it(health: Health) -> None:
    note = answers.HealthMessage("T1", "U1", "key", "C1", health, date(2027, 1, 13))
    text = text_of(note)
    assert "<#C1>" in text
    assert text == notices.render_health(note)["text"]


def test_a_long_table_is_split_and_an_empty_one_is_none() -> None:
    assert kit.table([]) == []
    blocks = kit.table([("Version", "Last day"), *((f"pytorch-{n}.{n}", "13 Apr 2027") for n in range(200))])
    assert len(blocks) == 2
    assert check_message({"text": "x", "blocks": blocks}) == ()
