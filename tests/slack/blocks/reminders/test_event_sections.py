"""Rendering of catalogue events in reminder messages."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.slack.blocks.reminders import message
from storage.facts import (
    DLVM,
    DateFilledIn,
    Dependency,
    DependencyReplaced,
    Milestone,
    OverrideConflict,
    PrintedDate,
    ReleaseNoteMention,
    RowsArrived,
    RowsReturned,
    RowsVanished,
)
from tests.slack.blocks.reminders.test_message import DATE_CHANGE, EMPTY, LINE, render_text

FAMILY = "pytorch-2-9-cu129-ubuntu-2404-nvidia-580"
DATES = answers.RowDates(
    PrintedDate("August 4, 2028", date(2028, 8, 4)), PrintedDate("August 4, 2028", date(2028, 8, 4)), (FAMILY,)
)
VERSION, FAMILIES = (DLVM, "pytorch-2.9"), (FAMILY,)
EOP, EOA = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY
NEW = RowsArrived(*VERSION, FAMILIES, is_new_version=True)
REMOVED = RowsVanished(*VERSION, FAMILIES, is_whole_version=False)
PYTHON = DependencyReplaced(*VERSION, Dependency.PYTHON, "3.12", "3.13", FAMILIES)
NOTE = ReleaseNoteMention(*VERSION, "2026-10-07 Breaking 1", "Breaking", date(2026, 10, 7), "text")
EVENT = answers.EventLine(
    event_id=7,
    change=replace(NEW, is_new_version=False),
    title="PyTorch 2.9",
    families=(FAMILY,),
    found_on=EMPTY.day,
    target="pytorch-2.9",
    dates=(DATES,),
)


def render_events(*lines: answers.EventLine) -> str:
    return render_text(replace(EMPTY, events=lines))


def fill_in(milestone: Milestone, day: date) -> answers.EventLine:
    """Build the line of a newly published date."""
    return replace(EVENT, change=DateFilledIn(*VERSION, milestone, day, FAMILIES))


def conflict(day: date, override: str = "30 Jun 2027, by Ada", remark: str = "x") -> OverrideConflict:
    """Build a conflict about the end of availability."""
    return OverrideConflict(*VERSION, EOA, day, FAMILIES, override, durations.format_date(day), remark)


def rename(line: answers.EventLine, version: str, **changes: object) -> answers.EventLine:
    """Return the line for another version."""
    return replace(line, change=replace(line.change, version=version), **changes)


@pytest.mark.parametrize(
    ("changed", "headline"),
    [
        ({"change": NEW}, "PyTorch 2.9 is new in Google’s table"),
        ({}, "PyTorch 2.9: a new image family"),
        ({"families": (FAMILY, "other")}, "PyTorch 2.9: 2 new image families"),
        ({"change": REMOVED, "is_whole_version": True}, "PyTorch 2.9 is no longer listed in Google’s table"),
        ({"change": REMOVED}, "PyTorch 2.9: an image family is no longer listed"),
        (
            {"change": REMOVED, "families": (FAMILY, "other")},
            "PyTorch 2.9: 2 image families are no longer listed",
        ),
        ({"change": RowsReturned(*VERSION, FAMILIES)}, "PyTorch 2.9 is listed again in Google’s table"),
        ({"change": replace(PYTHON, dependency=Dependency.OS)}, "PyTorch 2.9: operating system changed"),
        (
            {"change": DateFilledIn(*VERSION, EOP, date(2028, 8, 4), FAMILIES)},
            "PyTorch 2.9: the last day of patches and support is now known",
        ),
        (
            {"change": conflict(date(2028, 8, 4))},
            "PyTorch 2.9: Google’s table conflicts with the override of the last day these images can be used",
        ),
        (
            {"change": NOTE},
            "PyTorch 2.9 is in the release notes of 7 Oct 2026",
        ),
        (
            {"change": NOTE, "other_titles": ("PyTorch 2.7",)},
            "PyTorch 2.9 and PyTorch 2.7 are in the release notes of 7 Oct 2026",
        ),
        (
            {"change": NOTE, "other_titles": ("A 1", "A 2", "A 3")},
            "PyTorch 2.9, A 1, A 2 and 1 more version are in the release notes of 7 Oct 2026",
        ),
    ],
)
def test_each_kind_of_event_has_its_own_headline(changed: dict[str, object], headline: str) -> None:
    text = render_events(replace(EVENT, **changed))
    assert text.startswith(f"*{headline}*")


@pytest.mark.parametrize(
    ("milestone", "day", "consequence"),
    [
        (EOP, date(2027, 6, 1), "After this date Google no longer releases patches or security fixes, and references"),
        (EOP, date(2027, 1, 4), "Google no longer releases patches or security fixes, and references to the image"),
        (EOA, date(2027, 6, 1), "After this date you can no longer use these images."),
        (EOA, date(2027, 1, 4), "You can no longer use these images."),
    ],
)
def test_newly_published_date_shows_its_consequences(milestone: Milestone, day: date, consequence: str) -> None:
    text = render_events(fill_in(milestone, day))
    has_passed = day < EMPTY.day
    assert consequence in text
    assert ("It was *4 Jan 2027 (9 days ago)*." in text) == has_passed
    assert ("Reminders now follow this date." in text) == (not has_passed)
    assert ("image names still work until 4 Aug 2028" in text) == (milestone is EOP)


def test_image_names_are_not_promised_after_or_without_their_end() -> None:
    for cell in (PrintedDate("To be determined"), PrintedDate("January 5, 2027", date(2027, 1, 5))):
        row = replace(DATES, end_of_availability=cell)
        line = replace(fill_in(EOP, date(2027, 1, 4)), dates=(row,))
        assert "image names still work" not in render_events(line)


def test_image_families_with_different_dates_are_listed_separately() -> None:
    other = answers.RowDates(
        PrintedDate("Ju1 11, 2027", None, "no date"), PrintedDate("To be determined"), ("pytorch-2-9-cpu",)
    )
    text = render_events(replace(EVENT, dates=(DATES, other)))
    assert f"`{FAMILY}`: last day of patches and support, and the last day these images can be used: *4 Aug" in text
    assert "`pytorch-2-9-cpu`: last day of patches and support: printed as `Ju1 11, 2027`, which can’t be read" in text
    assert "`pytorch-2-9-cpu`: last day these images can be used: to be determined." in text


def test_dependencies_that_changed_together_are_one_event() -> None:
    python = replace(EVENT, change=PYTHON)
    driver_change = replace(PYTHON, dependency=Dependency.DRIVER, before="580", after="590")
    cuda_change = replace(PYTHON, dependency=Dependency.CUDA, before="12.9", after="13.0")
    driver, cuda = replace(EVENT, event_id=8, change=driver_change), replace(EVENT, event_id=9, change=cuda_change)
    text = render_events(python, driver, cuda)
    assert text.startswith("*PyTorch 2.9: Python, NVIDIA driver and CUDA changed*")
    assert "• NVIDIA driver: 580 → *590*" in text
    assert "that depends on Python 3.12 or NVIDIA driver 580 or CUDA 12.9" in text
    assert text.count("This might break") == 1
    os_change = replace(PYTHON, dependency=Dependency.OS, before="Ubuntu 22.04", after="Ubuntu 24.04")
    os = replace(EVENT, change=os_change)
    assert "• Operating system: Ubuntu 22.04 → *Ubuntu 24.04*" in render_events(os)
    assert "that depends on Ubuntu 22.04. Test" in render_events(os)


def test_events_of_one_version_share_a_heading() -> None:
    removed = replace(EVENT, event_id=8, change=REMOVED)
    other = rename(EVENT, "pytorch-2.7", event_id=9, title="PyTorch 2.7")
    text = render_events(EVENT, removed, other)
    assert text.startswith("*PyTorch 2.9: 2 changes*\n\n*PyTorch 2.9: a new image family*\n")
    assert "*PyTorch 2.9: an image family is no longer listed*\n" in text
    assert "\n\n*PyTorch 2.7: a new image family*\n\n" in text


def test_new_version_names_at_most_three_predecessors() -> None:
    predecessor = answers.Predecessor("pytorch-2.7", "PyTorch 2.7", LifecycleState.SUPPORTED, EOP, date(2027, 2, 1))
    line = replace(EVENT, change=NEW, target="all", predecessors=(predecessor,) * 5)
    text = render_events(line)
    assert text.count("*PyTorch 2.7*, which this channel is subscribed to, ends soon: the last day of patches") == 3
    assert "is 1 Feb 2027 (in 19 days). You can upgrade to PyTorch 2.9.\n" in text
    assert "because it’s subscribed to every framework version" in text
    assert "because" not in render_events(replace(line, target="pytorch-2.9"))


def test_override_stays_in_effect_despite_another_date_in_the_table() -> None:
    text = render_events(replace(EVENT, change=conflict(date(2027, 6, 1), "30 Jun 2027")))
    assert "The table now says *1 Jun 2027 (in 139 days)*." in text
    assert "The overridden date is 30 Jun 2027. It stays in effect until the override is removed.\nx\n" in text


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        ("https://docs.cloud.google.com/x#October_07_2026", True),
        ("javascript:alert(1)", False),
        ("https://a|<!channel>", False),
    ],
)
def test_release_note_is_escaped_and_truncated(url: str, is_linked: bool) -> None:
    hostile = "<!channel> & `x` " + "a word " * 400
    text = render_events(replace(EVENT, change=replace(NOTE, text=hostile), url=url))
    assert "*Breaking:* &lt;!channel&gt; &amp; `x`" in text
    assert "<!channel>" not in text
    assert len(text) < 2000
    assert (f"<{url}|release notes>" in text) == is_linked


@pytest.mark.parametrize("count", [1, 12, 60])
def test_any_number_of_events_fits_in_a_message(count: int) -> None:
    events = tuple(
        rename(replace(EVENT, change=NEW), f"pytorch-2.{number}", event_id=number, title=f"PyTorch 2.{number}")
        for number in range(count)
    )
    full = replace(EMPTY, date_changes=(DATE_CHANGE,) * 9, lines=(LINE,) * 9, events=events, mention="U1")
    render_text(full)
    blocks = message.render_reminder(full)["blocks"]
    assert len(blocks) < 50
    assert blocks[-1]["type"] == "context", "nothing was cut off"
    content = str(blocks)
    assert f"PyTorch 2.{count - 1} is new in Google’s table" in content
    assert ("more in Google’s table" in content) == (count > 1)


def test_folded_event_shows_its_date() -> None:
    lines = [rename(fill_in(EOA, date(2027, 6, 1)), f"v-{number}", event_id=number) for number in range(5)]
    removed = rename(replace(EVENT, change=REMOVED), "v-5", event_id=5)
    text = render_events(*lines, removed)
    assert "• PyTorch 2.9: the last day these images can be used is now known: 1 Jun 2027 (in 139 days)" in text
    assert "• PyTorch 2.9: an image family is no longer listed\n" in f"{text}\n"


@pytest.mark.parametrize(("days", "is_shown"), [(3, False), (4, True)])
def test_event_found_before_the_weekend_shows_its_day(days: int, *, is_shown: bool) -> None:
    text = render_events(replace(EVENT, found_on=EMPTY.day - timedelta(days=days)))
    assert ("Found on 9 Jan 2027." in text) == is_shown
