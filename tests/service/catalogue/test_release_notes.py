"""Polling of the release notes: items are stored, matched with versions and announced once."""

import time
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from bot.catalogue.http.results import FetchedPage, Unavailable
from bot.service.catalogue import release_notes
from bot.service.place import Place
from bot.slack.blocks.reminders.message import render_reminder
from bot.slack.blocks.render import render
from storage import catalogue, outbox, sources
from storage.database import Database
from storage.facts import DLVM, RELEASE_NOTES, PrintedDate, ReleaseNoteMention
from tests.catalogue import feed_factories
from tests.catalogue.feed_factories import build_item
from tests.service.driver import Driver, utc
from tests.service.page_fixture import FakePage
from tests.service.release_notes_fixture import HOUR, START, URL, FakeFeed

JULY = "July 14, 2025"
ENDS = build_item("Breaking", "Past their end of patch:", "Tensorflow 2.17 and earlier", "Pytorch 2.3 and earlier")
ARRIVED = build_item("Feature", "M130 release", "PyTorch 2.4 images are available.")
WITH_NOTES, WITHOUT_NOTES, WITH_ALL, WITH_BASE = (Place("T1", f"C{n}", "U1") for n in range(1, 5))
FIRST_KEY = "2025-07-14 Breaking 1"


@pytest.fixture
def feed(driver: Driver) -> FakeFeed:
    return FakeFeed(driver)


@pytest.fixture
def lone_feed(sqlite_driver: Driver) -> FakeFeed:
    return FakeFeed(sqlite_driver)


def test_settings_warn_if_release_notes_are_not_polled(sqlite_driver: Driver) -> None:
    text = str(render(sqlite_driver.run("settings notes on", START))["text"])
    assert "Release notes are turned off on this server; ask your dlvm admin to enable them." in text
    with sqlite_driver.database.transaction() as session:
        sources.set_polling(session, START, RELEASE_NOTES)
    assert "turned off" not in str(render(sqlite_driver.run("settings", START))["text"])
    assert "turned off" not in str(render(sqlite_driver.run("settings notes off", START))["text"])


def subscribe(feed: FakeFeed, place: Place, targets: str, notes: str = "on") -> None:
    feed.driver.run(f"subscribe {targets}", START, place)
    feed.driver.run(f"settings notes {notes}", START, place)


def test_note_reaches_channels_with_notes_once_for_each_version(feed: FakeFeed) -> None:
    subscribe(feed, WITH_NOTES, "pytorch-2.3 pytorch-2.9")
    subscribe(feed, WITHOUT_NOTES, "pytorch-2.3", notes="off")
    subscribe(feed, WITH_ALL, "all")
    subscribe(feed, WITH_BASE, "base")
    feed.set_entries((JULY, ENDS), ("May 01, 2025", build_item("Breaking", "PyTorch 2.9")))
    result = feed.read(START)
    assert len(result.new) == 2
    assert feed.list_announced_versions("C1") == ["pytorch-2.3"]
    assert feed.list_announced_versions("C2") == feed.list_announced_versions("C4") == []
    assert len(feed.list_announced_versions("C3")) == 18
    assert set(feed.list_announced_versions("C3")) == {version for _, version in result.announced}
    assert feed.read_announced(START + 6 * HOUR) == set()
    assert len(feed.list_announced_versions("C3")) == 18


def test_event_has_the_details_of_a_message_line(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, ENDS + ARRIVED))
    lone_feed.read(START)
    events = lone_feed.list_events()
    mentions = [event.change for event in events if isinstance(event.change, ReleaseNoteMention)]
    assert len({mention.note for mention in mentions}) == 2
    (event,) = [event for event in events if event.change.version == "pytorch-2.4"]
    assert event.found_at == START
    assert event.source_url == f"{feed_factories.ADDRESS}#July_14_2025"
    assert event.change == ReleaseNoteMention(
        product=DLVM,
        version="pytorch-2.4",
        note="2025-07-14 Feature 1",
        note_kind="Feature",
        day=date(2025, 7, 14),
        text="PyTorch 2.4 images are available.",
    )
    texts = {mention.text for mention in mentions if mention.note == FIRST_KEY}
    assert texts == {"Past their end of patch: Tensorflow 2.17 and earlier; Pytorch 2.3 and earlier"}


