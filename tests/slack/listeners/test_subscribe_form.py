"""The forms over the real Bolt dispatcher: subscribing in a modal, and settings with their live preview."""

import json
from typing import Any

import pytest

from bot import answers
from bot.commands.dispatcher import ChannelLook
from bot.sandbox.block_kit.validate import check_view
from bot.service.subscriptions.subscribe import SubscribeForm
from storage import channels, subscriptions
from storage.facts import Channel, Subscription
from tests.slack.driver import SlackDriver

Body = dict[str, Any]
OPEN = ChannelLook(answers.ChannelReach.OK, is_public=True)


def submit(
    slack: SlackDriver, targets: list[str], *, channel: str = "C1", ladder: str = "keep", mention: str | None = None
) -> Body:
    values = {
        "versions": {"versions": {"selected_options": [{"value": target} for target in targets]}},
        "channel": {"channel": {"selected_conversation": channel}},
        "ladder": {"ladder": {"selected_option": {"value": ladder}}},
        "mention": {"mention": {"type": "users_select", "selected_user": mention}},
    }
    view = {"type": "modal", "id": "V1", "callback_id": "subscribe_form", "state": {"values": values}}
    answer = slack.send_payload({"type": "view_submission", "view": view})
    assert answer.status == 200
    return dict(json.loads(answer.body))


def offered(slack: SlackDriver, typed: str) -> list[Body]:
    payload = {"type": "block_suggestion", "action_id": "versions", "block_id": "versions", "value": typed}
    answer = slack.send_payload({**payload, "view": {"id": "V1", "callback_id": "subscribe_form"}})
    assert answer.status == 200
    return list(json.loads(answer.body)["options"])


def watched(slack: SlackDriver) -> list[Subscription]:
    with slack.desk.database.read_only() as session:
        return list(subscriptions.list_for_workspace(session, "T1"))


def stored(slack: SlackDriver) -> Channel:
    with slack.desk.database.read_only() as session:
        found = channels.find(session, "T1", "C1")
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["subscribe", " Watch ", "sub:"])
def test_subscribe_without_saying_what_opens_a_form(slack: SlackDriver, text: str) -> None:
    answer = slack.post(f"command=%2Fdlvm&text={text}&team_id=T1&channel_id=C1&user_id=U1&trigger_id=trigger")
    assert (answer.status, answer.body) == (200, "")
    (view,) = slack.clients.views
    assert [block["block_id"] for block in view["blocks"]] == ["versions", "channel", "ladder", "mention"]
    assert all(block["label"]["text"] and block["hint"]["text"] for block in view["blocks"])


def test_the_same_without_a_form_is_explained() -> None:
    from bot.commands import model, parser  # noqa: PLC0415 - only here

    assert isinstance(parser.parse("subscribe"), model.ShowHelp)


def test_the_soonest_date_is_offered_first_and_everything_last(slack: SlackDriver) -> None:
    found = offered(slack, "")
    texts = [option["text"]["text"] for option in found]
    assert 10 < len(found) <= 100
    assert all(len(text) <= 75 for text in texts)
    assert texts[-1] == "Every framework version, including new ones"
    ahead = [text for text in texts if "days)" in text]
    days = [int(text.rpartition("(in ")[2].split()[0].replace(",", "")) for text in ahead]
    assert days == sorted(days)
    assert texts[: len(ahead)] == ahead


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("pytorch 2.7", "pytorch-2.7"),
        ("TF 2.17", "tensorflow-2.17"),
        ("cu124", "base-cu124"),
        ("every tensor", "tensorflow"),
    ],
)
def test_typing_narrows_what_is_offered(slack: SlackDriver, typed: str, value: str) -> None:
    assert value in [option["value"] for option in offered(slack, typed)]


@pytest.mark.parametrize("typed", ["nonsense", "<!channel>", "\x00", "x" * 5_000])
def test_what_fits_nothing_offers_nothing(slack: SlackDriver, typed: str) -> None:
    assert offered(slack, typed) == []


