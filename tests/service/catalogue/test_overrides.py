"""Overrides of page dates: effective dates, announcements, expiry and marks."""

import json
from datetime import date, timedelta

from bot import answers
from bot.policy.changes import Direction
from bot.service.maintenance import Maintenance
from bot.service.subscriptions.home import HomeTab
from bot.service.versions.image_check import ImageChecker
from bot.service.versions.snapshot import SnapshotCache
from bot.service.workspaces.channel_health import ChannelRecovery
from bot.slack.blocks import home
from bot.slack.blocks.reminders.message import render_reminder
from bot.slack.blocks.render import render
from storage import catalogue, catalogue_history, outbox, overrides
from storage.facts import DLVM, MessageKind, OutboxState, OverrideConflict
from tests.service.catalogue.date_driver import (
    AVAILABILITY,
    OVERRIDE_DATE,
    PAGE_DATE,
    PATCH,
    VERSION,
    build_overrides,
    ingest_dates,
    list_conflicts,
    list_effective_dates,
    list_rungs,
    set_override,
    show_status,
    tick_daily,
)
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, utc
from tests.storage.factories import list_events


def test_override_is_announced_reminded_of_and_expires(driver: Driver) -> None:
    driver.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    early = tick_daily(driver, "2027-01-13", "2027-01-15")
    assert list_rungs(early) == [("2027-04-13", 90)]
    set_override(driver, utc("2027-01-15 12:00"), until=date(2027, 5, 3))
    messages = [*tick_daily(driver, "2027-01-16", "2027-01-18"), *tick_daily(driver, "2027-03-31", "2027-05-03")]
    move_messages = [message for message in messages if message.date_changes]
    assert [
        (change.direction, change.before, change.after) for message in move_messages for change in message.date_changes
    ] == [(Direction.LATER, PAGE_DATE, OVERRIDE_DATE)]
    text = render_reminder(move_messages[0])["text"]
    assert "Overridden by Ada until 3 May 2027: the Compute API says so." in text
    assert "Previously: ~13 Apr 2027~" in text
    assert list_rungs(messages) == [("2027-06-30", rung) for rung in (90, 60)]
    reminder_text = render_reminder(messages[-1])["text"]
    assert "*Overridden* by Ada" in reminder_text
    assert "Google’s page says 13 Apr 2027" in reminder_text
    updated_text = render_reminder(driver.sender.updated[0][1])["text"]
    assert "~13 Apr 2027~" in updated_text
    assert "Wed 30 Jun 2027*, overridden" in updated_text

    page_date = date(2027, 6, 15)
    ingest_dates(driver, utc("2027-05-03 12:00"), end_of_availability=page_date)
    assert [count for _, count in list_conflicts(driver)] == [1]
    assert list_effective_dates(driver) == {OVERRIDE_DATE}
    ingest_dates(driver, utc("2027-05-03 18:00"), end_of_availability=page_date)
    assert len(list_conflicts(driver)) == 1

    later = tick_daily(driver, "2027-05-04", "2027-06-17")
    (expiry,) = [message for message in later if message.date_changes]
    assert (expiry.date_changes[0].before, expiry.date_changes[0].after) == (OVERRIDE_DATE, page_date)
    assert (
        "The override by Ada expired on 3 May 2027. The date on Google’s page applies again."
        in render_reminder(expiry)["text"]
    )
    assert list_rungs(later) == [(str(page_date), rung) for rung in (30, 14, 7, 3, 1, 0, -1)]


def test_overrides_move_the_effective_date_but_not_the_row(sqlite_driver: Driver) -> None:
    set_override(sqlite_driver, utc("2026-12-01 10:00"))
    second = set_override(sqlite_driver, utc("2026-12-02 10:00"), {AVAILABILITY: date(2027, 9, 30)}, set_by="Ben")
    assert [(change.before, change.after, change.remark) for change in second.changes] == [
        (OVERRIDE_DATE, date(2027, 9, 30), "Overridden by Ben: the Compute API says so.")
    ]
    assert list_effective_dates(sqlite_driver) == {date(2027, 9, 30)}
    ended = build_overrides(sqlite_driver).end("PyTorch 2.7", (), "Cleo", utc("2026-12-03 10:00"))
    assert [change.remark for change in ended.changes] == [
        "The override by Ben was removed by Cleo. The date on Google’s page applies again."
    ]
    assert list_effective_dates(sqlite_driver) == {PAGE_DATE}
    with sqlite_driver.database.read_only() as session:
        stored = [row for row in catalogue.list_all(session) if row.version == VERSION]
        assert {(row.end_of_availability.day, row.end_of_availability.override) for row in stored} == {
            (PAGE_DATE, None)
        }
        assert [override.end_reason for override in overrides.list_all(session, DLVM, VERSION)] == [
            "replaced by a new override",
            "removed by Cleo",
        ]
        assert overrides.list_active(session) == ()
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 3