def test_first_reading_announces_only_the_last_30_days(lone_feed: FakeFeed) -> None:
    first, second = (build_item("Breaking", f"PyTorch {number}") for number in ("2.3", "2.2"))
    lone_feed.set_entries(("June 15, 2025", first), ("June 14, 2025", second))
    assert lone_feed.read_announced(START) == {("2025-06-15 Breaking 1", "pytorch-2.3")}
    assert len(lone_feed.list_stored()) == 2
    lone_feed.set_entries(("June 15, 2025", first), ("June 14, 2025", second), ("June 13, 2025", first))
    assert lone_feed.read_announced(START + 6 * HOUR) == {("2025-06-13 Breaking 1", "pytorch-2.3")}


@pytest.mark.parametrize(
    ("kind", "announcements"),
    [("Breaking", 1), ("DEPRECATED", 1), ("Feature", 1), ("Change", 1), ("Fixed", 0), ("Issue", 0), ("", 0)],
)
def test_only_some_kinds_are_announced(lone_feed: FakeFeed, kind: str, announcements: int) -> None:
    lone_feed.set_entries((JULY, build_item(kind, "PyTorch 2.3") if kind else "<p>PyTorch 2.3</p>"))
    assert len(lone_feed.read_announced(START)) == announcements
    assert [note.versions for note in lone_feed.list_stored()] == [("pytorch-2.3",)]


def test_edited_item_is_announced_for_newly_named_versions_only(feed: FakeFeed) -> None:
    first = build_item("Breaking", "PyTorch 2.3 ended")
    feed.set_entries((JULY, first))
    assert feed.read_announced(START) == {(FIRST_KEY, "pytorch-2.3")}
    feed.set_entries((JULY, first.replace("ended", "has ended")))
    result = feed.read(START + 6 * HOUR)
    assert (result.announced, [note.text for note in result.edited]) == ((), ["PyTorch 2.3 has ended"])
    feed.set_entries((JULY, first.replace("2.3", "2.3 and PyTorch 2.2")))
    later = START + 60 * 24 * HOUR
    assert feed.read_announced(later) == {(FIRST_KEY, "pytorch-2.2")}
    (note,) = feed.list_stored()
    assert (note.versions, note.first_seen, note.changed_at) == (("pytorch-2.3", "pytorch-2.2"), START, later)
    feed.set_entries((JULY, build_item("Breaking", "Nothing")))
    assert feed.read_announced(later + 6 * HOUR) == set()
    feed.set_entries((JULY, first))
    assert feed.read_announced(later + 12 * HOUR) == set(), (
        "announced once ever, even after the version was removed in between"
    )


def test_renumbered_item_is_not_announced_again(lone_feed: FakeFeed) -> None:
    old, new = build_item("Breaking", "PyTorch 2.3 ended"), build_item("Breaking", "PyTorch 2.2 ended")
    lone_feed.set_entries((JULY, old))
    lone_feed.read_announced(START)
    lone_feed.set_entries((JULY, new + ARRIVED + old))
    announced = lone_feed.read_announced(START + 6 * HOUR)
    assert announced == {(FIRST_KEY, "pytorch-2.2"), ("2025-07-14 Feature 1", "pytorch-2.4")}
    assert [(note.kind, note.number) for note in lone_feed.list_stored()] == [
        ("Breaking", 1),
        ("Breaking", 2),
        ("Feature", 1),
    ]


def test_item_split_into_two_kinds_is_not_announced_again(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, build_item("Breaking", "PyTorch 2.3 and TensorFlow 2.17 have ended")))
    assert len(lone_feed.read_announced(START)) == 2
    split = build_item("Deprecated", "PyTorch 2.3 and PyTorch 2.2 ended") + build_item(
        "Breaking", "TensorFlow 2.17 ended"
    )
    lone_feed.set_entries((JULY, split))
    assert lone_feed.read_announced(START + 6 * HOUR) == {("2025-07-14 Deprecated 1", "pytorch-2.2")}
    lone_feed.set_entries(
        (JULY, build_item("Change", "PyTorch 2.3, PyTorch 2.2 and TensorFlow 2.17 ended; TensorFlow 2.16 too"))
    )
    assert lone_feed.read_announced(START + 12 * HOUR) == {("2025-07-14 Change 1", "tensorflow-2.16")}


