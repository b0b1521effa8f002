"""The form to subscribe and the settings form with its preview, on the real Bolt app."""

import json

import pytest

from bot import answers
from bot.answers import ChannelLook
from bot.sandbox.block_kit.validate import check_view
from bot.service.subscriptions.subscribe import SubscribeForm
from storage import channels, subscriptions
from storage.facts import Channel, Subscription
from tests.slack.driver import NOW, Body, SlackDriver, build_command_body

PUBLIC = ChannelLook(answers.ChannelReach.OK, is_public=True)


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
    response = slack.send_payload({"type": "view_submission", "view": view})
    assert response.status == 200
    return dict(json.loads(response.body))


def list_options(slack: SlackDriver, typed: str) -> list[Body]:
    payload = {"type": "block_suggestion", "action_id": "versions", "block_id": "versions", "value": typed}
    response = slack.send_payload({**payload, "view": {"id": "V1", "callback_id": "subscribe_form"}})
    assert response.status == 200
    return list(json.loads(response.body)["options"])


def list_subscriptions(slack: SlackDriver) -> list[Subscription]:
    with slack.driver.database.read_only() as session:
        return list(subscriptions.list_for_workspace(session, "T1"))


def find_channel(slack: SlackDriver) -> Channel:
    with slack.driver.database.read_only() as session:
        channel = channels.find(session, "T1", "C1")
    assert channel is not None
    return channel


@pytest.mark.parametrize("text", ["subscribe", " Watch ", "sub:"])
def test_bare_subscribe_opens_the_form(slack: SlackDriver, text: str) -> None:
    response = slack.post(build_command_body(text))
    assert (response.status, response.body) == (200, "")
    (view,) = slack.clients.views
    assert [block["block_id"] for block in view["blocks"]] == ["versions", "channel", "ladder", "mention"]
    assert all(block["label"]["text"] and block["hint"]["text"] for block in view["blocks"])


def test_bare_subscribe_shows_help_on_the_command_line(slack: SlackDriver) -> None:
    answer = slack.driver.run("subscribe", NOW)
    assert isinstance(answer, answers.Help)
    assert "Name what to subscribe to" in answer.reason


def test_suggestions_start_with_the_soonest_date(slack: SlackDriver) -> None:
    options = list_options(slack, "")
    texts = [option["text"]["text"] for option in options]
    assert 10 < len(options) <= 100
    assert all(len(text) <= 75 for text in texts)
    assert texts[-1] == "Every framework version, including new ones"
    upcoming = [text for text in texts if "days)" in text]
    days = [int(text.rpartition("(in ")[2].split()[0].replace(",", "")) for text in upcoming]
    assert days == sorted(days)
    assert texts[: len(upcoming)] == upcoming


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("pytorch 2.7", "pytorch-2.7"),
        ("TF 2.17", "tensorflow-2.17"),
        ("cu124", "base-cu124"),
        ("every tensor", "tensorflow"),
    ],
)
def test_typed_text_narrows_the_suggestions(slack: SlackDriver, typed: str, value: str) -> None:
    assert value in [option["value"] for option in list_options(slack, typed)]


@pytest.mark.parametrize("typed", ["nonsense", "<!channel>", "\x00", "x" * 5_000])
def test_unmatched_text_suggests_nothing(slack: SlackDriver, typed: str) -> None:
    assert list_options(slack, typed) == []


def test_form_subscribes_and_changes_settings(slack: SlackDriver) -> None:
    slack.clients.channel_look = PUBLIC
    answer = submit(slack, ["pytorch-2.7", "tensorflow"], ladder="month", mention="U07")
    assert answer["response_action"] == "update"
    assert check_view(answer["view"]) == ()
    text = str(answer["view"]).lower()
    for part in ("<#C1>: dlvm can post there", "pytorch-2.7", "Next reminder", "30 days before", "already passed"):
        assert part.lower() in text
    assert [(s.target, s.created_by) for s in list_subscriptions(slack)] == [
        ("pytorch-2.7", "U1"),
        ("tensorflow", "U1"),
    ]
    channel = find_channel(slack)
    assert (channel.schedule.ladder, channel.mention, channel.is_public) == ((30, 7, 1, 0, -1), "U07", True)


