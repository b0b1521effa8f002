"""What somebody asks in a sentence: a command where it is one, else about the names that the sentence holds."""

from msgspec import Struct

from bot.policy import mentions, names
from bot.slack import asked, commands


class CheckText(Struct, frozen=True):
    """How every image in a text stands."""

    text: str


def read(text: str) -> asked.Command | CheckText:
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
    name = reading.text if isinstance(reading, names.Sister) else found[0].name
    return asked.SuccessorOf(name) if isinstance(command, asked.SuccessorOf) else asked.StatusOf(name)


def _is_loose(command: asked.Command) -> bool:
    """Whether the words after the verb are no name, so that they may be a sentence: `when does pytorch 2.7 end?`."""
    match command:
        case asked.StatusOf(text=text) | asked.SuccessorOf(text=text) | asked.ListVersions(framework=text):
            return bool(text) and isinstance(names.read(text), names.Unreadable)
        case asked.ShowHelp(reason=reason):
            return bool(reason)
        case _:
            return False
