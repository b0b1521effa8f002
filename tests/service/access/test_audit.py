"""Every change is written down beside it, with before and after, and shown page by page."""

from datetime import timedelta

from bot import answers
from storage.database import Database
from tests.service.permissions_driver import ANA, NOW, FakeUserDirectory, list_audit_entries, open_with_directory


def test_each_change_is_written_with_before_and_after(database: Database) -> None:
    desk = open_with_directory(database, FakeUserDirectory())
    for text in (
        "subscribe pytorch-2.7 pytorch-2.9",
        "subscribe pytorch-2.7",
        "settings hour 10 zone Asia/Taipei",
        "settings hour 10",
        "unsubscribe pytorch-*",
        "unsubscribe all",
    ):
        desk.run(text, NOW, ANA)
    assert [(row.action, row.actor, row.before, row.after) for row in list_audit_entries(desk)] == [
        ("subscribe", "UANA", "", "pytorch-2.7 pytorch-2.9"),
        ("settings", "UANA", "zone UTC hour 09:00", "zone Asia/Taipei hour 10:00"),
        ("unsubscribe", "UANA", "pytorch-2.7 pytorch-2.9", ""),
    ]


def test_the_audit_is_of_this_channel_and_workspace_newest_first_and_pages(sqlite_database: Database) -> None:
    desk = open_with_directory(sqlite_database, FakeUserDirectory())
    for hour in range(1, 13):
        desk.run(f"settings hour {hour}", NOW + timedelta(minutes=hour), ANA)
    first = desk.run("audit", NOW, ANA)
    assert isinstance(first, answers.AuditPage)
    assert (first.entries[0].after, len(first.entries), first.has_more) == ("hour 12:00", 10, True)
    second = desk.run("audit 2", NOW, ANA)
    assert isinstance(second, answers.AuditPage)
    assert (len(second.entries), second.has_more) == (2, False)
    for other in ("T2", "C1"), ("T1", "C2"):
        elsewhere = desk.run("audit", NOW, type(ANA)(*other, "UANA"))
        assert isinstance(elsewhere, answers.AuditPage)
        assert elsewhere.entries == ()
