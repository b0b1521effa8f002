"""The audit log: an entry for each change, with before and after, shown in pages."""

from datetime import timedelta

from bot import answers
from bot.service.place import Place
from storage.database import Database
from tests.service.permissions_driver import ANA, NOW, FakeUserDirectory, list_audit_entries, open_with_directory


def test_each_change_is_recorded_with_before_and_after(database: Database) -> None:
    driver = open_with_directory(database, FakeUserDirectory())
    for text in (
        "subscribe pytorch-2.7 pytorch-2.9",
        "subscribe pytorch-2.7",
        "settings hour 10 zone Asia/Taipei",
        "settings hour 10",
        "unsubscribe pytorch-*",
        "unsubscribe all",
    ):
        driver.run(text, NOW, ANA)
    assert [(row.action, row.actor, row.before, row.after) for row in list_audit_entries(driver)] == [
        ("subscribe", "UANA", "", "pytorch-2.7 pytorch-2.9"),
        ("settings", "UANA", "zone UTC hour 09:00", "zone Asia/Taipei hour 10:00"),
        ("unsubscribe", "UANA", "pytorch-2.7 pytorch-2.9", ""),
    ]


def test_the_log_of_a_channel_is_paged_newest_first(sqlite_database: Database) -> None:
    driver = open_with_directory(sqlite_database, FakeUserDirectory())
    for hour in range(1, 13):
        driver.run(f"settings hour {hour}", NOW + timedelta(minutes=hour), ANA)
    first = driver.run("audit", NOW, ANA)
    assert isinstance(first, answers.AuditPage)
    assert (first.entries[0].after, len(first.entries), first.has_more) == ("hour 12:00", 10, True)
    second = driver.run("audit 2", NOW, ANA)
    assert isinstance(second, answers.AuditPage)
    assert (len(second.entries), second.has_more) == (2, False)
    for other in (Place("T2", "C1", "UANA"), Place("T1", "C2", "UANA")):
        page = driver.run("audit", NOW, other)
        assert isinstance(page, answers.AuditPage)
        assert page.entries == ()
