"""Every change the page can make, and the message that subscribed channels get."""

import pytest
from msgspec.structs import replace

from bot.catalogue.http.results import NotModified, Unavailable
from bot.catalogue.page import PAGE_URL
from bot.catalogue.validation.confirmation import ReadingOutcome
from storage import catalogue, catalogue_history
from storage.facts import DLVM, DependencyReplaced, Resolution, RowsReturned, RowsVanished
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import FLOW_217, TORCH_24, TORCH_27, TORCH_29, drop_families, replace_cells
from tests.service.driver import Driver, utc
from tests.service.page_driver import NOW, TORCH_210, add_rows, find_printed_row, open_page_driver
from tests.service.page_fixture import HOUR
from tests.storage.factories import list_events


def test_failed_fetch_is_not_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver)
    channel.page.outcome = Unavailable("the server answered 503")
    assert channel.page.read(NOW) is None
    assert channel.deliver(NOW + HOUR) == ""
    channel.page.outcome = NotModified(PAGE_URL)
    assert channel.page.read(NOW + HOUR) is ReadingOutcome.UNCHANGED
    assert channel.deliver(NOW + 2 * HOUR) == ""
    assert channel.list_event_reminders() == []


QUARANTINED_PAGES = {
    "headers missing": (
        page_factories.write_plain_html(page_factories.SEED).replace("End of patch", "Fin de"),
        "a table has no column",
    ),
    "no table": ("<html><body><h1>Choose an image</h1><p>Moved.</p></body></html>", "none of the headings"),
    "rows down 20 %": (page_factories.write_plain_html(list(page_factories.SEED)[:40]), "12 of 52 rows are gone"),
    "more than 5 rows changed at once": (
        page_factories.write_plain_html([replace(row, end_of_patch="May 5, 2027") for row in page_factories.SEED]),
        "rows changed at once",
    ),
}


@pytest.mark.parametrize("event", QUARANTINED_PAGES)
def test_quarantined_page_is_not_announced(sqlite_driver: Driver, event: str) -> None:
    channel = open_page_driver(sqlite_driver)
    with sqlite_driver.database.read_only() as session:
        before = catalogue.list_all(session)
    channel.page.text, reason = QUARANTINED_PAGES[event]
    for hours in range(2):
        result = channel.page.run(NOW + hours * HOUR, manual=True)
        assert result is not None
        assert result.outcome in {ReadingOutcome.QUARANTINED, None}
        assert reason in result.problem
    assert channel.deliver(NOW + HOUR) == ""
    with sqlite_driver.database.read_only() as session:
        assert catalogue.list_all(session) == before


def test_many_vanished_rows_are_announced_once_accepted(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver)
    channel.page.rows = page_factories.SEED[:40]
    assert channel.page.read(NOW) is ReadingOutcome.QUARANTINED
    channel.accept_all(NOW)
    assert channel.page.read(NOW + HOUR) is ReadingOutcome.CONFIRMED
    text = channel.deliver(NOW + HOUR)
    assert "*TensorFlow 2.10 is no longer listed in Google’s table*" in text
    assert "Both dates had already passed, so nothing changes. You don’t need to do anything." in text
    assert channel.list_event_kinds() == [RowsVanished] * 5


def test_unreadable_cell_is_not_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver)
    changed = replace_cells({TORCH_27: {"end_of_availability": "Apri1 13, 2028"}, TORCH_29: {"patch_version": "2.9.1"}})
    text = channel.deliver_rows(changed)
    assert "PyTorch 2.9: patch version changed" in text
    assert "PyTorch 2.7" not in text
    assert str(channel.page.get_date(TORCH_27)) == "2027-04-13"


@pytest.mark.parametrize(
    ("day", "headline"),
    [("October 13, 2027", "moved later"), ("June 1, 2026", "moved EARLIER")],
    ids=["later", "earlier"],
)
def test_moved_date_is_announced(sqlite_driver: Driver, day: str, headline: str) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.4")
    cells = {"end_of_availability": day, "end_of_patch": day.replace("2027", "2026")}
    channel.page.rows = replace_cells({TORCH_24: cells})
    channel.page.run(NOW)
    channel.accept_all(NOW)
    channel.page.run(NOW + HOUR)
    text = channel.deliver(NOW + HOUR)
    assert f"PyTorch 2.4: the last day these images can be used {headline}" in text
    assert "~24 Jul 2026~" in text
    assert channel.list_events() == []


