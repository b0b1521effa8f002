"""Dates set by hand: a person's word wins until it ends, and channels hear of it as of every date that moves."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.answers import ReminderMessage
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.policy.changes import Direction
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.override_input import InvalidOverrideError, OverrideRequest
from bot.service.catalogue.overrides import OverrideResult, Overrides
from bot.service.maintenance import Maintenance
from bot.service.subscriptions.home import HomeTab
from bot.service.versions.image_check import ImageChecker
from bot.service.versions.snapshot import SnapshotCache
from bot.service.workspaces.channel_health import ChannelRecovery
from bot.slack.blocks.home import render as render_home
from bot.slack.blocks.reminders.message import render_reminder as drawn
from bot.slack.blocks.render import render
from storage import catalogue, catalogue_history, outbox, overrides, quarantine
from storage.facts import (
    DLVM,
    CatalogueReading,
    EventKind,
    MessageKind,
    Milestone,
    OutboxState,
    PrintedDate,
)
from tests.catalogue.validation_factories import TORCH_27, replace_cells
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, utc
from tests.service.page_fixture import HOUR, LATER_DATES, START, FakePage
from tests.storage.factories import list_events

VERSION = "pytorch-2.7"
PATCH, AVAILABILITY = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY
BEFORE, BY_HAND = date(2027, 4, 13), date(2027, 6, 30)


def overriding(desk: Driver) -> Overrides:
    return Overrides(desk.database, SnapshotCache(), desk.default)


def override(
    desk: Driver,
    now: datetime,
    days: dict[Milestone, date] | None = None,
    *,
    version: str = VERSION,
    reason: str = "the Compute API says so",
    by: str = "Ada",
    until: date | None = None,
    family: str = "",
) -> OverrideResult:
    wish = OverrideRequest(version, days or {AVAILABILITY: BY_HAND}, reason, by, until, family)
    return overriding(desk).set(wish, now)


def read(desk: Driver, now: datetime, *families: str, **dates: date | None) -> None:
    """The page is read anew, with other dates for PyTorch 2.7, or the families of it that are named."""
    with desk.database.read_only() as session:
        rows, last = catalogue.list_all(session, DLVM), catalogue.find_last_reading(session, DLVM)
    assert last is not None
    cells = {name: PrintedDate(str(day) if day else "To be determined", day) for name, day in dates.items()}
    chosen = {row.family for row in rows if row.version == VERSION and (not families or row.family in families)}
    changed = [replace(row, **cells) if row.family in chosen else row for row in rows]
    reading = CatalogueReading(DLVM, last.source_url, now.date(), now, len(rows))
    CatalogueIngest(desk.database, SnapshotCache(), desk.default).apply(changed, reading, now)


def daily(desk: Driver, first: str, last: str) -> list[ReminderMessage]:
    """Ticks every morning, and gives what was said in that time."""
    before, delivery, moment = len(desk.sender.accepted), desk.build_loop(), utc(f"{first} 09:00")
    while moment <= utc(f"{last} 09:00"):
        overriding(desk).expire(moment)
        delivery.tick(moment)
        delivery.tick(moment + timedelta(seconds=3))
        moment += timedelta(days=1)
    return desk.sender.accepted[before:]


def rungs(messages: list[ReminderMessage]) -> list[tuple[str, int]]:
    return [(str(line.milestone_date), line.rung) for message in messages for line in message.lines]


def holds(desk: Driver, milestone: Milestone = AVAILABILITY) -> set[date | None]:
    with desk.database.read_only() as session:
        found = SnapshotCache().read(session).find(VERSION)
    assert found is not None
    return {row.get_date(milestone).day for row in found.families}


def told(desk: Driver, kind: EventKind) -> list[tuple[str, int]]:
    """What was said of each event of the kind, and on its way to how many channels it was put."""
    with desk.database.read_only() as session:
        events = [e for e in list_events(session, VERSION) if e.kind is kind]
        sent = [
            e.reminder.rung
            for e in outbox.list_for_channel(session, "T1", "C1")
            if e.reminder.kind is MessageKind.EVENT
        ]
    return [(event.details["after"], sent.count(event.event_id)) for event in events]


def test_a_date_set_by_hand_is_told_once_counted_to_contradicted_and_taken_back_when_it_is_over(desk: Driver) -> None:
    desk.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    early = daily(desk, "2027-01-13", "2027-01-15")
    assert rungs(early) == [("2027-04-13", 90)]
    override(desk, utc("2027-01-15 12:00"), until=date(2027, 5, 3))
    heard = [*daily(desk, "2027-01-16", "2027-01-18"), *daily(desk, "2027-03-31", "2027-05-03")]
    moved = [message for message in heard if message.date_changes]
    assert [(m.direction, m.before, m.after) for message in moved for m in message.date_changes] == [
        (Direction.LATER, BEFORE, BY_HAND)
    ]
    said = drawn(moved[0])["text"]
    assert "Set by hand by Ada, and holds through 3 May 2027: the Compute API says so." in said
    assert "Previously: ~13 Apr 2027~" in said
    assert rungs(heard) == [("2027-06-30", rung) for rung in (90, 60)]
    reminding = drawn(heard[-1])["text"]
    assert "*Overridden* by Ada" in reminding
    assert "Google’s page says 13 Apr 2027" in reminding
    corrected = drawn(desk.sender.updated[0][1])["text"]
    assert "~13 Apr 2027~" in corrected
    assert "Wed 30 Jun 2027*, overridden" in corrected

    page = date(2027, 6, 15)
    read(desk, utc("2027-05-03 12:00"), end_of_availability=page)
    assert [count for _, count in told(desk, EventKind.OVERRIDE_CONFLICT)] == [1]
    assert holds(desk) == {BY_HAND}
    read(desk, utc("2027-05-03 18:00"), end_of_availability=page)
    assert len(told(desk, EventKind.OVERRIDE_CONFLICT)) == 1

    later = daily(desk, "2027-05-04", "2027-06-17")
    (back,) = [message for message in later if message.date_changes]
    assert (back.date_changes[0].before, back.date_changes[0].after) == (BY_HAND, page)
    assert "What Ada had set by hand held through 3 May 2027: the page’s date holds again." in drawn(back)["text"]
    assert rungs(later) == [(str(page), rung) for rung in (30, 14, 7, 3, 1, 0, -1)]


def test_setting_changing_and_ending_move_the_date_that_holds_and_what_is_stored_stays_the_pages(
    lone_desk: Driver,
) -> None:
    override(lone_desk, utc("2026-12-01 10:00"))
    again = override(lone_desk, utc("2026-12-02 10:00"), {AVAILABILITY: date(2027, 9, 30)}, by="Ben")
    assert [(c.before, c.after, c.remark) for c in again.changes] == [
        (BY_HAND, date(2027, 9, 30), "Set by hand by Ben: the Compute API says so.")
    ]
    assert holds(lone_desk) == {date(2027, 9, 30)}
    ended = overriding(lone_desk).end("PyTorch 2.7", (), "Cleo", utc("2026-12-03 10:00"))
    assert [c.remark for c in ended.changes] == ["Cleo ended what Ben had set by hand: the page’s date holds again."]
    assert holds(lone_desk) == {BEFORE}
    with lone_desk.database.read_only() as session:
        stored = [row for row in catalogue.list_all(session) if row.version == VERSION]
        assert {(row.end_of_availability.day, row.end_of_availability.override) for row in stored} == {(BEFORE, None)}
        assert [each.end_reason for each in overrides.list_all(session, DLVM, VERSION)] == ["set anew", "ended by Cleo"]
        assert overrides.list_active(session) == ()
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 3


def test_another_reason_for_the_same_date_is_kept_and_disturbs_nobody(lone_desk: Driver) -> None:
    override(lone_desk, utc("2026-12-01 10:00"))
    assert override(lone_desk, utc("2026-12-02 10:00"), reason="they wrote it").changes == ()
    with lone_desk.database.read_only() as session:
        assert [each.reason for each in overrides.list_active(session)] == ["they wrote it"]


def test_a_page_that_comes_to_say_the_same_ends_it_and_nobody_is_disturbed(desk: Driver) -> None:
    desk.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    override(desk, utc("2026-12-02 10:00"))
    daily(desk, "2026-12-03", "2026-12-04")
    read(desk, utc("2026-12-05 10:00"), end_of_availability=BY_HAND)
    assert daily(desk, "2026-12-06", "2026-12-08") == []
    with desk.database.read_only() as session:
        (one,) = overrides.list_all(session)
        assert one.end_reason == "the page says so now"
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 1
    assert holds(desk) == {BY_HAND}
    assert told(desk, EventKind.OVERRIDE_CONFLICT) == []
    shown = lone_status(desk, "2026-12-08 10:00")
    assert shown.overrides == ()


def lone_status(desk: Driver, now: str) -> answers.Status:
    found = desk.run(f"status {VERSION}", utc(now))
    assert isinstance(found, answers.Status)
    return found


def test_each_other_value_of_the_page_is_told_once_and_so_is_a_date_that_it_withdraws(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch", utc("2026-12-01 10:00"))
    witnessed: list[tuple[str, str]] = []
    override(lone_desk, utc("2026-12-02 10:00"))
    refresh = CatalogueIngest(
        lone_desk.database,
        SnapshotCache(),
        lone_desk.default,
        lambda _, key, sentence, __: witnessed.append((key, sentence)),
    )
    with lone_desk.database.read_only() as session:
        rows, last = catalogue.list_all(session), catalogue.find_last_reading(session)
    assert last is not None
    start = utc("2026-12-03 10:00")
    for number, day in enumerate((BEFORE, date(2027, 5, 1), date(2027, 5, 1), None, None)):
        cell = PrintedDate(str(day or "TBD"), day)
        changed = [replace(row, end_of_availability=cell) if row.version == VERSION else row for row in rows]
        refresh.apply(changed, replace(last, read_at=start), start + timedelta(hours=number))
    assert told(lone_desk, EventKind.OVERRIDE_CONFLICT) == [("1 May 2027", 1), ("to be determined", 1)]
    with lone_desk.database.read_only() as session:
        first, second = list_events(session, VERSION)
    assert (first.day, first.details["before"]) == (date(2027, 5, 1), "30 Jun 2027, by Ada")
    assert first.details["text"] == "The reason given by hand: the Compute API says so"
    assert second.details["text"].startswith("The table now says: to be determined. The reason")
    said = [
        f"PyTorch 2.7: the page says now that the last day these images can be used is {what};"
        " here it is 30 Jun 2027, set by hand by Ada: the Compute API says so"
        for what in ("1 May 2027", "to be determined")
    ]
    assert witnessed == [("1:2027-05-01", said[0]), ("1:", said[1])]
    with lone_desk.database.read_only() as session:
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 1
    assert holds(lone_desk) == {BY_HAND}


def test_a_date_that_nobody_could_read_is_filled_in_by_hand_and_is_unknown_again_after_it(lone_desk: Driver) -> None:
    typo, day = "tensorflow-2.17", date(2026, 7, 11)
    lone_desk.run(f"subscribe {typo}", utc("2026-05-01 10:00"))
    done = override(lone_desk, utc("2026-05-02 10:00"), {AVAILABILITY: day}, version=typo)
    assert done.changes == ()
    (event,) = done.filled_in
    assert (event.kind, event.day, len(event.families)) == (EventKind.FILLED_IN, day, 1)
    assert event.details["text"] == "Set by hand by Ada: the Compute API says so."
    with lone_desk.database.read_only() as session:
        entries = outbox.list_for_channel(session, "T1", "C1")
        assert [e.reminder.rung for e in entries if e.reminder.kind is MessageKind.EVENT] == [event.event_id]
    lone_desk.build_loop().tick(utc("2026-05-04 10:00"))
    (message,) = lone_desk.sender.accepted
    told = str(drawn(message)["text"])
    assert "TensorFlow 2.17: the last day these images can be used is now known" in told
    assert "Set by hand by Ada: the Compute API says so." in told
    ended = overriding(lone_desk).end(typo, (AVAILABILITY,), "Ada", utc("2026-05-05 10:00"))
    assert [(c.before, c.after, c.remark) for c in ended.changes] == [
        (day, None, "Ada ended their own word: the page’s date holds again.")
    ]


def test_a_word_about_one_family_goes_before_one_about_the_version(lone_desk: Driver) -> None:
    with lone_desk.database.read_only() as session:
        rows = [row for row in catalogue.list_all(session) if row.version == "tensorflow-2.17"]
    assert len(rows) == 2
    one, later, all_of_them = rows[0].family, date(2027, 3, 1), date(2027, 2, 1)
    override(lone_desk, utc("2026-05-02 10:00"), {AVAILABILITY: later}, version="tf 2.17", family=one)
    override(lone_desk, utc("2026-05-03 10:00"), {AVAILABILITY: all_of_them}, version="tf 2.17")
    with lone_desk.database.read_only() as session:
        found = SnapshotCache().read(session).find("tensorflow-2.17")
    assert found is not None
    assert [row.end_of_availability.day for row in found.families] == [later, all_of_them]
    overriding(lone_desk).end("tf 2.17", (), "Ada", utc("2026-05-04 10:00"), family=one)
    read(lone_desk, utc("2026-05-05 10:00"))
    with lone_desk.database.read_only() as session:
        assert list_events(session, "tensorflow-2.17") == () or all(
            event.kind is not EventKind.OVERRIDE_CONFLICT for event in list_events(session, "tensorflow-2.17")
        )
        assert len(overrides.list_active(session)) == 1


def test_what_people_decided_moves_along_and_an_earlier_date_voids_it(lone_desk: Driver) -> None:
    lone_desk.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    DecisionFactory(lone_desk.database, lone_desk.default).acknowledge(
        VERSION, AVAILABILITY, BEFORE, PLACE, utc("2027-01-20 10:00")
    )
    override(lone_desk, utc("2027-01-21 08:00"))
    assert rungs([*daily(lone_desk, "2027-01-21", "2027-01-22"), *daily(lone_desk, "2027-03-31", "2027-04-03")]) == []
    overriding(lone_desk).end(VERSION, (), "Ada", utc("2027-04-03 12:00"))
    assert rungs(daily(lone_desk, "2027-04-04", "2027-04-14")) == [("2027-04-13", rung) for rung in (7, 3, 1, 0, -1)]


def test_what_was_due_by_the_old_date_is_planned_before_a_word_moves_it(lone_desk: Driver) -> None:
    lone_desk.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    override(lone_desk, utc("2027-01-13 10:00"))
    with lone_desk.database.read_only() as session:
        found = outbox.list_for_channel(session, "T1", "C1")
    (first, *_) = found
    assert (first.reminder.kind, first.reminder.rung, first.state) == (MessageKind.REMINDER, 90, OutboxState.SUPERSEDED)


def test_several_processes_end_what_is_over_once(desk: Driver) -> None:
    override(desk, utc("2026-12-01 10:00"), until=date(2026, 12, 5))
    healing = ChannelRecovery(desk.database, lambda _: answers.ChannelReach.UNCHECKED, lambda _: True)
    processes = [
        Maintenance(desk.database, healing, timedelta(days=90), expire_overrides=overriding(desk).expire)
        for _ in range(3)
    ]
    assert processes[0].run(utc("2026-12-05 23:59")).expired_overrides == 0
    assert holds(desk) == {BY_HAND}
    assert [chores.run(utc("2026-12-06 00:00")).expired_overrides for chores in processes] == [1, 0, 0]
    assert holds(desk) == {BEFORE}
    with desk.database.read_only() as session:
        assert [each.end_reason for each in overrides.list_all(session)] == ["its last day was 5 Dec 2026"]
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 2


def test_another_process_sees_at_once_what_was_set_and_ended(desk: Driver) -> None:
    other = SnapshotCache()

    def seen() -> date | None:
        with desk.database.read_only() as session:
            found = other.read(session).find(VERSION)
        assert found is not None
        return found.families[0].end_of_availability.day

    assert seen() == BEFORE
    override(desk, utc("2026-12-01 10:00"))
    assert seen() == BY_HAND
    overriding(desk).end(VERSION, (), "Ada", utc("2026-12-02 10:00"))
    assert seen() == BEFORE


def test_the_gates_compare_with_what_the_page_said_and_not_with_what_was_set_by_hand(lone_desk: Driver) -> None:
    page = FakePage(lone_desk)
    override(lone_desk, START, {PATCH: date(2028, 6, 1), AVAILABILITY: date(2029, 6, 1)})
    assert page.read(START) is ReadingOutcome.UNCHANGED
    page.rows = replace_cells(LATER_DATES)
    assert page.read(START + HOUR, manual=True) is ReadingOutcome.UNCONFIRMED
    assert page.read(START + 2 * HOUR, manual=True) is ReadingOutcome.CONFIRMED
    with lone_desk.database.read_only() as session:
        assert quarantine.list_open(session) == ()
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 2
    assert holds(lone_desk) == {date(2029, 6, 1)}
    assert page.get_date(TORCH_27) == date(2027, 10, 13)


def test_every_place_that_shows_a_date_says_that_it_was_set_by_hand(lone_desk: Driver) -> None:
    now = utc("2027-01-15 10:00")
    lone_desk.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    lone_desk.run("settings weekly on", utc("2026-12-01 10:00"))
    lone_desk.run("team create ml", utc("2026-12-01 10:00"))
    lone_desk.run("team ml add", utc("2026-12-01 10:00"))
    override(lone_desk, utc("2027-01-10 10:00"), {PATCH: date(2027, 1, 14), AVAILABILITY: date(2027, 2, 12)})
    for asked in (
        "list",
        "upcoming 90d",
        "preview 90d",
        "settings",
        "subscriptions",
        "subscriptions all",
        "team ml",
        f"status {VERSION}",
        f"history {VERSION}",
        f"subscribe {VERSION}",
    ):
        assert "overridden" in render(lone_desk.run(asked, now))["text"], asked
    checked = ImageChecker(lone_desk.database, SnapshotCache(), lone_desk.default).check(VERSION, PLACE, now)
    assert "2027 (in 28 days), overridden" in render(checked)["text"]
    homes = HomeTab(lone_desk.database, SnapshotCache(), lone_desk.default, lambda _: {"C1": "ml"})
    home = json.dumps(render_home(homes.show(PLACE, now)))
    assert home.count("overridden") == 2
    (weekly,) = [m for m in daily(lone_desk, "2027-01-18", "2027-01-18") if m.weekly]
    assert weekly.weekly is not None
    assert len(weekly.weekly.overridden) == 1
    said = "\n".join(block["text"]["text"] for block in drawn(weekly)["blocks"] if block["type"] == "section")
    assert "12 Feb 2027 (in 25 days), overridden" in said
    assert "14 Jan 2027 (4 days ago), overridden" in said


def test_a_successor_whose_date_is_set_by_hand_says_so(lone_desk: Driver) -> None:
    override(lone_desk, utc("2026-12-01 10:00"), {PATCH: date(2028, 1, 31)}, version="pytorch-2.9")
    text = render(lone_desk.run("successor pytorch-2.7", utc("2026-12-01 11:00")))["text"]
    assert "31 Jan 2028 (in 426 days), overridden" in text


def test_a_reason_rings_nobodys_bell_and_marks_nothing_up(lone_desk: Driver) -> None:
    lone_desk.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    override(lone_desk, utc("2026-12-02 10:00"), reason="<!channel> look <https://example.test|here>", by="<@U1>")
    (message,) = daily(lone_desk, "2026-12-03", "2026-12-03")
    texts = [drawn(message)["text"], render(lone_status(lone_desk, "2026-12-03 10:00"))["text"]]
    texts.append(render(lone_desk.run(f"history {VERSION}", utc("2026-12-03 10:00")))["text"])
    for text in texts:
        assert "&lt;!channel&gt; look &lt;https://example.test|here&gt;" in text
        assert "<!channel>" not in text
        assert "<@U1>" not in text


def test_people_and_the_page_that_speak_at_once_leave_a_chain_of_moves_without_a_gap(desk: Driver) -> None:
    start = utc("2026-12-01 10:00")

    def people() -> None:
        for number in range(4):
            override(desk, start + timedelta(minutes=number), {AVAILABILITY: date(2027, 6, 1 + number)})
            overriding(desk).end(VERSION, (), "Ada", start + timedelta(minutes=number, seconds=30))

    def page() -> None:
        for number in range(6):
            read(desk, start + timedelta(minutes=number), end_of_availability=date(2027, 5, 1 + number))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(people), pool.submit(page)]:
            done.result()
    with desk.database.read_only() as session:
        found = catalogue_history.list_date_changes(session, DLVM, VERSION)
    days = [BEFORE, *(change.after for change in found)]
    assert [change.before for change in found] == days[:-1]
    assert holds(desk) == {days[-1]} == {date(2027, 5, 6)}


def mistakes() -> Iterator[tuple[dict[str, object], str, str]]:
    """What a person types wrong, what they are told, and what they can type instead."""
    yield {"version": "pytorch-2.8"}, "No framework version is named 'pytorch-2.8'", "pytorch-2.7, pytorch-2.9"
    yield {"version": "2.9"}, "No framework version is named '2.9'", "pytorch-2.9, tensorflow-2.9"
    yield {"version": "banana"}, "No framework version is named", 'dlvm ask "list all"'
    yield {"version": "tf 2.17 gpu"}, "only some image families of tensorflow-2.17", "--family"
    yield {"days": {AVAILABILITY: date(2026, 4, 12)}}, "would be before", "end_of_patch=2026-04-12 end_of_avail"
    yield {"days": {PATCH: date(2027, 4, 14)}}, "would be before", "end_of_availability=2027-04-14"
    yield (
        {"days": {PATCH: date(2027, 4, 14), AVAILABILITY: date(2027, 4, 1)}},
        "would be before",
        "end_of_patch=2027-04-01 end_of_availability=2027-04-14",
    )
    yield {"days": {AVAILABILITY: BEFORE}}, "there is nothing to set", ""
    yield {"days": {AVAILABILITY: date(1027, 4, 13)}}, "not a day from 2015-01-01", "dlvm catalogue override"
    yield {"until": date(2026, 11, 30)}, "behind already", "--until 2027-12-31"
    yield {"reason": " \n "}, "for a reason", '--reason "the Compute API says so"'
    yield {"reason": "x" * 301}, "at most 300 characters", "dlvm catalogue override"
    yield {"by": "x" * 81}, "at most 80 characters", "dlvm catalogue override"
    yield {"by": " "}, "--by is who says so", "dlvm catalogue override"
    yield {"family": "tf-2-17-cpu"}, "is no image family of pytorch-2.7", "--family pytorch-2-7-cu128"


@pytest.mark.parametrize(("wrong", "sentence", "hint"), list(mistakes()))
def test_a_mistake_is_told_with_what_works_and_changes_nothing(
    lone_desk: Driver, wrong: dict[str, object], sentence: str, hint: str
) -> None:
    with pytest.raises(InvalidOverrideError) as caught:
        override(lone_desk, utc("2026-12-01 10:00"), **wrong)  # type: ignore[arg-type] # by name
    assert sentence in caught.value.message
    assert hint in caught.value.hint
    with lone_desk.database.read_only() as session:
        assert overrides.list_all(session) == ()
        assert catalogue_history.list_date_changes(session, DLVM, VERSION) == ()


def test_the_same_as_the_page_is_refused_with_how_to_end_what_holds(lone_desk: Driver) -> None:
    override(lone_desk, utc("2026-12-01 10:00"))
    with pytest.raises(InvalidOverrideError) as caught:
        override(lone_desk, utc("2026-12-02 10:00"), {AVAILABILITY: BEFORE})
    assert caught.value.hint.endswith("dlvm catalogue override pytorch-2.7 end_of_availability --end")
    with pytest.raises(InvalidOverrideError) as nothing:
        overriding(lone_desk).end(VERSION, (PATCH,), "Ada", utc("2026-12-02 10:00"))
    assert nothing.value.message == "The last day of patches and support of pytorch-2.7 is not set by hand."
    assert nothing.value.hint == "What is: dlvm catalogue override pytorch-2.7 end_of_availability --end"
    with pytest.raises(InvalidOverrideError) as none:
        overriding(lone_desk).end("tf 2.17", (), "Ada", utc("2026-12-02 10:00"))
    assert none.value.message == "No date of tensorflow-2.17 is set by hand."
