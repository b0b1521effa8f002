"""The release notes read every few hours: stored, matched, and told once to the channels that want them."""

import time
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from bot.catalogue.http.results import FetchedPage, Unavailable
from bot.service.catalogue import release_notes
from bot.service.place import Place
from bot.slack.blocks.reminders.message import render_reminder as drawn
from bot.slack.blocks.render import render
from storage import catalogue, outbox, sources
from storage.database import Database
from storage.facts import DLVM, RELEASE_NOTES, PrintedDate
from tests.catalogue import feed_factories
from tests.catalogue.feed_factories import build_item
from tests.service.driver import Driver, utc
from tests.service.page_fixture import FakePage
from tests.service.release_notes_fixture import HOUR, START, URL, FakeFeed

JULY = "July 14, 2025"
ENDS = build_item("Breaking", "Past their end of patch:", "Tensorflow 2.17 and earlier", "Pytorch 2.3 and earlier")
ARRIVED = build_item("Feature", "M130 release", "PyTorch 2.4 images are available.")
LISTENING, DEAF, WIDE, OTHER = (Place("T1", f"C{n}", "U1") for n in range(1, 5))
FIRST = "2025-07-14 Breaking 1"


@pytest.fixture
def feed(desk: Driver) -> FakeFeed:
    return FakeFeed(desk)


@pytest.fixture
def lone_feed(lone_desk: Driver) -> FakeFeed:
    return FakeFeed(lone_desk)


def test_who_wants_release_notes_that_are_not_read_is_told_so(lone_desk: Driver) -> None:
    said = str(render(lone_desk.run("settings notes on", START))["text"])
    assert "Release notes are turned off on this server; ask your dlvm admin to enable them." in said
    with lone_desk.database.transaction() as session:
        sources.set_polling(session, START, RELEASE_NOTES)
    assert "turned off" not in str(render(lone_desk.run("settings", START))["text"])
    assert "turned off" not in str(render(lone_desk.run("settings notes off", START))["text"])


def watch(feed: FakeFeed, place: Place, targets: str, notes: str = "on") -> None:
    feed.desk.run(f"subscribe {targets}", START, place)
    feed.desk.run(f"settings notes {notes}", START, place)


def test_a_note_reaches_each_version_that_a_channel_watches_once_and_only_where_notes_are_wanted(
    feed: FakeFeed,
) -> None:
    watch(feed, LISTENING, "pytorch-2.3 pytorch-2.9")
    watch(feed, DEAF, "pytorch-2.3", notes="off")
    watch(feed, WIDE, "all")
    watch(feed, OTHER, "base")
    feed.set_entries((JULY, ENDS), ("May 01, 2025", build_item("Breaking", "PyTorch 2.9")))
    done = feed.read(START)
    assert len(done.new) == 2
    assert feed.list_announced_versions("C1") == ["pytorch-2.3"]
    assert feed.list_announced_versions("C2") == feed.list_announced_versions("C4") == []
    assert len(feed.list_announced_versions("C3")) == 18
    assert set(feed.list_announced_versions("C3")) == {version for _, version in done.announced}
    assert feed.read_announced(START + 6 * HOUR) == set()
    assert len(feed.list_announced_versions("C3")) == 18


def test_an_event_says_what_a_line_of_a_message_needs(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, ENDS + ARRIVED))
    lone_feed.read(START)
    events = lone_feed.list_events()
    assert len({event.details["note"] for event in events}) == 2
    (event,) = [event for event in events if event.version == "pytorch-2.4"]
    assert (event.product, event.framework, event.found_at) == (DLVM, "pytorch", START)
    assert event.source_url == f"{feed_factories.ADDRESS}#July_14_2025"
    assert event.details == {
        "note": "2025-07-14 Feature 1",
        "note_kind": "Feature",
        "note_day": "2025-07-14",
        "text": "PyTorch 2.4 images are available.",
    }
    texts = {event.details["text"] for event in events if event.details["note"] == FIRST}
    assert texts == {"Past their end of patch: Tensorflow 2.17 and earlier; Pytorch 2.3 and earlier"}