def test_the_form_subscribes_and_sets_at_once(slack: SlackDriver) -> None:
    slack.clients.channel_look = OPEN
    answer = submit(slack, ["pytorch-2.7", "tensorflow"], ladder="month", mention="U07")
    assert answer["response_action"] == "update"
    assert check_view(answer["view"]) == ()
    said = str(answer["view"])
    for part in ("<#C1>: dlvm can post there", "pytorch-2.7", "Next reminder", "30 days before", "already passed"):
        assert part.lower() in said.lower()
    assert [(s.target, s.created_by) for s in watched(slack)] == [("pytorch-2.7", "U1"), ("tensorflow", "U1")]
    channel = stored(slack)
    assert (channel.schedule.ladder, channel.mention, channel.is_public) == ((30, 7, 1, 0, -1), "U07", True)


def test_the_form_leaves_settings_alone_that_nobody_chose(slack: SlackDriver) -> None:
    slack.clients.channel_look = OPEN
    slack.command("settings ladder 14 7 mention <@U05> hour 08:00")
    submit(slack, ["pytorch-2.7"])
    channel = stored(slack)
    assert (channel.schedule.ladder, channel.mention, channel.schedule.hour.hour) == ((14, 7), "U05", 8)


@pytest.mark.parametrize(
    ("reach", "said"),
    [(answers.ChannelReach.UNREACHABLE, "/invite @dlvm"), (answers.ChannelReach.UNCHECKED, "didn’t say in time")],
)
def test_whether_the_bot_can_post_there_is_said(slack: SlackDriver, reach: answers.ChannelReach, said: str) -> None:
    slack.clients.channel_look = ChannelLook(reach)
    assert said in str(submit(slack, ["pytorch-2.7"])["view"])


@pytest.mark.parametrize("targets", [["pytorch-9.9"], ["<!channel>"], [], ["pytorch-2.7", "nonsense"]])
def test_versions_that_are_none_stand_under_their_field(slack: SlackDriver, targets: list[str]) -> None:
    slack.clients.channel_look = OPEN
    answer = submit(slack, targets, ladder="month")
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["versions"]
    assert watched(slack) == []


def test_a_person_who_is_none_stands_under_its_field(slack: SlackDriver) -> None:
    slack.clients.channel_look = OPEN
    answer = submit(slack, ["pytorch-2.7"], mention="<!here>")
    assert (answer["response_action"], list(answer["errors"])) == ("errors", ["mention"])
    assert watched(slack) == []


@pytest.mark.parametrize("members", [None, {}, {"C2": "other"}])
def test_a_private_channel_is_not_subscribed_by_an_outsider(slack: SlackDriver, members: dict[str, str] | None) -> None:
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), members
    answer = submit(slack, ["pytorch-2.7"])
    assert answer["errors"] == {"channel": "Choose a channel that you are in."}
    assert watched(slack) == []


def test_a_private_channel_is_subscribed_by_somebody_in_it(slack: SlackDriver) -> None:
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), {"C1": "secret"}
    assert submit(slack, ["pytorch-2.7"])["response_action"] == "update"


@pytest.mark.parametrize("channel", ["", "D1", "../C1", "C1' OR 1=1"])
def test_a_channel_that_is_none_stands_under_its_field(slack: SlackDriver, channel: str) -> None:
    assert list(submit(slack, ["pytorch-2.7"], channel=channel)["errors"]) == ["channel"]


def settings_view(slack: SlackDriver, **typed: Body) -> Body:
    slack.press("settings_open", "settings")
    view = slack.clients.views[-1]
    values = {name: {name: value} for name, value in typed.items()}
    return {"callback_id": "settings", "private_metadata": view["private_metadata"], "state": {"values": values}}


def test_settings_show_the_next_reminders_while_they_are_changed(slack: SlackDriver) -> None:
    slack.command("subscribe pytorch-2.7")
    view = settings_view(slack, hour={"type": "plain_text_input", "value": "07:15"}, zone={"value": "Asia/Taipei"})
    slack.act_in_view(view, {"type": "plain_text_input", "action_id": "hour", "value": "07:15"})
    ((view_id, view_hash, drawn),) = slack.clients.view_updates
    assert (view_id, view_hash) == ("V1", "1.a")
    assert "07:15 (Asia/Taipei)" in str(drawn)
    assert "Nothing has changed yet" in str(drawn)
    assert stored(slack).schedule.hour.hour == 9