def test_vanished_version_is_announced(driver: Driver) -> None:
    channel = open_page_driver(driver, "pytorch-2.7")
    text = channel.deliver_rows(drop_families(TORCH_27))
    assert text.startswith("*PyTorch 2.7 is no longer listed in Google’s table*")
    assert f"no longer lists the image family `{TORCH_27}`, and gives no reason" in text
    assert "and reminders continue" in text
    assert "Last day these images can be used: *13 Apr 2027 (in 363 days)*." in text
    assert '--filter="family~^pytorch-2-7"' in text
    with driver.database.read_only() as session:
        assert {row.family for row in catalogue.list_all(session)} >= {TORCH_27}
        (event,) = list_events(session, "pytorch-2.7")
    assert (type(event.change), event.change.families, event.found_at) == (RowsVanished, (TORCH_27,), NOW + HOUR)
    tick = channel.driver.build_loop().tick(utc("2027-01-13 09:00"))
    assert tick.sent == 1, "its reminders continue"


def test_vanished_version_with_passed_dates_needs_no_action(sqlite_driver: Driver) -> None:
    vanished = next(row for row in page_factories.SEED if row.label.startswith("1.12"))
    text = open_page_driver(sqlite_driver).deliver_rows([row for row in page_factories.SEED if row != vanished])
    assert "Both dates had already passed, so nothing changes." in text
    assert "gcloud" not in text


def test_vanished_family_of_a_version_is_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver)
    assert "*PyTorch 2.9: an image family is no longer listed*" in channel.deliver_rows(drop_families(TORCH_29))


def test_returned_version_is_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.7")
    channel.deliver_rows(drop_families(TORCH_27))
    text = channel.deliver_rows(page_factories.SEED, NOW.replace(day=20))
    assert text.startswith("*PyTorch 2.7 is listed again in Google’s table*")
    assert f"Google’s table lists the image family `{TORCH_27}` again:" in text
    assert "Reminders weren’t interrupted." in text
    assert channel.list_event_kinds() == [RowsVanished, RowsReturned]


def test_new_version_is_announced_with_a_successor_hint(driver: Driver) -> None:
    channel = open_page_driver(driver, "pytorch")
    text = channel.deliver_rows(add_rows(TORCH_210))
    assert text.startswith("*PyTorch 2.10 is new in Google’s table*")
    assert "Last day of patches and support: *1 Mar 2029 (in 1,051 days)*." in text
    assert "Built with Python 3.12, Ubuntu 24.04, NVIDIA driver 580, CUDA 12.9, patch version 2.10.0." in text
    assert "*PyTorch 2.7*, which this channel is subscribed to, is deprecated" in text
    assert "You can upgrade to PyTorch 2.10 (CUDA 12.8 → 12.9" in text
    assert "because it’s subscribed to every PyTorch version" in text
    assert "`/dlvm subscribe pytorch-2.10`" in text
    assert "PyTorch 2.10" in str(driver.run("successor pytorch-2.7", NOW + 2 * HOUR)), (
        "it is recommended as a successor"
    )


def test_new_family_of_a_known_version_is_announced(sqlite_driver: Driver) -> None:
    new_row = replace(
        find_printed_row(TORCH_29),
        label="2.9 (Python 3.13 / Debian 12)",
        image_family="pytorch-2-9-cu129-debian-12-nvidia-580",
    )
    text = open_page_driver(sqlite_driver, "pytorch-2.9").deliver_rows(add_rows(new_row))
    assert text.startswith("*PyTorch 2.9: a new image family*")
    assert "Last day of patches and support, and the last day these images can be used: *4 Aug 2028" in text
    assert "Existing image families stay as they are." in text
    assert "subscribe" not in text