def test_item_removed_from_the_feed_stays_stored(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, ENDS))
    lone_feed.read(START)
    lone_feed.set_entries(("July 15, 2025", ARRIVED))
    assert len(lone_feed.read(START + 6 * HOUR).new) == 1
    assert len(lone_feed.list_stored()) == 2


def test_recent_item_is_announced_once_its_version_is_listed(lone_feed: FakeFeed) -> None:
    feed, database = lone_feed, lone_feed.driver.database
    feed.set_entries(
        (JULY, build_item("Feature", "PyTorch 2.10 images are available")),
        ("May 01, 2025", build_item("Change", "PyTorch 2.10")),
    )
    assert feed.read_announced(START) == set()
    add_row(database, "2.10")
    assert feed.read_announced(START + 6 * HOUR) == {("2025-07-14 Feature 1", "pytorch-2.10")}
    assert feed.requests[-1].etag, "the feed itself had not changed"
    assert [note.versions for note in feed.list_stored()] == [("pytorch-2.10",)] * 2


def add_row(database: Database, number: str) -> None:
    with database.transaction() as session:
        rows = catalogue.list_all(session)
        newest = next(row for row in rows if row.version == "pytorch-2.9")
        unknown = PrintedDate("To be determined")
        added = replace(newest, family=f"pytorch-{number}", number=number, end_of_patch_and_support=unknown)
        reading = catalogue.find_last_reading(session)
        assert reading is not None
        catalogue.save(session, (*rows, added), reading)


def test_feed_is_polled_every_6_hours_or_manually_once_an_hour(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, ENDS))
    lone_feed.read(START)
    assert lone_feed.poll(START + 5 * HOUR) is None
    assert lone_feed.poll(START + HOUR / 2, manual=True) is None
    assert lone_feed.poll(START + HOUR, manual=True) is not None
    assert lone_feed.poll(START + 6 * HOUR) is None
    assert lone_feed.poll(START + 7 * HOUR) is not None
    assert [bool(source.etag) for source in lone_feed.requests] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (feed_factories.build_feed(feed_factories.build_entry(JULY, ENDS))[:400], "not valid XML"),
        ("<html><body>captcha</body></html>", "not an Atom feed"),
        (feed_factories.build_feed(), "has no entries"),
        ("<feed>" + "x" * 5_000_000, "the limit is 5,000,000"),
        (
            feed_factories.build_feed(feed_factories.build_entry(JULY, "<h3>Fixed</h3>a" * 2_001)),
            "2,001 items; the limit is 2,000",
        ),
    ],
)
def test_invalid_feed_changes_nothing(lone_feed: FakeFeed, text: str, reason: str) -> None:
    lone_feed.set_entries((JULY, ARRIVED))
    lone_feed.read(START)
    before = lone_feed.list_stored()
    lone_feed.text = text
    result = lone_feed.read(START + 6 * HOUR)
    assert (result.is_read, result.new) == (False, ())
    assert reason in result.problem
    source = lone_feed.find_source()
    assert (source.problem, source.last_good_at, source.next_poll_at) == (result.problem, START, START + 7 * HOUR)
    assert lone_feed.list_stored() == before
    lone_feed.set_entries((JULY, ARRIVED))
    assert lone_feed.read(START + 7 * HOUR).is_read
    assert lone_feed.find_source().problem == ""


def test_large_feed_is_parsed_in_time(lone_feed: FakeFeed) -> None:
    started = time.process_time()
    content = build_item("Fixed", "PyTorch 2.3, 2.4 and earlier; Base images with CUDA 12.4 or older; " * 3_000)
    lone_feed.set_entries(
        *((feed_factories.format_title(date(2025, 7, 1) + timedelta(days=n)), content) for n in range(20))
    )
    assert 4_000_000 < len(lone_feed.text) < 5_000_000
    assert len(lone_feed.read(START).new) == 20
    assert max(len(note.text) for note in lone_feed.list_stored()) == 20_000
    assert time.process_time() - started < 10