@pytest.mark.parametrize("members", [None, {}, {"C2": "other"}])
def test_a_private_channels_settings_are_neither_shown_nor_saved_to_an_outsider(
    slack: SlackDriver, members: dict[str, str] | None
) -> None:
    slack.command("subscribe pytorch-2.7")
    view = settings_view(slack, hour={"type": "plain_text_input", "value": "07:15"})
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), members
    slack.act_in_view(view, {"type": "plain_text_input", "action_id": "hour", "value": "07:15"})
    assert slack.clients.view_updates == []
    refused = slack.submit_settings("UTC", "07:15")
    assert "Only somebody in the channel" in refused["errors"]["zone"]
    assert stored(slack).schedule.hour.hour == 9


@pytest.mark.parametrize("channel", ["", "../C1", "C1' OR 1=1"])
def test_settings_of_what_is_no_channel_are_not_previewed(slack: SlackDriver, channel: str) -> None:
    view = settings_view(slack, hour={"value": "07:15"}) | {"private_metadata": channel}
    slack.act_in_view(view, {"type": "plain_text_input", "action_id": "hour", "value": "07:15"})
    assert slack.clients.view_updates == []


def test_somebody_in_the_channel_or_in_a_direct_message_saves_its_settings(slack: SlackDriver) -> None:
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), {"C1": "secret"}
    assert slack.submit_settings("UTC", "07:15")["response_action"] == "update"
    assert slack.submit_settings("UTC", "07:15", channel="D1")["response_action"] == "update"


def test_what_is_wrong_in_the_settings_stands_where_the_preview_was(slack: SlackDriver) -> None:
    slack.command("subscribe pytorch-2.7")
    slack.act_in_view(
        settings_view(slack, zone={"value": "Mars<!here>"}), {"type": "plain_text_input", "action_id": "zone"}
    )
    drawn = str(slack.clients.view_updates[0][2])
    assert "Fix these settings" in drawn
    assert "is not a time zone" in drawn
    assert "<!here>" not in drawn


def test_the_settings_form_sets_whom_to_mention_the_summary_and_the_release_notes(slack: SlackDriver) -> None:
    view = settings_view(
        slack,
        mention={"type": "users_select", "selected_user": "U07"},
        weekly={"type": "checkboxes", "selected_options": [{"value": "on"}]},
        notes={"type": "checkboxes", "selected_options": [{"value": "on"}]},
        **{"from": {"type": "plain_text_input", "value": "14"}},
    )
    slack.send_payload({"type": "view_submission", "view": {"type": "modal", "id": "V1", **view}})
    channel = stored(slack)
    assert (channel.mention, channel.mention_from, channel.weekly, channel.notes) == ("U07", 14, True, True)
    view["state"]["values"]["mention"]["mention"]["selected_user"] = None
    view["state"]["values"]["weekly"]["weekly"]["selected_options"] = []
    slack.send_payload({"type": "view_submission", "view": {"type": "modal", "id": "V1", **view}})
    assert (stored(slack).mention, stored(slack).weekly, stored(slack).notes) == ("", False, True)


def test_a_user_group_stays_in_the_settings_form(slack: SlackDriver) -> None:
    slack.command("settings mention <!subteam^S123>")
    slack.press("settings_open", "settings")
    (field,) = [block for block in slack.clients.views[0]["blocks"] if block.get("block_id") == "mention"]
    assert field["element"]["initial_value"] == "S123"


def test_a_button_of_another_view_is_no_setting(slack: SlackDriver) -> None:
    slack.act_in_view({"callback_id": "home"}, {"type": "button", "action_id": "zone"})
    assert slack.clients.view_updates == []


def test_an_apology_stands_under_a_field_the_form_has(slack: SlackDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(SubscribeForm, "submit", fails)
    slack.clients.channel_look = OPEN
    blocks = [{"type": "section"}, {"type": "input", "block_id": "versions"}]
    values = {"channel": {"channel": {"selected_conversation": "C1"}}}
    view = {"type": "modal", "id": "V1", "callback_id": "subscribe_form", "state": {"values": values}}
    answer = slack.send_payload({"type": "view_submission", "view": view | {"blocks": blocks}})
    assert "went wrong" in json.loads(answer.body)["errors"]["versions"]