def test_new_reason_for_the_same_date_is_stored_quietly(sqlite_driver: Driver) -> None:
    set_override(sqlite_driver, utc("2026-12-01 10:00"))
    assert set_override(sqlite_driver, utc("2026-12-02 10:00"), reason="they wrote it").changes == ()
    with sqlite_driver.database.read_only() as session:
        assert [override.reason for override in overrides.list_active(session)] == ["they wrote it"]


def test_override_fills_in_an_unreadable_date(sqlite_driver: Driver) -> None:
    version, day = "tensorflow-2.17", date(2026, 7, 11)
    sqlite_driver.run(f"subscribe {version}", utc("2026-05-01 10:00"))
    result = set_override(sqlite_driver, utc("2026-05-02 10:00"), {AVAILABILITY: day}, version=version)
    assert result.changes == ()
    (filled_in,) = result.filled_in
    assert (filled_in.day, len(filled_in.families)) == (day, 1)
    assert filled_in.remark == "Overridden by Ada: the Compute API says so."
    with sqlite_driver.database.read_only() as session:
        (event,) = list_events(session, version)
        assert event.change == filled_in
        entries = outbox.list_for_channel(session, "T1", "C1")
        assert [e.reminder.subject_id for e in entries if e.reminder.kind is MessageKind.EVENT] == [event.event_id]
    sqlite_driver.build_loop().tick(utc("2026-05-04 10:00"))
    (message,) = sqlite_driver.sender.accepted
    text = str(render_reminder(message)["text"])
    assert "TensorFlow 2.17: the last day these images can be used is now known" in text
    assert "Overridden by Ada: the Compute API says so." in text
    ended = build_overrides(sqlite_driver).end(version, (AVAILABILITY,), "Ada", utc("2026-05-05 10:00"))
    assert [(change.before, change.after, change.remark) for change in ended.changes] == [
        (day, None, "The override by Ada was removed. The date on Google’s page applies again.")
    ]


def test_override_of_a_family_wins_over_one_of_the_version(sqlite_driver: Driver) -> None:
    with sqlite_driver.database.read_only() as session:
        rows = [row for row in catalogue.list_all(session) if row.version == "tensorflow-2.17"]
    assert len(rows) == 2
    family, family_date, version_date = rows[0].family, date(2027, 3, 1), date(2027, 2, 1)
    set_override(sqlite_driver, utc("2026-05-02 10:00"), {AVAILABILITY: family_date}, version="tf 2.17", family=family)
    set_override(sqlite_driver, utc("2026-05-03 10:00"), {AVAILABILITY: version_date}, version="tf 2.17")
    with sqlite_driver.database.read_only() as session:
        version = SnapshotCache().read(session).find("tensorflow-2.17")
    assert version is not None
    assert [row.end_of_availability.day for row in version.families] == [family_date, version_date]
    build_overrides(sqlite_driver).end("tf 2.17", (), "Ada", utc("2026-05-04 10:00"), family=family)
    ingest_dates(sqlite_driver, utc("2026-05-05 10:00"))
    with sqlite_driver.database.read_only() as session:
        kinds = {type(event.change) for event in list_events(session, "tensorflow-2.17")}
        assert OverrideConflict not in kinds
        assert len(overrides.list_active(session)) == 1


def test_later_override_keeps_decisions_and_its_end_voids_them(sqlite_driver: Driver) -> None:
    sqlite_driver.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    DecisionFactory(sqlite_driver.database, sqlite_driver.default).acknowledge(
        VERSION, AVAILABILITY, PAGE_DATE, PLACE, utc("2027-01-20 10:00")
    )
    set_override(sqlite_driver, utc("2027-01-21 08:00"))
    assert (
        list_rungs(
            [
                *tick_daily(sqlite_driver, "2027-01-21", "2027-01-22"),
                *tick_daily(sqlite_driver, "2027-03-31", "2027-04-03"),
            ]
        )
        == []
    )
    build_overrides(sqlite_driver).end(VERSION, (), "Ada", utc("2027-04-03 12:00"))
    assert list_rungs(tick_daily(sqlite_driver, "2027-04-04", "2027-04-14")) == [
        ("2027-04-13", rung) for rung in (7, 3, 1, 0, -1)
    ]