def test_interrupted_poll_is_completed_by_the_next(lone_feed: FakeFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    lone_feed.set_entries((JULY, ENDS + ARRIVED), ("May 01, 2025", build_item("Breaking", "PyTorch 2.1")))

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "announce_event", fail)
        with pytest.raises(RuntimeError):
            lone_feed.read(START)
    assert lone_feed.list_events() == []
    announced = lone_feed.read_announced(START + HOUR)
    assert len(announced) == 19
    assert all(note.startswith("2025-07-14") for note, _ in announced)


def test_unreadable_entry_is_reported_and_the_rest_is_stored(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries(("Someday", ENDS), (JULY, ARRIVED + build_item("K" * 41, "odd")))
    result = lone_feed.read(START)
    assert (result.is_read, result.problem) == (True, "an entry is titled “Someday”, which is not a date")
    assert [note.kind for note in result.new] == ["Feature"]
    assert (lone_feed.find_source().problem, lone_feed.find_source().last_good_at, lone_feed.find_source().etag) == (
        result.problem,
        START,
        "",
    )


def test_items_of_other_products_are_ignored(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, f"<h2>BigQuery</h2>{ENDS}<h2>Deep Learning VM Images</h2>{ARRIVED}"))
    assert lone_feed.read_announced(START) == {("2025-07-14 Feature 1", "pytorch-2.4")}
    assert len(lone_feed.list_stored()) == 1


def test_overlong_link_is_replaced_by_the_feed(lone_feed: FakeFeed) -> None:
    lone_feed.text = feed_factories.build_feed(
        feed_factories.build_entry(JULY, ARRIVED).replace("#July", "#" + "x" * 600)
    )
    lone_feed.read(START)
    assert [event.source_url for event in lone_feed.list_events()] == [URL]


def test_feed_and_page_fail_independently(lone_feed: FakeFeed) -> None:
    page = FakePage(lone_feed.driver)
    lone_feed.outcome = page.outcome = Unavailable("the server answered 500")
    now = utc("2026-04-12 10:00")
    assert lone_feed.read(now).problem == "the server answered 500"
    assert page.find_source().problem == ""
    assert page.run(now) is not None
    lone_feed.outcome = None
    lone_feed.set_entries((JULY, ENDS))
    assert lone_feed.read(now + HOUR).is_read
    assert page.find_source().problem == "the server answered 500"
    page.outcome, lone_feed.outcome = None, FetchedPage("<feed", URL, "", "")
    assert page.run(now + HOUR) is not None
    assert lone_feed.read(now + 7 * HOUR).problem
    assert page.find_source().problem == ""


def test_only_one_of_two_processes_polls(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, ENDS))
    results = [release_notes.build_poller(lone_feed.driver.database, lone_feed.get).run(START) for _ in range(2)]
    assert results[1] is None
    assert len(lone_feed.requests) == 1


def test_item_about_many_versions_is_one_section_of_a_message(feed: FakeFeed) -> None:
    subscribe(feed, WITH_ALL, "all")
    subscribe(feed, WITH_NOTES, "pytorch-2.3")
    feed.set_entries((JULY, ENDS + ARRIVED))
    feed.read(START)
    feed.driver.build_loop().tick(START + HOUR)
    by_channel = {message.channel_id: str(render_reminder(message)["text"]) for message in feed.driver.sender.accepted}
    all_notes = by_channel["C3"]
    assert all_notes.count("in the release notes of 14 Jul 2025*") == 2
    assert "*PyTorch 2.4 is in the release notes of 14 Jul 2025*" in all_notes
    assert (
        "*PyTorch 2.3, PyTorch 2.2, PyTorch 2.1 and 15 more versions are in the release notes of 14 Jul 2025*"
        in all_notes
    )
    assert all_notes.count("Pytorch 2.3 and earlier") == 1
    assert "*Breaking:* " in all_notes
    assert "*PyTorch 2.3 is in the release notes of 14 Jul 2025*" in by_channel["C1"]
