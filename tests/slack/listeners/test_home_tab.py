"""The Home tab on the real Bolt app: what a person sees, and what they must not see."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.sandbox.block_kit.validate import check_view
from bot.slack.blocks import home
from storage.facts import Health, Milestone
from tests.slack.driver import Body, SlackDriver, build_command_body


def subscribe(slack: SlackDriver, channel: str, text: str) -> None:
    assert slack.post(build_command_body(f"subscribe {text}", channel_id=channel)).status == 200


def get_home(slack: SlackDriver) -> Body:
    user_id, view = slack.clients.published_homes[-1]
    assert user_id == "U1"
    return view


def test_home_lists_subscriptions_by_soonest_date(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "pytorch-2.9 pytorch-2.7")
    slack.clients.memberships = {"C1": "training"}
    slack.open_home()
    text = str(get_home(slack))
    assert 0 < text.index("PyTorch 2.7") < text.index("PyTorch 2.9")
    for part in ("in 141 days", "Subscribed: <#C1>", "as of 10 Apr 2026", "deprecated"):
        assert part in text


def test_messages_tab_publishes_nothing(slack: SlackDriver) -> None:
    slack.open_home("messages")
    assert slack.clients.published_homes == []


def test_home_without_channels_shows_first_steps(slack: SlackDriver) -> None:
    slack.clients.memberships = {}
    slack.open_home()
    text = str(get_home(slack))
    assert "Get started" in text
    assert "/invite @dlvm" in text
    assert "subscribe_open" in text


@pytest.mark.parametrize("members", [None, {}, {"C2": "other"}])
@pytest.mark.parametrize("channel_id", ["", "C1"])
def test_private_channel_is_hidden_from_outsiders(
    slack: SlackDriver, members: dict[str, str] | None, channel_id: str
) -> None:
    subscribe(slack, "C1", "pytorch-2.7")
    slack.clients.memberships = members
    metadata = json.dumps({"page": 1, "framework": "", "channel": channel_id})
    slack.act_in_view({"private_metadata": metadata}, {"type": "button", "action_id": "home_refresh", "value": "home"})
    slack.act_in_view(
        {}, {"type": "static_select", "action_id": "home_channel", "selected_option": {"value": channel_id or "*"}}
    )
    slack.act_in_view({}, {"type": "button", "action_id": "home_settings", "value": "C1"})
    assert "C1" not in str(slack.clients.published_homes)
    assert "pytorch-2.7)" not in str(slack.clients.published_homes)
    assert slack.clients.views == []


def test_home_keeps_its_filters(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "pytorch")
    subscribe(slack, "C2", "tensorflow-2.17")
    slack.clients.memberships = {"C1": "training", "C2": "serving"}
    slack.act_in_view({}, {"type": "static_select", "action_id": "home_channel", "selected_option": {"value": "C2"}})
    first = get_home(slack)
    assert "TensorFlow 2.17" in str(first)
    assert "PyTorch 2.7" not in str(first)
    assert "Settings of #serving" in str(first)
    slack.act_in_view(first, {"type": "button", "action_id": "home_refresh", "value": "home"})
    assert get_home(slack) == first
    slack.act_in_view(
        first, {"type": "static_select", "action_id": "home_framework", "selected_option": {"value": "pytorch"}}
    )
    assert "No version matches these filters" in str(get_home(slack))


def test_home_has_pages(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "all")
    slack.clients.memberships = {"C1": "training"}
    slack.open_home()
    assert "Page 1 of" in str(get_home(slack))
    slack.act_in_view(get_home(slack), {"type": "button", "action_id": "home_next", "value": "2"})
    assert "Page 2 of" in str(get_home(slack))
    assert "home_previous" in str(get_home(slack))


def test_settings_form_opens_from_home(slack: SlackDriver) -> None:
    subscribe(slack, "C1", "pytorch-2.7")
    slack.clients.memberships = {"C1": "training"}
    slack.act_in_view({}, {"type": "button", "action_id": "home_settings", "value": "C1"})
    (view,) = slack.clients.views
    assert (view["callback_id"], view["private_metadata"]) == ("settings", "C1")


def test_subscribe_form_opens_from_home(slack: SlackDriver) -> None:
    slack.act_in_view({"type": "home"}, {"type": "button", "action_id": "subscribe_open", "value": "home"})
    assert slack.clients.views[0]["callback_id"] == "subscribe_form"


@pytest.mark.parametrize("metadata", ["", "{", "[]", "1", '{"page": -1}', '{"page": "9999999", "framework": ["x"]}'])
def test_forged_selection_is_ignored(metadata: str) -> None:
    selection = home.parse_selection({"private_metadata": metadata})
    assert (selection.page, selection.channel_id) == (1, "")


def test_channel_can_be_chosen_in_slacks_menu(slack: SlackDriver) -> None:
    action = {"action_id": "home_channel", "type": "conversations_select", "selected_conversation": "C7"}
    assert home.parse_selection({}, action).channel_id == "C7"


any_text = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=200)


@settings(max_examples=60, deadline=None)
@given(any_text, st.integers(0, 20), st.integers(1, 300), st.sampled_from(Health), st.booleans())
def test_any_home_is_a_valid_view(text: str, count: int, channels: int, health: Health, has_dates: bool) -> None:
    day, ids = date(2026, 11, 23), tuple(f"C{n:010}" for n in range(channels))
    milestone = Milestone.END_OF_AVAILABILITY
    line = answers.HomeLine(
        "pytorch-2.7",
        text,
        LifecycleState.DEPRECATED,
        milestone if has_dates else None,
        day if has_dates else None,
        ids,
    )
    view = home.render(
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
                answers.UnreachableChannel(c, health, day if has_dates else None)
                for c in ids
                if health is not Health.OK
            ),
            frameworks=("pytorch", "tensorflow", "base"),
            channels=tuple(answers.HomeChannel(c, text) for c in ids),
            channel_id=ids[0],
            are_channels_known=has_dates,
        )
    )
    assert check_view(view) == ()
