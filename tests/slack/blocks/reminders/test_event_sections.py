"""News of versions, drawn: what happened, what it means, what to do, and within Slack's limits, however many."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.slack.blocks.reminders import event_sentences, message
from storage.facts import EventKind, Milestone, PrintedDate
from tests.slack.blocks.reminders.test_message import EMPTY, LINE, MOVED, text_of

FAMILY = "pytorch-2-9-cu129-ubuntu-2404-nvidia-580"
DATES = answers.RowDates(
    PrintedDate("August 4, 2028", date(2028, 8, 4)), PrintedDate("August 4, 2028", date(2028, 8, 4)), (FAMILY,)
)
NEWS = answers.EventLine(
    event_id=7,
    kind=EventKind.ARRIVED,
    version="pytorch-2.9",
    title="PyTorch 2.9",
    families=(FAMILY,),
    found_on=EMPTY.day,
    target="pytorch-2.9",
    dates=(DATES,),
)
EOP, EOA = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY


def told(*lines: answers.EventLine) -> str:
    return text_of(replace(EMPTY, events=lines))


@pytest.mark.parametrize(
    ("changed", "headline"),
    [
        ({"is_new_version": True}, "PyTorch 2.9 is new in Google’s table"),
        ({}, "PyTorch 2.9: a new image family"),
        ({"families": (FAMILY, "other")}, "PyTorch 2.9: 2 new image families"),
        ({"kind": EventKind.VANISHED, "everywhere": True}, "PyTorch 2.9 is no longer listed in Google’s table"),
        ({"kind": EventKind.VANISHED}, "PyTorch 2.9: an image family is no longer listed"),
        (
            {"kind": EventKind.VANISHED, "families": (FAMILY, "other")},
            "PyTorch 2.9: 2 image families are no longer listed",
        ),
        ({"kind": EventKind.RETURNED}, "PyTorch 2.9 is listed again in Google’s table"),
        ({"kind": EventKind.DEPENDENCY_CHANGED, "what": "os"}, "PyTorch 2.9: operating system replaced"),
        (
            {"kind": EventKind.FILLED_IN, "milestone": EOP, "day": date(2028, 8, 4)},
            "PyTorch 2.9: the last day of patches and support is known now",
        ),
        (
            {"kind": EventKind.OVERRIDE_CONFLICT, "milestone": EOA, "day": date(2028, 8, 4)},
            "PyTorch 2.9: Google’s table says another last day these images can be used than was set by hand",
        ),
        (
            {"kind": EventKind.RELEASE_NOTE, "day": date(2026, 10, 7)},
            "PyTorch 2.9 is in the release notes of 7 Oct 2026",
        ),
        (
            {"kind": EventKind.RELEASE_NOTE, "day": date(2026, 10, 7), "also": ("PyTorch 2.7",)},
            "PyTorch 2.9 and PyTorch 2.7 are in the release notes of 7 Oct 2026",
        ),
        (
            {"kind": EventKind.RELEASE_NOTE, "day": date(2026, 10, 7), "also": ("A 1", "A 2", "A 3")},
            "PyTorch 2.9, A 1, A 2 and one more version are in the release notes of 7 Oct 2026",
        ),
    ],
)
def test_each_kind_has_its_own_headline(changed: dict[str, object], headline: str) -> None:
    text = told(replace(NEWS, **changed))
    assert text.startswith(f"*{headline}*")


@pytest.mark.parametrize(
    ("milestone", "day", "said"),
    [
        (EOP, date(2027, 6, 1), "After it no new image versions come, and references to the image *family*"),
        (EOP, date(2027, 1, 4), "No new image versions come, and references to the image *family*"),
        (EOA, date(2027, 6, 1), "After it these images may not be used any more"),
        (EOA, date(2027, 1, 4), "These images may not be used any more"),
    ],
)
def test_a_date_that_is_filled_in_says_what_follows_from_it(milestone: Milestone, day: date, said: str) -> None:
    line = replace(NEWS, kind=EventKind.FILLED_IN, milestone=milestone, day=day)
    text = told(line)
    over = day < EMPTY.day
    assert said in text
    assert ("It was *4 Jan 2027 (9 days ago)*." in text) == over
    assert ("Reminders count towards it from now on." in text) == (not over)
    assert ("image names keep working, and their last day is 4 Aug 2028" in text) == (milestone is EOP)


def test_image_names_are_not_promised_where_their_end_is_over_or_not_known() -> None:
    for cell in (PrintedDate("To be determined"), PrintedDate("January 5, 2027", date(2027, 1, 5))):
        row = replace(DATES, end_of_availability=cell)
        line = replace(NEWS, kind=EventKind.FILLED_IN, milestone=EOP, day=date(2027, 1, 4), dates=(row,))
        assert "image names keep working" not in told(line)


def test_rows_that_differ_are_told_apart_and_what_is_not_known_says_so() -> None:
    other = answers.RowDates(
        PrintedDate("Ju1 11, 2027", None, "no date"), PrintedDate("To be determined"), ("pytorch-2-9-cpu",)
    )
    text = told(replace(NEWS, dates=(DATES, other)))
    assert f"`{FAMILY}`: last day of patches and support, and the last day these images can be used: *4 Aug" in text
    assert "`pytorch-2-9-cpu`: last day of patches and support: printed as `Ju1 11, 2027`, which can’t be read" in text
    assert "`pytorch-2-9-cpu`: last day these images can be used: to be determined." in text


def test_what_is_replaced_together_is_said_together_and_what_may_break_is_named() -> None:
    python = replace(NEWS, kind=EventKind.DEPENDENCY_CHANGED, subject="python", before="3.12", after="3.13")
    driver = replace(python, event_id=8, subject="driver", before="580", after="590")
    cuda = replace(python, event_id=9, subject="cuda", before="12.9", after="13.0")
    text = told(python, driver, cuda)
    assert text.startswith("*PyTorch 2.9: Python, NVIDIA driver and CUDA replaced*")
    assert "• NVIDIA driver: 580 → *590*" in text
    assert "that count on Python 3.12 or NVIDIA driver 580 or CUDA 12.9" in text
    assert text.count("This may break things") == 1
    system = replace(python, subject="os", before="Ubuntu 22.04", after="Ubuntu 24.04")
    assert "• Operating system: Ubuntu 22.04 → *Ubuntu 24.04*" in told(system)
    assert "that count on Ubuntu 22.04: test" in told(system)


def test_several_things_of_one_version_stand_under_its_heading_and_versions_apart() -> None:
    gone = replace(NEWS, event_id=8, kind=EventKind.VANISHED)
    other = replace(NEWS, event_id=9, version="pytorch-2.7", title="PyTorch 2.7")
    text = told(NEWS, gone, other)
    assert text.startswith("*PyTorch 2.9: 2 changes*\n\n*PyTorch 2.9: a new image family*\n")
    assert "*PyTorch 2.9: an image family is no longer listed*\n" in text
    assert "\n\n*PyTorch 2.7: a new image family*\n\n" in text


def test_a_new_version_names_at_most_three_it_may_follow_and_how_to_watch_it() -> None:
    before = answers.Predecessor("pytorch-2.7", "PyTorch 2.7", LifecycleState.SUPPORTED, EOP, date(2027, 2, 1))
    through = replace(NEWS, is_new_version=True, target="all", predecessors=(before,) * 5)
    text = told(through)
    assert text.count("*PyTorch 2.7*, which this channel watches, is near its end: the last day of patches") == 3
    assert "is 1 Feb 2027 (in 19 days). PyTorch 2.9 may be where to go.\n" in text
    assert "because it watches every framework version" in text
    assert "because" not in told(replace(through, target="pytorch-2.9"))


def test_a_date_set_by_hand_still_counts_where_the_table_says_another() -> None:
    line = replace(
        NEWS, kind=EventKind.OVERRIDE_CONFLICT, milestone=EOA, day=date(2027, 6, 1), before="30 Jun 2027", text="x"
    )
    text = told(line)
    assert "The table now says *1 Jun 2027 (in 4 months and 19 days)*." in text
    assert "Set by hand: 30 Jun 2027. That is what counts here, until somebody ends it.\nx\n" in text


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://docs.cloud.google.com/x#October_07_2026", True),
        ("javascript:alert(1)", False),
        ("https://a|<!channel>", False),
    ],
)
def test_a_release_note_is_quoted_harmlessly_and_cut(url: str, linked: bool) -> None:
    hostile = "<!channel> & `x` " + "a word " * 400
    text = told(replace(NEWS, kind=EventKind.RELEASE_NOTE, subject="Breaking", text=hostile, url=url))
    assert "*Breaking:* &lt;!channel&gt; &amp; `x`" in text
    assert "<!channel>" not in text
    assert len(text) < 2000
    assert (f"<{url}|release notes>" in text) == linked


@pytest.mark.parametrize("count", [1, 12, 60])
def test_any_number_of_news_beside_anything_else_fits(count: int) -> None:
    many = tuple(
        replace(NEWS, event_id=number, version=f"pytorch-2.{number}", title=f"PyTorch 2.{number}", is_new_version=True)
        for number in range(count)
    )
    full = replace(EMPTY, date_changes=(MOVED,) * 9, lines=(LINE,) * 9, events=many, mention="U1")
    text_of(full)
    drawn = message.render_reminder(full)
    blocks = str(drawn["blocks"])
    assert len(drawn["blocks"]) < 50
    assert drawn["blocks"][-1]["type"] == "context", "nothing was cut off"
    assert f"PyTorch 2.{count - 1} is new in Google’s table" in blocks
    assert ("more in Google’s table" in blocks) == (count > 1)


def test_a_folded_line_says_the_date_that_it_is_about() -> None:
    filled = replace(NEWS, kind=EventKind.FILLED_IN, milestone=EOA, day=date(2027, 6, 1))
    lines = [replace(filled, version=f"v-{number}", event_id=number) for number in range(5)]
    gone = replace(NEWS, kind=EventKind.VANISHED, version="v-5", event_id=5)
    text = told(*lines, gone)
    assert (
        "• PyTorch 2.9: the last day these images can be used is known now: 1 Jun 2027 (in 4 months and 19 days)"
        in text
    )
    assert "• PyTorch 2.9: an image family is no longer listed\n" in f"{text}\n"


def test_nothing_is_said_of_a_date_that_is_missing() -> None:
    broken = replace(NEWS, kind=EventKind.FILLED_IN)
    assert list(event_sentences.format_event([broken], EMPTY)) == []


@pytest.mark.parametrize(("days", "said"), [(3, False), (4, True)])
def test_what_was_found_more_than_a_weekend_ago_says_when(days: int, *, said: bool) -> None:
    text = told(replace(NEWS, found_on=EMPTY.day - timedelta(days=days)))
    assert ("This was found on 9 Jan 2027." in text) == said
