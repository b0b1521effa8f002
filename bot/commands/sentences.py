"""What somebody asks in a sentence: a command where it is one, else about the names that the sentence holds."""

from msgspec import Struct

from bot.commands import model
from bot.commands import parser as commands
from bot.policy.names import mentions, parser


class CheckText(Struct, frozen=True):
    """How every image in a text stands."""

    text: str


def parse(text: str) -> model.Command | CheckText:
    """What the sentence asks; never raises, whatever the text."""
    command = commands.parse(text)
    if not _is_sentence(command):
        return command
    found = mentions.find(text)
    if len(found) > 1:
        return CheckText(text)
    if not found:
        return command
    reading = found[0].parsed
    name = reading.text if isinstance(reading, parser.SisterVersion) else found[0].name
    return model.ShowSuccessor(name) if isinstance(command, model.ShowSuccessor) else model.ShowStatus(name)


def _is_sentence(command: model.Command) -> bool:
    """Whether the words after the verb are no name, so that they may be a sentence: `when does pytorch 2.7 end?`."""
    match command:
        case model.ShowStatus(text=text) | model.ShowSuccessor(text=text) | model.ListVersions(framework=text):
            return bool(text) and isinstance(parser.parse_name(text), parser.UnknownName)
        case model.ShowHelp(reason=reason):
            return bool(reason)
        case _:
            return False
