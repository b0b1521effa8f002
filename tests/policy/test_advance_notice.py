"""Advance notice by the release notes, with the real notes and the real dates."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest

from bot.catalogue import seed
from bot.catalogue.release_notes import changes, feed, mentions
from bot.policy import advance_notice, versions
from storage.facts import DLVM, Milestone, ReleaseNote
from tests.catalogue import feed_factories

VERSIONS = {version.name: version for version in versions.group_by_version(seed.load().families)}
REAL_NOTES = changes.to_facts(
    feed.parse_feed(feed_factories.build_real_feed()).items,
    tuple(VERSIONS.values()),
    datetime(2026, 4, 14, tzinfo=UTC),
)


def count_days_late(
    milestone: date, notes: Iterable[ReleaseNote], is_about_version: advance_notice.VersionMatcher
) -> int | None:
    """Return the days from the milestone to the first announcement, negative if it came earlier, or None."""
    first = advance_notice.find_first(notes, is_about_version)
    return (first.day - milestone).days if first is not None else None


def get_end_of_patches(name: str) -> date:
    (day,) = {row.get_date(Milestone.END_OF_PATCH_AND_SUPPORT).day for row in VERSIONS[name].families}
    assert day is not None
    return day


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("tensorflow-2.17", 3),
        ("tensorflow-2.15", 63),
        ("pytorch-2.3", 81),
        ("pytorch-2.1", 104),
        ("base-cu124", 104),
        ("base-cu122", 202),
        ("pytorch-2.7", 0),
        ("tensorflow-2.16", 16),
        ("tensorflow-2.14", 112),
        ("pytorch-2.2", 165),
        ("pytorch-2.0", 307),
        ("base-cu123", 268),
        ("base-cu121", 323),
        ("pytorch-2.4", None),
        ("pytorch-2.9", None),
    ],
)
def test_real_notes_announced_the_end_this_many_days_late(name: str, days: int | None) -> None:
    assert count_days_late(get_end_of_patches(name), REAL_NOTES, mentions.build_matcher(VERSIONS[name])) == days


def build_note(kind: str, text: str, day: int = 10) -> ReleaseNote:
    moment = datetime(2025, 1, day, tzinfo=UTC)
    return ReleaseNote(DLVM, moment.date(), kind, 1, "", text, "", "", (), moment)


@pytest.mark.parametrize(
    ("note", "days"),
    [
        (build_note("Breaking", "PyTorch 2.3 moves"), -5),
        (build_note("deprecated", "PyTorch 2.3"), -5),
        (build_note("Feature", "New\nPyTorch 2.3 is deprecated"), -5),
        (build_note("Change", "PyTorch 2.3 reached the end of its support"), -5),
        (build_note("Feature", "PyTorch 2.3 is new\nPyTorch 2.2 is deprecated"), None),
        (build_note("Feature", "pytorch-2-3-gpu is deprecated for pytorch-2-3-cu121"), None),
        (build_note("Breaking", "PyTorch 2.2 and earlier"), None),
    ],
)
def test_item_announces_an_end_by_its_kind_or_its_wording(note: ReleaseNote, days: int | None) -> None:
    assert count_days_late(date(2025, 1, 15), [note], mentions.build_matcher(VERSIONS["pytorch-2.3"])) == days


def test_first_announcement_counts() -> None:
    earlier, later = build_note("Breaking", "PyTorch 2.3", 3), build_note("Breaking", "PyTorch 2.3 and earlier", 20)
    is_about_version = mentions.build_matcher(VERSIONS["pytorch-2.3"])
    assert advance_notice.find_first((later, earlier), is_about_version) == earlier
    assert count_days_late(date(2025, 1, 1), (later, earlier), is_about_version) == 2