def test_the_first_reading_tells_only_what_is_of_the_last_30_days(lone_feed: FakeFeed) -> None:
    first, second = (build_item("Breaking", f"PyTorch {number}") for number in ("2.3", "2.2"))
    lone_feed.set_entries(("June 15, 2025", first), ("June 14, 2025", second))
    assert lone_feed.read_announced(START) == {("2025-06-15 Breaking 1", "pytorch-2.3")}
    assert len(lone_feed.list_stored()) == 2
    lone_feed.set_entries(("June 15, 2025", first), ("June 14, 2025", second), ("June 13, 2025", first))
    assert lone_feed.read_announced(START + 6 * HOUR) == {("2025-06-13 Breaking 1", "pytorch-2.3")}


@pytest.mark.parametrize(
    ("kind", "tells"),
    [("Breaking", 1), ("DEPRECATED", 1), ("Feature", 1), ("Change", 1), ("Fixed", 0), ("Issue", 0), ("", 0)],
)
def test_only_kinds_that_matter_to_all_are_told(lone_feed: FakeFeed, kind: str, tells: int) -> None:
    lone_feed.set_entries((JULY, build_item(kind, "PyTorch 2.3") if kind else "<p>PyTorch 2.3</p>"))
    assert len(lone_feed.read_announced(START)) == tells
    assert [note.versions for note in lone_feed.list_stored()] == [("pytorch-2.3",)]


def test_an_edited_item_is_told_again_only_for_versions_it_did_not_name(feed: FakeFeed) -> None:
    first = build_item("Breaking", "PyTorch 2.3 ended")
    feed.set_entries((JULY, first))
    assert feed.read_announced(START) == {(FIRST, "pytorch-2.3")}
    feed.set_entries((JULY, first.replace("ended", "has ended")))
    done = feed.read(START + 6 * HOUR)
    assert (done.announced, [note.text for note in done.edited]) == ((), ["PyTorch 2.3 has ended"])
    feed.set_entries((JULY, first.replace("2.3", "2.3 and PyTorch 2.2")))
    late = START + 60 * 24 * HOUR
    assert feed.read_announced(late) == {(FIRST, "pytorch-2.2")}
    (note,) = feed.list_stored()
    assert (note.versions, note.first_seen, note.changed_at) == (("pytorch-2.3", "pytorch-2.2"), START, late)
    feed.set_entries((JULY, build_item("Breaking", "Nothing")))
    assert feed.read_announced(late + 6 * HOUR) == set()
    feed.set_entries((JULY, first))
    assert feed.read_announced(late + 12 * HOUR) == set(), "once ever, also after it was taken away in between"


def test_an_item_added_above_another_does_not_tell_that_one_again(lone_feed: FakeFeed) -> None:
    old, new = build_item("Breaking", "PyTorch 2.3 ended"), build_item("Breaking", "PyTorch 2.2 ended")
    lone_feed.set_entries((JULY, old))
    lone_feed.read_announced(START)
    lone_feed.set_entries((JULY, new + ARRIVED + old))
    told = lone_feed.read_announced(START + 6 * HOUR)
    assert told == {(FIRST, "pytorch-2.2"), ("2025-07-14 Feature 1", "pytorch-2.4")}
    assert [(note.kind, note.number) for note in lone_feed.list_stored()] == [
        ("Breaking", 1),
        ("Breaking", 2),
        ("Feature", 1),
    ]


