"""How late the release notes told of an end, by the real notes and the real dates."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest

from bot.catalogue import seed
from bot.catalogue.release_notes import changes, feed, mentions
from bot.policy import advance_notice, versions
from storage.facts import DLVM, Milestone, ReleaseNote
from tests.catalogue import feed_factories

VERSIONS = {version.name: version for version in versions.group_by_version(seed.load().families)}
READ = changes.to_facts(
    feed.parse_feed(feed_factories.build_real_feed()).items,
    DLVM,
    tuple(VERSIONS.values()),
    datetime(2026, 4, 14, tzinfo=UTC),
)


def days_late(milestone: date, found: Iterable[ReleaseNote], names: advance_notice.VersionMatcher) -> int | None:
    """Days from one of the version's dates to the item that first told of its end; negative where it came before."""
    first = advance_notice.find_first(found, names)
    return (first.day - milestone).days if first is not None else None


def last_patch(name: str) -> date:
    days = {row.get_date(Milestone.END_OF_PATCH_AND_SUPPORT).day for row in VERSIONS[name].families}
    (found,) = days
    assert found is not None
    return found


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
def test_the_real_notes_came_so_many_days_after_the_end_of_patches(name: str, days: int | None) -> None:
    assert days_late(last_patch(name), READ, mentions.build_matcher(VERSIONS[name])) == days


def said(kind: str, text: str, day: int = 10) -> ReleaseNote:
    moment = datetime(2025, 1, day, tzinfo=UTC)
    return ReleaseNote(DLVM, moment.date(), kind, 1, "", text, "", "", (), moment)


@pytest.mark.parametrize(
    ("note", "days"),
    [
        (said("Breaking", "PyTorch 2.3 moves"), -5),
        (said("deprecated", "PyTorch 2.3"), -5),
        (said("Feature", "New\nPyTorch 2.3 is deprecated"), -5),
        (said("Change", "PyTorch 2.3 reached the end of its support"), -5),
        (said("Feature", "PyTorch 2.3 is new\nPyTorch 2.2 is deprecated"), None),
        (said("Feature", "pytorch-2-3-gpu is deprecated for pytorch-2-3-cu121"), None),
        (said("Breaking", "PyTorch 2.2 and earlier"), None),
    ],
)
def test_an_item_tells_of_an_end_by_its_kind_or_by_the_words_beside_the_version(
    note: ReleaseNote, days: int | None
) -> None:
    assert days_late(date(2025, 1, 15), [note], mentions.build_matcher(VERSIONS["pytorch-2.3"])) == days


def test_the_first_item_counts() -> None:
    earlier, later = said("Breaking", "PyTorch 2.3", 3), said("Breaking", "PyTorch 2.3 and earlier", 20)
    names = mentions.build_matcher(VERSIONS["pytorch-2.3"])
    assert advance_notice.find_first((later, earlier), names) == earlier
    assert days_late(date(2025, 1, 1), (later, earlier), names) == 2
