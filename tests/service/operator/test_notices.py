"""Notices to the operator: quarantined values, outdated dates and failed posts."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.policy.post_outcomes import Accepted, PostOutcome, Refused, Remedy
from bot.service.maintenance import Maintenance
from bot.service.workspaces.channel_health import ChannelRecovery
from bot.slack.blocks.reminders import message
from storage import outbox, sources
from storage.facts import OutboxState
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import KNOWN_ROWS, TORCH_27, replace_cells
from tests.service.driver import PLACE, Driver, utc
from tests.service.operator_driver import (
    DAY,
    DUE,
    HOUR,
    MINUTE,
    NOW,
    list_entries,
    list_texts,
    notify,
    send_missed,
    with_operator,
)
from tests.service.page_fixture import START, FakePage


def test_quarantined_value_is_announced_once(driver: Driver) -> None:
    page = FakePage(with_operator(driver), replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    driver.build_loop().tick(START)
    (note,) = driver.sender.operator_messages
    assert note.item is not None
    assert (note.item.entry.family, note.item.entry.printed) == (TORCH_27, "August 13, 2029")
    page.run(START + 6 * HOUR)
    driver.build_loop().tick(START + 6 * HOUR)
    assert len(driver.sender.operator_messages) == 1


def test_page_that_lost_rows_is_announced_with_the_difference(sqlite_driver: Driver) -> None:
    page = FakePage(with_operator(sqlite_driver), list(page_factories.SEED)[:30])
    page.run(START)
    sqlite_driver.build_loop().tick(START)
    text = message.render(sqlite_driver.sender.operator_messages[0])["text"]
    assert text.startswith("*Pending review: the whole page*")
    assert "*Reason:* 22 of 52 rows are gone, more than a fifth." in text
    assert "no longer listed" in text
    assert "… and 10 more: `dlvm catalogue review`" in text


def test_many_values_get_eight_notes_and_a_count_of_the_rest(sqlite_driver: Driver) -> None:
    changes = {family: {"accelerator": "x" * 501, "end_of_patch": "soon"} for family in list(KNOWN_ROWS)[:5]}
    page = FakePage(with_operator(sqlite_driver), replace_cells(changes))
    result = page.run(START)
    assert result is not None
    sqlite_driver.build_loop().tick(START)
    notes = sqlite_driver.sender.operator_messages
    assert len(result.quarantined) > 8
    assert [note.item is not None for note in notes] == [True] * 8 + [False]
    assert f"… and {len(result.quarantined) - 8} more from this reading are pending review" in notes[-1].text


def test_note_of_a_vanished_value_is_updated(sqlite_driver: Driver) -> None:
    page = FakePage(with_operator(sqlite_driver), replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    sqlite_driver.build_loop().tick(START)
    page.rows = replace_cells({})
    page.run(START + 6 * HOUR)
    sqlite_driver.build_loop().tick(START + 6 * HOUR)
    ((ts, updated),) = sqlite_driver.sender.operator_updates
    rendered = message.render(updated)
    assert ts == "9.000001"
    assert "*Closed:* the page no longer said this on 12 Apr 2026, 16:00 UTC." in rendered["text"]
    assert "actions" not in {block["type"] for block in rendered["blocks"]}


def test_value_that_vanished_before_its_note_is_not_announced(sqlite_driver: Driver) -> None:
    page = FakePage(with_operator(sqlite_driver), replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    page.rows = replace_cells({})
    page.run(START + 6 * HOUR)
    sqlite_driver.build_loop().tick(START + 6 * HOUR)
    assert sqlite_driver.sender.operator_messages == []
    assert send_missed(sqlite_driver, START + 6 * HOUR) == 0


def run_maintenance(driver: Driver, now: datetime) -> None:
    recovery = ChannelRecovery(driver.database, lambda _: pytest.fail("no channel needs a check"), lambda _: False)
    Maintenance(driver.database, recovery, 90 * DAY, operator=driver.operator).run(now)
    driver.build_loop().tick(now)


def save_good_reading(driver: Driver, now: datetime, problem: str = "") -> None:
    with driver.database.transaction() as session:
        sources.set_polling(session, NOW)
        sources.save_poll_result(session, replace(sources.find(session), last_good_at=now, problem=problem))


def test_outage_of_48_hours_and_its_end_are_reported_once(driver: Driver) -> None:
    with_operator(driver)
    save_good_reading(driver, NOW, "it answered HTTP 503")
    for hours in (0, 48, 49, 50, 100):
        run_maintenance(driver, NOW + timedelta(hours=hours))
    (text,) = list_texts(driver)
    assert text.startswith("dlvm has not been able to read Google’s page since 23 Nov 2026, 12:00 UTC (2 days ago).")
    assert "Last attempt: it answered HTTP 503." in text
    save_good_reading(driver, NOW + 5 * DAY)
    for hours in (0, 1):
        run_maintenance(driver, NOW + 5 * DAY + timedelta(hours=hours))
    assert len(list_texts(driver)) == 2
    recovered = "again on 28 Nov 2026, 12:00 UTC, for the first time since 23 Nov 2026, 12:00 UTC."
    assert recovered in list_texts(driver)[1]
    run_maintenance(driver, NOW + 8 * DAY)
    assert len(list_texts(driver)) == 3


def test_end_of_polling_is_not_reported_as_recovery(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver)
    save_good_reading(sqlite_driver, NOW)
    run_maintenance(sqlite_driver, NOW + 3 * DAY)
    with sqlite_driver.database.transaction() as session:
        sources.set_polling(session, None)
    run_maintenance(sqlite_driver, NOW + 4 * DAY)
    assert len(list_texts(sqlite_driver)) == 1


def test_maintenance_sends_notes_written_before_the_channel(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver, "")
    notify(sqlite_driver)
    with_operator(sqlite_driver)
    run_maintenance(sqlite_driver, NOW)
    assert list_texts(sqlite_driver) == ["Note one."]


def deliver_with_outcomes(driver: Driver, *outcomes: PostOutcome) -> Driver:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = list(outcomes)
    driver.build_loop().tick(DUE)
    driver.build_loop().tick(DUE + MINUTE)
    return driver


def test_invalid_message_is_reported_with_the_retry_command(driver: Driver) -> None:
    with_operator(driver)
    deliver_with_outcomes(driver, Refused("invalid_blocks", Remedy.OUR_BUG))
    (dead,) = (entry for entry in list_entries(driver, "C1") if entry.state is OutboxState.DEAD)
    (text,) = list_texts(driver)
    assert f"send entry {dead.entry_id} of the outbox and has given up: `invalid_blocks`." in text
    assert f"`dlvm outbox retry {dead.entry_id}`" in text
    assert "pytorch" not in text


def test_error_is_reported_once_a_day(driver: Driver) -> None:
    with_operator(driver)
    driver.run("subscribe pytorch-2.7", DUE - DAY)
    outcome = Refused("no_text", Remedy.OUR_BUG)
    for days in (0, 0, 1):
        driver.sender.outcomes = [outcome]
        driver.build_loop().tick(DUE + days * DAY)
        with driver.database.transaction() as session:
            for entry in list_entries(driver, "C1"):
                outbox.retry(session, entry.entry_id, DUE)
    driver.build_loop().tick(DUE + DAY + MINUTE)
    assert [text.count("no_text") for text in list_texts(driver)] == [1, 1]


def test_plainer_fallback_of_a_message_is_reported(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver)
    deliver_with_outcomes(sqlite_driver, Accepted("1.000100", "invalid_blocks"))
    assert "Slack rejected the layout of entry 1 of the outbox: `invalid_blocks`." in list_texts(sqlite_driver)[0]


def test_unknown_refusal_is_reported_after_the_last_attempt(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver)
    unknown = Refused("odd_<!channel>_\n`code`", Remedy.UNKNOWN)
    deliver_with_outcomes(sqlite_driver, *[unknown] * 20)
    for hours in range(1, 12):
        sqlite_driver.build_loop().tick(DUE + hours * HOUR)
    (text,) = list_texts(sqlite_driver)
    assert "given up: `odd_channel_code`" in text


def test_refusal_by_many_workspaces_is_reported_as_one_cause(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver, "T1/C0OPS", "T1")
    for number in range(2, 8):
        place = replace(PLACE, workspace_id=f"T{number}")
        sqlite_driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), place)
        sqlite_driver.sender.workspace_outcomes[f"T{number}"] = Refused("invalid_auth", Remedy.SUSPEND_WORKSPACE)
    sqlite_driver.build_loop().tick(DUE)
    assert ["Several workspaces refused the bot within minutes" in text for text in list_texts(sqlite_driver)] == [True]


def test_invalid_operator_note_is_not_reported(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver)
    sqlite_driver.sender.operator_outcomes = [Refused("invalid_blocks", Remedy.OUR_BUG)]
    notify(sqlite_driver)
    sqlite_driver.build_loop().tick(NOW)
    assert (list_texts(sqlite_driver), [entry.state for entry in list_entries(sqlite_driver)]) == (
        [],
        [OutboxState.DEAD],
    )
