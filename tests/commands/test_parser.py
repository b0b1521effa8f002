"""The parser for the text after /dlvm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import parser
from bot.commands.model import (
    ChangeSettings,
    Command,
    ListVersions,
    OpenSubscribeForm,
    ShowHelp,
    ShowHistory,
    ShowStatus,
    ShowSubscriptions,
    ShowSuccessor,
    ShowUpcomingDates,
    Subscribe,
    Unsubscribe,
)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("status pytorch-2.3", ShowStatus("pytorch-2.3")),
        ("  STATUS   PyTorch\t2.3 ", ShowStatus("PyTorch 2.3")),
        ("check tf 2.15", ShowStatus("tf 2.15")),
        ("pytorch-2.7", ShowStatus("pytorch-2.7")),
        ("2.9", ShowStatus("2.9")),
        ("successor pytorch-2.7", ShowSuccessor("pytorch-2.7")),
        ("history pytorch-2.7", ShowHistory("pytorch-2.7")),
        ("story tf 2.15", ShowHistory("tf 2.15")),
        ("list", ListVersions()),
        ("list pytorch", ListVersions("pytorch")),
        ("list ALL", ListVersions("", show_all=True)),
        ("list pytorch all", ListVersions("pytorch", show_all=True)),
        ("upcoming", ShowUpcomingDates(90)),
        ("upcoming 180d", ShowUpcomingDates(180)),
        ("upcoming 30", ShowUpcomingDates(30)),
        ("upcoming 6 weeks", ShowUpcomingDates(42)),
        ("upcoming 2y", ShowUpcomingDates(730)),
        ("subscribe pytorch-2.7 tf-2.17", Subscribe("pytorch-2.7 tf-2.17")),
        ("subscribe", OpenSubscribeForm()),
        ("unsubscribe pytorch-*", Unsubscribe("pytorch-*")),
        ("subscriptions", ShowSubscriptions(1)),
        ("subscriptions 3", ShowSubscriptions(3)),
        ("subscriptions page 3", ShowSubscriptions(3)),
        ("settings", ChangeSettings()),
        ("settings zone Asia/Taipei", ChangeSettings((("zone", "Asia/Taipei"),))),
        ("settings hour 09:30", ChangeSettings((("hour", "09:30"),))),
        ("settings zone=Asia/Taipei, hour=9:30", ChangeSettings((("zone", "Asia/Taipei"), ("hour", "9:30")))),
        ("", ShowHelp()),
        ("help", ShowHelp()),
        ("?", ShowHelp()),
    ],
)
def test_command_is_parsed_in_any_case_and_spacing(text: str, command: Command) -> None:
    assert parser.parse(text) == command


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("make me a sandwich", "dlvm doesn’t understand"),
        ("status", "Name a version"),
        ("successor", "Name a version"),
        ("history", "Name a version"),
        ("unsubscribe", "Name what to unsubscribe from"),
        ("upcoming soon", "isn’t a number of days"),
        ("upcoming 0d", "isn’t a number of days"),
        ("upcoming 99999d", "isn’t a number of days"),
        ("subscriptions many", "isn’t a page"),
        ("subscriptions ٣", "isn’t a page"),
        ("settings colour blue", "isn’t a setting"),
        ("settings zone", "`zone` needs a value"),
        ("settings hour 9 zone", "`zone` needs a value"),
        ("x" * 1001, "1,001 characters long"),
    ],
)
def test_invalid_text_is_explained(text: str, part: str) -> None:
    command = parser.parse(text)
    assert isinstance(command, ShowHelp)
    assert part in command.reason


def test_control_and_invisible_characters_are_ignored() -> None:
    assert parser.parse("status\x00 pytorch\u202e-2.7\u200b\r\n") == ShowStatus("pytorch-2.7")


@given(st.text(max_size=200))
def test_parser_accepts_any_text(text: str) -> None:
    parser.parse(text)
    parser.parse(f"status {text}")
    parser.parse(f"settings {text}")