def test_an_item_that_is_parted_into_two_kinds_is_not_told_again(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, build_item("Breaking", "PyTorch 2.3 and TensorFlow 2.17 have ended")))
    assert len(lone_feed.read_announced(START)) == 2
    parted = build_item("Deprecated", "PyTorch 2.3 and PyTorch 2.2 ended") + build_item(
        "Breaking", "TensorFlow 2.17 ended"
    )
    lone_feed.set_entries((JULY, parted))
    assert lone_feed.read_announced(START + 6 * HOUR) == {("2025-07-14 Deprecated 1", "pytorch-2.2")}
    lone_feed.set_entries(
        (JULY, build_item("Change", "PyTorch 2.3, PyTorch 2.2 and TensorFlow 2.17 ended; TensorFlow 2.16 too"))
    )
    assert lone_feed.read_announced(START + 12 * HOUR) == {("2025-07-14 Change 1", "tensorflow-2.16")}


def test_an_item_that_leaves_the_feed_stays(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, ENDS))
    lone_feed.read(START)
    lone_feed.set_entries(("July 15, 2025", ARRIVED))
    assert len(lone_feed.read(START + 6 * HOUR).new) == 1
    assert len(lone_feed.list_stored()) == 2


def test_a_version_that_the_table_lists_only_later_hears_of_a_recent_note(lone_feed: FakeFeed) -> None:
    feed, database = lone_feed, lone_feed.desk.database
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
        torch = next(row for row in rows if row.version == "pytorch-2.9")
        unknown = PrintedDate("To be determined")
        added = replace(torch, family=f"pytorch-{number}", number=number, end_of_patch_and_support=unknown)
        reading = catalogue.find_last_reading(session)
        assert reading is not None
        catalogue.save(session, (*rows, added), reading)


def test_it_is_read_every_six_hours_and_by_hand_once_an_hour(lone_feed: FakeFeed) -> None:
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
        (feed_factories.build_feed(feed_factories.build_entry(JULY, ENDS))[:400], "no sound XML"),
        ("<html><body>captcha</body></html>", "not an Atom feed"),
        (feed_factories.build_feed(), "has no entries"),
        ("<feed>" + "x" * 5_000_000, "more than the 5,000,000"),
        (
            feed_factories.build_feed(feed_factories.build_entry(JULY, "<h3>Fixed</h3>a" * 2_001)),
            "2,001 items, more than the 2,000",
        ),
    ],
)
def test_what_is_no_feed_leaves_everything_as_it_was(lone_feed: FakeFeed, text: str, reason: str) -> None:
    lone_feed.set_entries((JULY, ARRIVED))
    lone_feed.read(START)
    before = lone_feed.list_stored()
    lone_feed.text = text
    done = lone_feed.read(START + 6 * HOUR)
    assert (done.is_read, done.new) == (False, ())
    assert reason in done.problem
    source = lone_feed.find_source()
    assert (source.problem, source.last_good_at, source.next_poll_at) == (done.problem, START, START + 7 * HOUR)
    assert lone_feed.list_stored() == before
    lone_feed.set_entries((JULY, ARRIVED))
    assert lone_feed.read(START + 7 * HOUR).is_read
    assert lone_feed.find_source().problem == ""


def test_a_large_feed_is_read_in_time(lone_feed: FakeFeed) -> None:
    started = time.process_time()
    said = build_item("Fixed", "PyTorch 2.3, 2.4 and earlier; Base images with CUDA 12.4 or older; " * 3_000)
    lone_feed.set_entries(
        *((feed_factories.format_title(date(2025, 7, 1) + timedelta(days=n)), said) for n in range(20))
    )
    assert 4_000_000 < len(lone_feed.text) < 5_000_000
    assert len(lone_feed.read(START).new) == 20
    assert max(len(note.text) for note in lone_feed.list_stored()) == 20_000
    assert time.process_time() - started < 10