def test_form_keeps_settings_that_were_not_chosen(slack: SlackDriver) -> None:
    slack.clients.channel_look = PUBLIC
    slack.command("settings ladder 14 7 mention <@U05> hour 08:00")
    submit(slack, ["pytorch-2.7"])
    channel = find_channel(slack)
    assert (channel.schedule.ladder, channel.mention, channel.schedule.hour.hour) == ((14, 7), "U05", 8)


@pytest.mark.parametrize(
    ("reach", "part"),
    [(answers.ChannelReach.UNREACHABLE, "/invite @dlvm"), (answers.ChannelReach.UNCHECKED, "didn’t say in time")],
)
def test_form_says_whether_dlvm_can_post(slack: SlackDriver, reach: answers.ChannelReach, part: str) -> None:
    slack.clients.channel_look = ChannelLook(reach)
    assert part in str(submit(slack, ["pytorch-2.7"])["view"])


@pytest.mark.parametrize("targets", [["pytorch-9.9"], ["<!channel>"], [], ["pytorch-2.7", "nonsense"]])
def test_unknown_versions_are_errors_under_their_field(slack: SlackDriver, targets: list[str]) -> None:
    slack.clients.channel_look = PUBLIC
    answer = submit(slack, targets, ladder="month")
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["versions"]
    assert list_subscriptions(slack) == []


def test_unknown_person_is_an_error_under_its_field(slack: SlackDriver) -> None:
    slack.clients.channel_look = PUBLIC
    answer = submit(slack, ["pytorch-2.7"], mention="<!here>")
    assert (answer["response_action"], list(answer["errors"])) == ("errors", ["mention"])
    assert list_subscriptions(slack) == []


@pytest.mark.parametrize("members", [None, {}, {"C2": "other"}])
def test_outsider_cannot_subscribe_a_private_channel(slack: SlackDriver, members: dict[str, str] | None) -> None:
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), members
    answer = submit(slack, ["pytorch-2.7"])
    assert answer["errors"] == {"channel": "Choose a channel you’re in."}
    assert list_subscriptions(slack) == []


def test_member_can_subscribe_a_private_channel(slack: SlackDriver) -> None:
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), {"C1": "secret"}
    assert submit(slack, ["pytorch-2.7"])["response_action"] == "update"


@pytest.mark.parametrize("channel", ["", "D1", "../C1", "C1' OR 1=1"])
def test_invalid_channel_is_an_error_under_its_field(slack: SlackDriver, channel: str) -> None:
    assert list(submit(slack, ["pytorch-2.7"], channel=channel)["errors"]) == ["channel"]


def settings_view(slack: SlackDriver, **typed: Body) -> Body:
    slack.press("settings_open", "settings")
    view = slack.clients.views[-1]
    values = {name: {name: value} for name, value in typed.items()}
    return {"callback_id": "settings", "private_metadata": view["private_metadata"], "state": {"values": values}}


def test_settings_form_previews_changes(slack: SlackDriver) -> None:
    slack.command("subscribe pytorch-2.7")
    view = settings_view(slack, hour={"type": "plain_text_input", "value": "07:15"}, zone={"value": "Asia/Taipei"})
    slack.act_in_view(view, {"type": "plain_text_input", "action_id": "hour", "value": "07:15"})
    ((view_id, view_hash, form),) = slack.clients.view_updates
    assert (view_id, view_hash) == ("V1", "1.a")
    assert "07:15 (Asia/Taipei)" in str(form)
    assert "Nothing has changed yet" in str(form)
    assert find_channel(slack).schedule.hour.hour == 9


