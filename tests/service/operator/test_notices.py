"""Whoever runs the bot hears what is held back, how old the dates are, and what dlvm does wrong."""

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


def test_what_is_held_back_is_told_in_the_transaction_that_stores_it(desk: Driver) -> None:
    page = FakePage(with_operator(desk), replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    desk.build_loop().tick(START)
    (told,) = desk.sender.operator_messages
    assert told.item is not None
    assert (told.item.entry.family, told.item.entry.printed) == (TORCH_27, "August 13, 2029")
    page.run(START + 6 * HOUR)
    desk.build_loop().tick(START + 6 * HOUR)
    assert len(desk.sender.operator_messages) == 1


def test_a_page_that_lost_its_rows_is_told_with_the_difference(lone_desk: Driver) -> None:
    page = FakePage(with_operator(lone_desk), list(page_factories.SEED)[:30])
    page.run(START)
    lone_desk.build_loop().tick(START)
    text = message.render(lone_desk.sender.operator_messages[0])["text"]
    assert text.startswith("*Pending review: the whole page*")
    assert "*Reason:* 22 of 52 rows are gone, more than a fifth." in text
    assert "no longer listed" in text
    assert "… and 10 more: `dlvm catalogue review`" in text


def test_of_many_at_once_the_first_have_buttons_and_the_rest_is_counted(lone_desk: Driver) -> None:
    odd = {family: {"accelerator": "x" * 501, "end_of_patch": "soon"} for family in list(KNOWN_ROWS)[:5]}
    page = FakePage(with_operator(lone_desk), replace_cells(odd))
    done = page.run(START)
    assert done is not None
    lone_desk.build_loop().tick(START)
    told = lone_desk.sender.operator_messages
    assert len(done.quarantined) > 8
    assert [one.item is not None for one in told] == [True] * 8 + [False]
    assert f"… and {len(done.quarantined) - 8} more are held back" in told[-1].text


def test_what_the_page_no_longer_says_is_drawn_so(lone_desk: Driver) -> None:
    page = FakePage(with_operator(lone_desk), replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    lone_desk.build_loop().tick(START)
    page.rows = replace_cells({})
    page.run(START + 6 * HOUR)
    lone_desk.build_loop().tick(START + 6 * HOUR)
    ((ts, drawn),) = lone_desk.sender.operator_updates
    shown = message.render(drawn)
    assert ts == "9.000001"
    assert "*Closed:* the page no longer said this on 12 Apr 2026, 16:00 UTC." in shown["text"]
    assert "actions" not in {block["type"] for block in shown["blocks"]}


def test_what_is_over_before_it_was_posted_is_not_told(lone_desk: Driver) -> None:
    page = FakePage(with_operator(lone_desk), replace_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    page.rows = replace_cells({})
    page.run(START + 6 * HOUR)
    lone_desk.build_loop().tick(START + 6 * HOUR)
    assert lone_desk.sender.operator_messages == []
    assert send_missed(lone_desk, START + 6 * HOUR) == 0


def chores(desk: Driver, now: datetime) -> None:
    healing = ChannelRecovery(desk.database, lambda _: pytest.fail("nothing is to be looked at"), lambda _: False)
    Maintenance(desk.database, healing, 90 * DAY, operator=desk.operator).run(now)
    desk.build_loop().tick(now)


def read_well(desk: Driver, now: datetime, problem: str = "") -> None:
    with desk.database.transaction() as session:
        sources.set_polling(session, NOW)
        sources.save_poll_result(session, replace(sources.find(session), last_good_at=now, problem=problem))


def test_each_time_the_page_has_no_good_reading_for_48_hours_is_told_once_and_so_is_its_end(desk: Driver) -> None:
    with_operator(desk)
    read_well(desk, NOW, "it answered HTTP 503")
    for hours in (0, 48, 49, 50, 100):
        chores(desk, NOW + timedelta(hours=hours))
    (text,) = list_texts(desk)
    assert text.startswith("The page has had no good reading since 23 Nov 2026, 12:00 UTC (2 days ago).")
    assert "The last attempt: it answered HTTP 503." in text
    read_well(desk, NOW + 5 * DAY)
    for hours in (0, 1):
        chores(desk, NOW + 5 * DAY + timedelta(hours=hours))
    assert len(list_texts(desk)) == 2
    assert "has a good reading again, of 28 Nov 2026, 12:00 UTC; it had none since 23 Nov 2026" in list_texts(desk)[1]
    chores(desk, NOW + 8 * DAY)
    assert len(list_texts(desk)) == 3


def test_where_the_page_is_no_longer_fetched_nobody_says_that_it_is_well_again(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    read_well(lone_desk, NOW)
    chores(lone_desk, NOW + 3 * DAY)
    with lone_desk.database.transaction() as session:
        sources.set_polling(session, None)
    chores(lone_desk, NOW + 4 * DAY)
    assert len(list_texts(lone_desk)) == 1


def test_the_chores_bring_what_was_told_before_a_channel_was_set(lone_desk: Driver) -> None:
    with_operator(lone_desk, "")
    notify(lone_desk)
    with_operator(lone_desk)
    chores(lone_desk, NOW)
    assert list_texts(lone_desk) == ["Hear one."]


def refused(desk: Driver, *outcomes: PostOutcome) -> Driver:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = list(outcomes)
    desk.build_loop().tick(DUE)
    desk.build_loop().tick(DUE + MINUTE)
    return desk


def test_what_slack_refuses_as_wrong_is_told_with_the_command_that_shows_it(desk: Driver) -> None:
    with_operator(desk)
    refused(desk, Refused("invalid_blocks", Remedy.OUR_BUG))
    (dead,) = [e for e in list_entries(desk, "C1") if e.state is OutboxState.DEAD]
    (text,) = list_texts(desk)
    assert f"Slack refused entry {dead.entry_id} of the outbox as wrong, and it is given up: `invalid_blocks`." in text
    assert f"`dlvm outbox retry {dead.entry_id}`" in text
    assert "pytorch" not in text


def test_the_same_error_is_told_once_a_day(desk: Driver) -> None:
    with_operator(desk)
    desk.run("subscribe pytorch-2.7", DUE - DAY)
    bug = Refused("no_text", Remedy.OUR_BUG)
    for days in (0, 0, 1):
        desk.sender.outcomes = [bug]
        desk.build_loop().tick(DUE + days * DAY)
        with desk.database.transaction() as session:
            for entry in list_entries(desk, "C1"):
                outbox.retry(session, entry.entry_id, DUE)
    desk.build_loop().tick(DUE + DAY + MINUTE)
    assert [text.count("no_text") for text in list_texts(desk)] == [1, 1]


def test_what_had_to_be_sent_more_plainly_is_told_too(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    refused(lone_desk, Accepted("1.000100", "invalid_blocks"))
    assert "was drawn, so it was sent more plainly: `invalid_blocks`" in list_texts(lone_desk)[0]


def test_what_nobody_understands_is_told_once_it_is_given_up(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    strange = Refused("odd_<!channel>_\n`code`", Remedy.UNKNOWN)
    refused(lone_desk, *[strange] * 20)
    for hours in range(1, 12):
        lone_desk.build_loop().tick(DUE + hours * HOUR)
    (text,) = list_texts(lone_desk)
    assert "given up: `odd_channel_code`" in text


def test_the_same_refusal_from_many_workspaces_is_told_as_ours(lone_desk: Driver) -> None:
    with_operator(lone_desk, "T1/C0OPS", "T1")
    for number in range(2, 8):
        place = replace(PLACE, workspace_id=f"T{number}")
        lone_desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), place)
        lone_desk.sender.workspace_outcomes[f"T{number}"] = Refused("invalid_auth", Remedy.SUSPEND_WORKSPACE)
    lone_desk.build_loop().tick(DUE)
    assert ["Several workspaces refused the bot within minutes" in text for text in list_texts(lone_desk)] == [True]


def test_a_word_that_slack_refuses_as_wrong_is_not_told_of(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    lone_desk.sender.operator_outcomes = [Refused("invalid_blocks", Remedy.OUR_BUG)]
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW)
    assert (list_texts(lone_desk), [entry.state for entry in list_entries(lone_desk)]) == ([], [OutboxState.DEAD])