def test_reminder_of_the_old_date_is_planned_before_the_override(sqlite_driver: Driver) -> None:
    sqlite_driver.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    set_override(sqlite_driver, utc("2027-01-13 10:00"))
    with sqlite_driver.database.read_only() as session:
        (first, *_) = outbox.list_for_channel(session, "T1", "C1")
    assert (first.reminder.kind, first.reminder.rung, first.state) == (MessageKind.REMINDER, 90, OutboxState.SUPERSEDED)


def test_override_is_expired_by_one_of_several_processes(driver: Driver) -> None:
    set_override(driver, utc("2026-12-01 10:00"), until=date(2026, 12, 5))
    recovery = ChannelRecovery(driver.database, lambda _: answers.ChannelReach.UNCHECKED, lambda _: True)
    processes = [
        Maintenance(driver.database, recovery, timedelta(days=90), expire_overrides=build_overrides(driver).expire)
        for _ in range(3)
    ]
    assert processes[0].run(utc("2026-12-05 23:59")).expired_overrides == 0
    assert list_effective_dates(driver) == {OVERRIDE_DATE}
    assert [process.run(utc("2026-12-06 00:00")).expired_overrides for process in processes] == [1, 0, 0]
    assert list_effective_dates(driver) == {PAGE_DATE}
    with driver.database.read_only() as session:
        assert [override.end_reason for override in overrides.list_all(session)] == ["expired on 5 Dec 2026"]
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 2


def test_other_process_sees_an_override_and_its_end_at_once(driver: Driver) -> None:
    other_cache = SnapshotCache()

    def find_date() -> date | None:
        with driver.database.read_only() as session:
            version = other_cache.read(session).find(VERSION)
        assert version is not None
        return version.families[0].end_of_availability.day

    assert find_date() == PAGE_DATE
    set_override(driver, utc("2026-12-01 10:00"))
    assert find_date() == OVERRIDE_DATE
    build_overrides(driver).end(VERSION, (), "Ada", utc("2026-12-02 10:00"))
    assert find_date() == PAGE_DATE


def test_overridden_date_is_marked_in_every_answer(sqlite_driver: Driver) -> None:
    now = utc("2027-01-15 10:00")
    sqlite_driver.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    sqlite_driver.run("settings weekly on", utc("2026-12-01 10:00"))
    sqlite_driver.run("team create ml", utc("2026-12-01 10:00"))
    sqlite_driver.run("team ml add", utc("2026-12-01 10:00"))
    set_override(sqlite_driver, utc("2027-01-10 10:00"), {PATCH: date(2027, 1, 14), AVAILABILITY: date(2027, 2, 12)})
    for command in (
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
        assert "overridden" in render(sqlite_driver.run(command, now))["text"], command
    result = ImageChecker(sqlite_driver.database, SnapshotCache(), sqlite_driver.default).check(VERSION, PLACE, now)
    assert "2027 (in 28 days), overridden" in render(result)["text"]
    home_tab = HomeTab(sqlite_driver.database, SnapshotCache(), sqlite_driver.default, lambda _: {"C1": "ml"})
    home_json = json.dumps(home.render(home_tab.show(PLACE, now)))
    assert home_json.count("overridden") == 2
    (weekly,) = [m for m in tick_daily(sqlite_driver, "2027-01-18", "2027-01-18") if m.weekly]
    assert weekly.weekly is not None
    assert len(weekly.weekly.overridden) == 1
    text = "\n".join(block["text"]["text"] for block in render_reminder(weekly)["blocks"] if block["type"] == "section")
    assert "12 Feb 2027 (in 25 days), overridden" in text
    assert "14 Jan 2027 (4 days ago), overridden" in text


def test_overridden_date_of_a_successor_is_marked(sqlite_driver: Driver) -> None:
    set_override(sqlite_driver, utc("2026-12-01 10:00"), {PATCH: date(2028, 1, 31)}, version="pytorch-2.9")
    text = render(sqlite_driver.run("successor pytorch-2.7", utc("2026-12-01 11:00")))["text"]
    assert "31 Jan 2028 (in 426 days), overridden" in text


def test_markup_in_a_reason_is_escaped(sqlite_driver: Driver) -> None:
    sqlite_driver.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    set_override(
        sqlite_driver, utc("2026-12-02 10:00"), reason="<!channel> look <https://example.test|here>", set_by="<@U1>"
    )
    (message,) = tick_daily(sqlite_driver, "2026-12-03", "2026-12-03")
    texts = [render_reminder(message)["text"], render(show_status(sqlite_driver, "2026-12-03 10:00"))["text"]]
    texts.append(render(sqlite_driver.run(f"history {VERSION}", utc("2026-12-03 10:00")))["text"])
    for text in texts:
        assert "&lt;!channel&gt; look &lt;https://example.test|here&gt;" in text
        assert "<!channel>" not in text
        assert "<@U1>" not in text