def test_new_version_with_little_time_left_skips_past_reminders(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch")
    new_row = replace(TORCH_210, end_of_patch="May 6, 2026", end_of_availability="May 6, 2027")
    text = channel.deliver_rows(add_rows(new_row))
    assert text.startswith("*PyTorch 2.10 is new in Google’s table, with only 21 days left*")
    loop = sqlite_driver.build_loop()
    for days in (1, 7, 14, 19, 20, 21, 22):
        loop.tick(NOW + days * 24 * HOUR)
    lines = [line for message in sqlite_driver.sender.accepted for line in message.lines]
    assert [line.rung for line in lines if line.version == "pytorch-2.10"] == [14, 7, 3, 1, 0, -1]


def test_withdrawn_date_is_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.7")
    text = channel.deliver_rows(replace_cells({TORCH_27: {"end_of_availability": "To be determined"}}))
    assert "PyTorch 2.7: the last day these images can be used was withdrawn" in text
    assert "Reminders pause until Google publishes a new date." in text


def test_filled_in_date_is_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "tensorflow-2.17")
    text = channel.deliver_rows(replace_cells({FLOW_217: {"end_of_availability": "July 11, 2026"}}))
    assert text.startswith("*TensorFlow 2.17: the last day these images can be used is now known*")
    assert "It is *11 Jul 2026 (in 87 days)*." in text
    assert "Previously the table had no readable date." in text
    assert "Google can refuse new VMs, and downloads are disabled. Running VMs aren’t affected." in text
    assert "Reminders now follow this date." in text
    sqlite_driver.build_loop().tick(utc("2026-05-12 09:00"))
    assert sqlite_driver.sender.list_rungs() == [("2026-05-12", 60)], "only the rungs ahead are sent"


def test_date_that_returns_after_withdrawal_is_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.9")
    withdrawn = dict.fromkeys(("end_of_patch", "end_of_availability"), "To be determined")
    assert "was withdrawn" in channel.deliver_rows(replace_cells({TORCH_29: withdrawn}))
    text = channel.deliver_rows(page_factories.SEED, NOW.replace(day=20))
    assert "PyTorch 2.9: 2 changes" in text
    assert "*PyTorch 2.9: the last day of patches and support is now known*" in text
    assert "references to the image *family* (`--image-family`) stop resolving." in text


def test_replaced_dependency_is_announced(driver: Driver) -> None:
    channel = open_page_driver(driver, "pytorch-2.9")
    cells = {"label": "2.9 (Python 3.13 / Ubuntu 24.04)", "patch_version": "2.9.1"}
    text = channel.deliver_rows(replace_cells({TORCH_29: cells}))
    assert text.startswith("*PyTorch 2.9: Python and patch version changed*")
    assert "• Python: 3.12 → *3.13*\n• Patch version: 2.9.0 → *2.9.1*" in text
    assert "New VMs get the change; running VMs don’t." in text
    assert "*This might break* anything that depends on Python 3.12 or PyTorch 2.9.0" in text


def test_dependency_replaced_with_the_family_is_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.9")
    replacement = replace(
        find_printed_row(TORCH_29),
        accelerator="GPU (CUDA 13.0)",
        image_family="pytorch-2-9-cu130-ubuntu-2404-nvidia-590-VERSION_DATE",
    )
    channel.page.rows = add_rows(replacement, rows=drop_families(TORCH_29))
    channel.page.run(NOW)
    channel.accept_all(NOW)
    for hours in (1, 2):
        channel.page.run(NOW + hours * HOUR, manual=True)
    text = channel.deliver(NOW + 3 * HOUR)
    assert text.startswith("*PyTorch 2.9: NVIDIA driver and CUDA changed*")
    assert f"table now lists `pytorch-2-9-cu130-ubuntu-2404-nvidia-590` instead of `{TORCH_29}`." in text
    assert "The old name might stop resolving" in text
    assert set(channel.list_event_kinds()) == {DependencyReplaced}


def test_first_reading_is_not_announced(sqlite_driver: Driver) -> None:
    with sqlite_driver.database.read_only() as session:
        assert list_events(session, "pytorch-2.9") == ()
        assert catalogue_history.list_date_changes(session, DLVM, "pytorch-2.9") == ()
        assert catalogue_history.list_values(session, DLVM, "pytorch-2.9") != ()


def test_rejected_value_is_not_announced(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver)
    channel.page.rows = replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}})
    channel.page.run(NOW)
    channel.resolve_all(Resolution.REJECTED, NOW)
    channel.page.run(NOW + HOUR, manual=True)
    assert channel.deliver(NOW + HOUR) == ""
