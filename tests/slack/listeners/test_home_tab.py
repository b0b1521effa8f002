"""Home over the real Bolt dispatcher: what a person sees, and what they may never see."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.sandbox.block_kit.validate import check_view
from bot.slack.blocks import home
from storage.facts import Health, Milestone
from tests.slack.driver import SlackDriver

Body = dict[str, Any]


def subscribe(slack: SlackDriver, channel: str, text: str) -> None:
    body = f"command=%2Fdlvm&text=subscribe+{text}&team_id=T1&channel_id={channel}&user_id=U1&trigger_id=trigger"
    assert slack.post(body).status == 200


def shown(slack: SlackDriver) -> Body:
    person, view = slack.clients.published_homes[-1]
    assert person == "U1"
    return view


def test_home_shows_what_the_persons_channels_watch_soonest_first(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "pytorch-2.9+pytorch-2.7")
    slack.clients.memberships = {"C1": "training"}
    slack.open_home()
    text = str(shown(slack))
    assert 0 < text.index("PyTorch 2.7") < text.index("PyTorch 2.9")
    for part in ("in 141 days", "Subscribed: <#C1>", "as of 10 Apr 2026", "deprecated"):
        assert part in text


def test_the_other_tab_publishes_nothing(slack: SlackDriver) -> None:
    slack.open_home("messages")
    assert slack.clients.published_homes == []


def test_newcomers_see_what_to_do_first(slack: SlackDriver) -> None:
    slack.clients.memberships = {}
    slack.open_home()
    text = str(shown(slack))
    assert "Get started" in text
    assert "/invite @dlvm" in text
    assert "subscribe_open" in text


@pytest.mark.parametrize("members", [None, {}, {"C2": "other"}])
@pytest.mark.parametrize("wished", ["", "C1"])
def test_a_private_channel_is_never_on_an_outsiders_home(
    slack: SlackDriver, members: dict[str, str] | None, wished: str
) -> None:
    subscribe(slack, "C1", "pytorch-2.7")
    slack.clients.memberships = members
    metadata = json.dumps({"page": 1, "framework": "", "channel": wished})
    slack.act_in_view({"private_metadata": metadata}, {"type": "button", "action_id": "home_refresh", "value": "home"})
    slack.act_in_view(
        {}, {"type": "static_select", "action_id": "home_channel", "selected_option": {"value": wished or "*"}}
    )
    slack.act_in_view({}, {"type": "button", "action_id": "home_settings", "value": "C1"})
    assert "C1" not in str(slack.clients.published_homes)
    assert "pytorch-2.7)" not in str(slack.clients.published_homes)
    assert slack.clients.views == []


def test_filters_are_kept_from_one_showing_to_the_next(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "pytorch")
    subscribe(slack, "C2", "tensorflow-2.17")
    slack.clients.memberships = {"C1": "training", "C2": "serving"}
    slack.act_in_view({}, {"type": "static_select", "action_id": "home_channel", "selected_option": {"value": "C2"}})
    first = shown(slack)
    assert "TensorFlow 2.17" in str(first)
    assert "PyTorch 2.7" not in str(first)
    assert "Settings of #serving" in str(first)
    slack.act_in_view(first, {"type": "button", "action_id": "home_refresh", "value": "home"})
    assert shown(slack) == first
    slack.act_in_view(
        first, {"type": "static_select", "action_id": "home_framework", "selected_option": {"value": "pytorch"}}
    )
    assert "No version matches these filters" in str(shown(slack))


def test_home_turns_its_pages(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "all")
    slack.clients.memberships = {"C1": "training"}
    slack.open_home()
    assert "Page 1 of" in str(shown(slack))
    slack.act_in_view(shown(slack), {"type": "button", "action_id": "home_next", "value": "2"})
    assert "Page 2 of" in str(shown(slack))
    assert "home_previous" in str(shown(slack))


def test_the_settings_of_a_channel_open_from_home(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "pytorch-2.7")
    slack.clients.memberships = {"C1": "training"}
    slack.act_in_view({}, {"type": "button", "action_id": "home_settings", "value": "C1"})
    (view,) = slack.clients.views
    assert (view["callback_id"], view["private_metadata"]) == ("settings", "C1")


def test_subscribing_opens_from_home(slack: SlackDriver) -> None:
    slack.act_in_view({"type": "home"}, {"type": "button", "action_id": "subscribe_open", "value": "home"})
    assert slack.clients.views[0]["callback_id"] == "subscribe_form"


@pytest.mark.parametrize("metadata", ["", "{", "[]", "1", '{"page": -1}', '{"page": "9999999", "framework": ["x"]}'])
def test_a_forged_state_is_as_none(metadata: str) -> None:
    wish = home.parse_selection({"private_metadata": metadata})
    assert (wish.page, wish.channel_id) == (1, "")


def test_the_channel_is_chosen_in_slacks_own_menu_where_there_are_many(slack: SlackDriver) -> None:
    action = {"action_id": "home_channel", "type": "conversations_select", "selected_conversation": "C7"}
    assert home.parse_selection({}, action).channel_id == "C7"


extreme = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=200)


@settings(max_examples=60, deadline=None)
@given(extreme, st.integers(0, 20), st.integers(1, 300), st.sampled_from(Health), st.booleans())
def test_any_home_is_a_view_slack_takes(text: str, count: int, channels: int, health: Health, known: bool) -> None:
    day, ids = date(2026, 11, 23), tuple(f"C{n:010}" for n in range(channels))
    milestone = Milestone.END_OF_AVAILABILITY
    line = answers.HomeLine(
        "pytorch-2.7", text, LifecycleState.DEPRECATED, milestone if known else None, day if known else None, ids
    )
    drawn = home.render(
        answers.Home(
            day=day,
            source=answers.Source("https://example.org/", day),
            lines=(line,) * count,
            page=2,
            pages=3,
            total=60,
            subscribed_channels=channels,
            open_dates=(answers.OpenDate("pytorch-2.7", text, milestone, day, ids),) * count,
            unreachable=tuple(
                answers.UnreachableChannel(c, health, day if known else None) for c in ids if health is not Health.OK
            ),
            frameworks=("pytorch", "tensorflow", "base"),
            channels=tuple(answers.HomeChannel(c, text) for c in ids),
            channel_id=ids[0],
            are_channels_known=known,
        )
    )
    assert check_view(drawn) == ()