def test_a_reading_that_was_cut_short_is_made_up_for_by_the_next(
    lone_feed: FakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    lone_feed.set_entries((JULY, ENDS + ARRIVED), ("May 01, 2025", build_item("Breaking", "PyTorch 2.1")))

    def fails(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "announce", fails)
        with pytest.raises(RuntimeError):
            lone_feed.read(START)
    assert lone_feed.list_events() == []
    told = lone_feed.read_announced(START + HOUR)
    assert len(told) == 19
    assert all(note.startswith("2025-07-14") for note, _ in told)


def test_what_can_not_be_read_of_a_feed_is_said_and_the_rest_is_taken(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries(("Someday", ENDS), (JULY, ARRIVED + build_item("K" * 41, "odd")))
    done = lone_feed.read(START)
    assert (done.is_read, done.problem) == (True, "an entry is headed “Someday”, which is no day")
    assert [note.kind for note in done.new] == ["Feature"]
    assert (lone_feed.find_source().problem, lone_feed.find_source().last_good_at, lone_feed.find_source().etag) == (
        done.problem,
        START,
        "",
    )


def test_of_the_feed_of_all_products_only_ours_are_taken(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, f"<h2>BigQuery</h2>{ENDS}<h2>Deep Learning VM Images</h2>{ARRIVED}"))
    assert lone_feed.read_announced(START) == {("2025-07-14 Feature 1", "pytorch-2.4")}
    assert len(lone_feed.list_stored()) == 1


def test_a_link_that_can_not_be_kept_gives_way_to_the_feed(lone_feed: FakeFeed) -> None:
    lone_feed.text = feed_factories.build_feed(
        feed_factories.build_entry(JULY, ARRIVED).replace("#July", "#" + "x" * 600)
    )
    lone_feed.read(START)
    assert [event.source_url for event in lone_feed.list_events()] == [URL]


def test_a_feed_that_fails_leaves_the_page_alone_and_the_other_way_round(lone_feed: FakeFeed) -> None:
    page = FakePage(lone_feed.desk)
    lone_feed.outcome = page.outcome = Unavailable("the server answered 500")
    now = utc("2026-04-12 10:00")
    assert lone_feed.read(now).problem == "the server answered 500"
    assert page.find_source().problem == ""
    assert page.run(now) is not None
    lone_feed.outcome = None
    lone_feed.set_entries((JULY, ENDS))
    assert lone_feed.read(now + HOUR).is_read
    assert page.find_source().problem == "the server answered 500"
    page.outcome, lone_feed.outcome = None, FetchedPage("<feed", URL, "", "", "")
    assert page.run(now + HOUR) is not None
    assert lone_feed.read(now + 7 * HOUR).problem
    assert page.find_source().problem == ""


def test_of_two_processes_one_reads(lone_feed: FakeFeed) -> None:
    lone_feed.set_entries((JULY, ENDS))
    twice = [release_notes.ReleaseNotesPoller(lone_feed.desk.database, lone_feed.get).run(START) for _ in range(2)]
    assert twice[1] is None
    assert len(lone_feed.requests) == 1


def test_an_item_about_many_versions_is_one_thing_to_a_channel_that_watches_them_all(feed: FakeFeed) -> None:
    watch(feed, WIDE, "all")
    watch(feed, LISTENING, "pytorch-2.3")
    feed.set_entries((JULY, ENDS + ARRIVED))
    feed.read(START)
    feed.desk.build_loop().tick(START + HOUR)
    by_channel = {message.channel_id: str(drawn(message)["text"]) for message in feed.desk.sender.accepted}
    wide = by_channel["C3"]
    assert wide.count("in the release notes of 14 Jul 2025*") == 2
    assert "*PyTorch 2.4 is in the release notes of 14 Jul 2025*" in wide
    assert (
        "*PyTorch 2.3, PyTorch 2.2, PyTorch 2.1 and 15 more versions are in the release notes of 14 Jul 2025*" in wide
    )
    assert wide.count("Pytorch 2.3 and earlier") == 1
    assert "*Breaking:* " in wide
    assert "*PyTorch 2.3 is in the release notes of 14 Jul 2025*" in by_channel["C1"]
