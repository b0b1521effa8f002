"""Quarantine entries: each is reviewed once for as long as the page shows the value."""

from datetime import timedelta

from storage import quarantine
from storage.database import Database
from storage.facts import DLVM, WHOLE_PAGE, QuarantineEntry, Resolution
from tests.storage.factories import NOW

HOUR = timedelta(hours=1)


def make_entry(**changes: object) -> QuarantineEntry:
    values: dict[str, object] = {
        "entry_id": 0,
        "product": DLVM,
        "family": "one",
        "field": "accelerator",
        "printed": "Toaster",
        "reason": "“Toaster” is not an accelerator",
        "last_good": "GPU",
        "fingerprint": "f1",
        "difference": (),
        "acceptable": True,
        "found_at": NOW,
    }
    return QuarantineEntry(**{**values, **changes})  # type: ignore[arg-type] # the fields have several types


def test_a_value_is_new_once_while_the_page_shows_it(database: Database) -> None:
    whole_page = make_entry(family="", field=WHOLE_PAGE, printed="", difference=("one: label “a” → “b”",))
    with database.transaction() as session:
        new = quarantine.sync(session, DLVM, [make_entry(), whole_page], NOW)
        assert [entry.key for entry in new] == [("one", "accelerator", "Toaster"), ("", WHOLE_PAGE, "f1")]
        assert quarantine.sync(session, DLVM, [make_entry(fingerprint="f2"), whole_page], NOW) == ()
        assert quarantine.list_open(session) == new
        quarantine.sync(session, DLVM, [whole_page], NOW + HOUR)
        assert quarantine.list_open(session) == (new[1],)
        gone = quarantine.find(session, new[0].entry_id)
    assert gone is not None
    assert (gone.resolution, gone.resolved_at) == (Resolution.GONE, NOW + HOUR)


def test_a_rejected_value_is_reviewed_again_only_if_it_changed(database: Database) -> None:
    with database.transaction() as session:
        (entry,) = quarantine.sync(session, DLVM, [make_entry()], NOW)
        assert quarantine.resolve(session, entry.entry_id, Resolution.REJECTED, "Ada", NOW)
        assert not quarantine.resolve(session, entry.entry_id, Resolution.ACCEPTED, "Bob", NOW)
        assert quarantine.sync(session, DLVM, [make_entry()], NOW) == ()
        assert quarantine.list_open(session) == ()
        quarantine.sync(session, DLVM, [], NOW)
        assert len(quarantine.sync(session, DLVM, [make_entry()], NOW)) == 1


def test_an_accepted_value_stays_accepted(database: Database) -> None:
    with database.transaction() as session:
        (entry,) = quarantine.sync(session, DLVM, [make_entry()], NOW)
        quarantine.resolve(session, entry.entry_id, Resolution.ACCEPTED, "Ada", NOW)
        quarantine.sync(session, DLVM, [], NOW)
        (accepted,) = quarantine.list_accepted(session)
    assert (accepted.key, accepted.resolved_by) == (entry.key, "Ada")