@pytest.mark.parametrize("members", [None, {}, {"C2": "other"}])
def test_outsider_cannot_change_private_channel_settings(slack: SlackDriver, members: dict[str, str] | None) -> None:
    slack.command("subscribe pytorch-2.7")
    view = settings_view(slack, hour={"type": "plain_text_input", "value": "07:15"})
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), members
    slack.act_in_view(view, {"type": "plain_text_input", "action_id": "hour", "value": "07:15"})
    assert slack.clients.view_updates == []
    refusal = slack.submit_settings("UTC", "07:15")
    assert "Only channel members" in refusal["errors"]["zone"]
    assert find_channel(slack).schedule.hour.hour == 9


@pytest.mark.parametrize("channel", ["", "../C1", "C1' OR 1=1"])
def test_settings_of_an_invalid_channel_are_not_previewed(slack: SlackDriver, channel: str) -> None:
    view = settings_view(slack, hour={"value": "07:15"}) | {"private_metadata": channel}
    slack.act_in_view(view, {"type": "plain_text_input", "action_id": "hour", "value": "07:15"})
    assert slack.clients.view_updates == []


def test_member_can_save_settings(slack: SlackDriver) -> None:
    slack.clients.channel_look, slack.clients.memberships = ChannelLook(answers.ChannelReach.OK), {"C1": "secret"}
    assert slack.submit_settings("UTC", "07:15")["response_action"] == "update"
    assert slack.submit_settings("UTC", "07:15", channel="D1")["response_action"] == "update"


def test_settings_errors_replace_the_preview(slack: SlackDriver) -> None:
    slack.command("subscribe pytorch-2.7")
    slack.act_in_view(
        settings_view(slack, zone={"value": "Mars<!here>"}), {"type": "plain_text_input", "action_id": "zone"}
    )
    form = str(slack.clients.view_updates[0][2])
    assert "Fix these settings" in form
    assert "is not a time zone" in form
    assert "<!here>" not in form


def test_settings_form_sets_mention_summary_and_release_notes(slack: SlackDriver) -> None:
    view = settings_view(
        slack,
        mention={"type": "users_select", "selected_user": "U07"},
        weekly={"type": "checkboxes", "selected_options": [{"value": "on"}]},
        notes={"type": "checkboxes", "selected_options": [{"value": "on"}]},
        **{"from": {"type": "plain_text_input", "value": "14"}},
    )
    slack.send_payload({"type": "view_submission", "view": {"type": "modal", "id": "V1", **view}})
    channel = find_channel(slack)
    assert (channel.mention, channel.mention_from, channel.weekly, channel.notes) == ("U07", 14, True, True)
    view["state"]["values"]["mention"]["mention"]["selected_user"] = None
    view["state"]["values"]["weekly"]["weekly"]["selected_options"] = []
    slack.send_payload({"type": "view_submission", "view": {"type": "modal", "id": "V1", **view}})
    assert (find_channel(slack).mention, find_channel(slack).weekly, find_channel(slack).notes) == ("", False, True)


def test_user_group_stays_in_the_settings_form(slack: SlackDriver) -> None:
    slack.command("settings mention <!subteam^S123>")
    slack.press("settings_open", "settings")
    (field,) = [block for block in slack.clients.views[0]["blocks"] if block.get("block_id") == "mention"]
    assert field["element"]["initial_value"] == "S123"


def test_button_of_another_view_is_not_a_setting(slack: SlackDriver) -> None:
    slack.act_in_view({"callback_id": "home"}, {"type": "button", "action_id": "zone"})
    assert slack.clients.view_updates == []


def test_apology_appears_under_a_field_of_the_form(slack: SlackDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(SubscribeForm, "submit", fail)
    slack.clients.channel_look = PUBLIC
    blocks = [{"type": "section"}, {"type": "input", "block_id": "versions"}]
    values = {"channel": {"channel": {"selected_conversation": "C1"}}}
    view = {"type": "modal", "id": "V1", "callback_id": "subscribe_form", "state": {"values": values}}
    response = slack.send_payload({"type": "view_submission", "view": view | {"blocks": blocks}})
    assert "went wrong" in json.loads(response.body)["errors"]["versions"]
