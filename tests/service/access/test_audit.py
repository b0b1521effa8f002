"""Every change is written down beside it, with before and after, and shown page by page."""

from datetime import timedelta

from bot import answers
from storage.database import Database
from tests.service.permissions_driver import ANA, NOW, SaidPeople, audited, governed


def test_each_change_is_written_with_before_and_after(database: Database) -> None:
    desk = governed(database, SaidPeople())
    for text in (
        "subscribe pytorch-2.7 pytorch-2.9",
        "subscribe pytorch-2.7",
        "settings hour 10 zone Asia/Taipei",
        "settings hour 10",
        "unsubscribe pytorch-*",
        "unsubscribe all",
    ):
        desk.say(text, NOW, ANA)
    assert [(row.what, row.who, row.before, row.after) for row in audited(desk)] == [
        ("subscribe", "UANA", "", "pytorch-2.7 pytorch-2.9"),
        ("settings", "UANA", "zone UTC hour 09:00", "zone Asia/Taipei hour 10:00"),
        ("unsubscribe", "UANA", "pytorch-2.7 pytorch-2.9", ""),
    ]


def test_the_audit_is_of_this_channel_and_workspace_newest_first_and_pages(sqlite_database: Database) -> None:
    desk = governed(sqlite_database, SaidPeople())
    for hour in range(1, 13):
        desk.say(f"settings hour {hour}", NOW + timedelta(minutes=hour), ANA)
    first = desk.say("audit", NOW, ANA)
    assert isinstance(first, answers.Audit)
    assert (first.changes[0].after, len(first.changes), first.more) == ("hour 12:00", 10, True)
    second = desk.say("audit 2", NOW, ANA)
    assert isinstance(second, answers.Audit)
    assert (len(second.changes), second.more) == (2, False)
    for other in ("T2", "C1"), ("T1", "C2"):
        elsewhere = desk.say("audit", NOW, type(ANA)(*other, "UANA"))
        assert isinstance(elsewhere, answers.Audit)
        assert elsewhere.changes == ()
