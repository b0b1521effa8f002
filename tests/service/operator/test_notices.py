"""Whoever runs the bot hears what is held back, how old the dates are, and what dlvm does wrong."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.policy.post_outcomes import Accepted, Outcome, Refused, Remedy
from bot.service.maintenance import Chores
from bot.service.workspaces.channel_health import Healing
from bot.slack.blocks.reminders import message
from storage import outbox, sources
from storage.facts import OutboxState
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import KNOWN, TORCH_27, with_cells
from tests.service.driver import PLACE, Desk, at
from tests.service.operator_driver import DAY, DUE, HOUR, MINUTE, NOW, catch_up, entries, operated, tell, texts
from tests.service.page_fixture import START, Page


def test_what_is_held_back_is_told_in_the_transaction_that_stores_it(desk: Desk) -> None:
    page = Page(operated(desk), with_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    desk.delivery().tick(START)
    (told,) = desk.sender.told
    assert told.held is not None
    assert (told.held.finding.family, told.held.finding.printed) == (TORCH_27, "August 13, 2029")
    page.run(START + 6 * HOUR)
    desk.delivery().tick(START + 6 * HOUR)
    assert len(desk.sender.told) == 1


def test_a_page_that_lost_its_rows_is_told_with_the_difference(lone_desk: Desk) -> None:
    page = Page(operated(lone_desk), list(page_factories.SEED)[:30])
    page.run(START)
    lone_desk.delivery().tick(START)
    text = message.message(lone_desk.sender.told[0])["text"]
    assert text.startswith("*Held back: the whole page*")
    assert "*Why:* 22 of 52 rows are gone, more than a fifth." in text
    assert "no longer printed" in text
    assert "… and 10 more: `dlvm catalogue review`" in text


def test_of_many_at_once_the_first_have_buttons_and_the_rest_is_counted(lone_desk: Desk) -> None:
    odd = {family: {"accelerator": "x" * 501, "end_of_patch": "soon"} for family in list(KNOWN)[:5]}
    page = Page(operated(lone_desk), with_cells(odd))
    done = page.run(START)
    assert done is not None
    lone_desk.delivery().tick(START)
    told = lone_desk.sender.told
    assert len(done.held) > 8
    assert [one.held is not None for one in told] == [True] * 8 + [False]
    assert f"… and {len(done.held) - 8} more are held back" in told[-1].text


def test_what_the_page_no_longer_says_is_drawn_so(lone_desk: Desk) -> None:
    page = Page(operated(lone_desk), with_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    lone_desk.delivery().tick(START)
    page.rows = with_cells({})
    page.run(START + 6 * HOUR)
    lone_desk.delivery().tick(START + 6 * HOUR)
    ((ts, drawn),) = lone_desk.sender.retold
    shown = message.message(drawn)
    assert ts == "9.000001"
    assert "*Over:* the page was seen not to say it any more on 12 Apr 2026, 16:00 UTC." in shown["text"]
    assert "actions" not in {block["type"] for block in shown["blocks"]}


def test_what_is_over_before_it_was_posted_is_not_told(lone_desk: Desk) -> None:
    page = Page(operated(lone_desk), with_cells({TORCH_27: {"end_of_availability": "August 13, 2029"}}))
    page.run(START)
    page.rows = with_cells({})
    page.run(START + 6 * HOUR)
    lone_desk.delivery().tick(START + 6 * HOUR)
    assert lone_desk.sender.told == []
    assert catch_up(lone_desk, START + 6 * HOUR) == 0


def chores(desk: Desk, now: datetime) -> None:
    healing = Healing(desk.database, lambda _: pytest.fail("nothing is to be looked at"), lambda _: False)
    Chores(desk.database, healing, 90 * DAY, operator=desk.operator).run(now)
    desk.delivery().tick(now)


def read_well(desk: Desk, now: datetime, problem: str = "") -> None:
    with desk.database.transaction() as session:
        sources.watch(session, NOW)
        sources.tell(session, replace(sources.find(session), good_at=now, problem=problem))


def test_each_time_the_page_has_no_good_reading_for_48_hours_is_told_once_and_so_is_its_end(desk: Desk) -> None:
    operated(desk)
    read_well(desk, NOW, "it answered HTTP 503")
    for hours in (0, 48, 49, 50, 100):
        chores(desk, NOW + timedelta(hours=hours))
    (text,) = texts(desk)
    assert text.startswith("The page has had no good reading since 23 Nov 2026, 12:00 UTC (2 days ago).")
    assert "The last attempt: it answered HTTP 503." in text
    read_well(desk, NOW + 5 * DAY)
    for hours in (0, 1):
        chores(desk, NOW + 5 * DAY + timedelta(hours=hours))
    assert len(texts(desk)) == 2
    assert "has a good reading again, of 28 Nov 2026, 12:00 UTC; it had none since 23 Nov 2026" in texts(desk)[1]
    chores(desk, NOW + 8 * DAY)
    assert len(texts(desk)) == 3


def test_where_the_page_is_no_longer_fetched_nobody_says_that_it_is_well_again(lone_desk: Desk) -> None:
    operated(lone_desk)
    read_well(lone_desk, NOW)
    chores(lone_desk, NOW + 3 * DAY)
    with lone_desk.database.transaction() as session:
        sources.watch(session, None)
    chores(lone_desk, NOW + 4 * DAY)
    assert len(texts(lone_desk)) == 1


def test_the_chores_bring_what_was_told_before_a_channel_was_set(lone_desk: Desk) -> None:
    operated(lone_desk, "")
    tell(lone_desk)
    operated(lone_desk)
    chores(lone_desk, NOW)
    assert texts(lone_desk) == ["Hear one."]


def refused(desk: Desk, *outcomes: Outcome) -> Desk:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = list(outcomes)
    desk.delivery().tick(DUE)
    desk.delivery().tick(DUE + MINUTE)
    return desk


def test_what_slack_refuses_as_wrong_is_told_with_the_command_that_shows_it(desk: Desk) -> None:
    operated(desk)
    refused(desk, Refused("invalid_blocks", Remedy.OUR_BUG))
    (dead,) = [e for e in entries(desk, "C1") if e.state is OutboxState.DEAD]
    (text,) = texts(desk)
    assert f"Slack refused entry {dead.entry_id} of the outbox as wrong, and it is given up: `invalid_blocks`." in text
    assert f"`dlvm outbox retry {dead.entry_id}`" in text
    assert "pytorch" not in text


def test_the_same_error_is_told_once_a_day(desk: Desk) -> None:
    operated(desk)
    desk.say("subscribe pytorch-2.7", DUE - DAY)
    bug = Refused("no_text", Remedy.OUR_BUG)
    for days in (0, 0, 1):
        desk.sender.outcomes = [bug]
        desk.delivery().tick(DUE + days * DAY)
        with desk.database.transaction() as session:
            for entry in entries(desk, "C1"):
                outbox.retry(session, entry.entry_id, DUE)
    desk.delivery().tick(DUE + DAY + MINUTE)
    assert [text.count("no_text") for text in texts(desk)] == [1, 1]


def test_what_had_to_be_sent_more_plainly_is_told_too(lone_desk: Desk) -> None:
    operated(lone_desk)
    refused(lone_desk, Accepted("1.000100", "invalid_blocks"))
    assert "was drawn, so it was sent more plainly: `invalid_blocks`" in texts(lone_desk)[0]


def test_what_nobody_understands_is_told_once_it_is_given_up(lone_desk: Desk) -> None:
    operated(lone_desk)
    strange = Refused("odd_<!channel>_\n`code`", Remedy.UNKNOWN)
    refused(lone_desk, *[strange] * 20)
    for hours in range(1, 12):
        lone_desk.delivery().tick(DUE + hours * HOUR)
    (text,) = texts(lone_desk)
    assert "given up: `odd_channel_code`" in text


def test_the_same_refusal_from_many_workspaces_is_told_as_ours(lone_desk: Desk) -> None:
    operated(lone_desk, "T1/C0OPS", "T1")
    for number in range(2, 8):
        place = replace(PLACE, workspace_id=f"T{number}")
        lone_desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), place)
        lone_desk.sender.refusing[f"T{number}"] = Refused("invalid_auth", Remedy.SUSPEND_WORKSPACE)
    lone_desk.delivery().tick(DUE)
    assert ["Several workspaces refused the bot within minutes" in text for text in texts(lone_desk)] == [True]


def test_a_word_that_slack_refuses_as_wrong_is_not_told_of(lone_desk: Desk) -> None:
    operated(lone_desk)
    lone_desk.sender.refusing_told = [Refused("invalid_blocks", Remedy.OUR_BUG)]
    tell(lone_desk)
    lone_desk.delivery().tick(NOW)
    assert (texts(lone_desk), [entry.state for entry in entries(lone_desk)]) == ([], [OutboxState.DEAD])
