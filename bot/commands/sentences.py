"""What somebody asks in a sentence: a command where it is one, else about the names that the sentence holds."""

from msgspec import Struct

from bot.commands import model
from bot.commands import parser as commands
from bot.policy.names import mentions, parser


class CheckText(Struct, frozen=True):
    """How every image in a text stands."""

    text: str


def read(text: str) -> model.Command | CheckText:
    """What the sentence asks; never raises, whatever the text."""
    command = commands.read(text)
    if not _is_loose(command):
        return command
    found = mentions.find(text)
    if len(found) > 1:
        return CheckText(text)
    if not found:
        return command
    reading = found[0].reading
    name = reading.text if isinstance(reading, parser.Sister) else found[0].name
    return model.SuccessorOf(name) if isinstance(command, model.SuccessorOf) else model.StatusOf(name)


def _is_loose(command: model.Command) -> bool:
    """Whether the words after the verb are no name, so that they may be a sentence: `when does pytorch 2.7 end?`."""
    match command:
        case model.StatusOf(text=text) | model.SuccessorOf(text=text) | model.ListVersions(framework=text):
            return bool(text) and isinstance(parser.read(text), parser.Unreadable)
        case model.ShowHelp(reason=reason):
            return bool(reason)
        case _:
            return False
