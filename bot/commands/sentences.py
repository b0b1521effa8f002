"""Parser for questions in sentences: a command, or a question about the versions and images that are named."""

from msgspec import Struct

from bot.commands import model, parser
from bot.policy.names import mentions
from bot.policy.names.parsed_names import RelatedVersion, UnknownName
from bot.policy.names.parser import parse_name


class CheckText(Struct, frozen=True):
    """Check every image named in a text."""

    text: str


def parse(text: str) -> model.Command | CheckText:
    """Return the command for a sentence: as typed, or for the only name in it, or a check of several. Never raises."""
    command = parser.parse(text)
    if not _is_sentence(command):
        return command
    named = mentions.find(text)
    if len(named) > 1:
        return CheckText(text)
    if not named:
        return command
    mention = named[0]
    name = mention.parsed.text if isinstance(mention.parsed, RelatedVersion) else mention.name
    return model.ShowSuccessor(name) if isinstance(command, model.ShowSuccessor) else model.ShowStatus(name)


def _is_sentence(command: model.Command) -> bool:
    """Return True if the words after the verb are not a name, as in `when does pytorch 2.7 end?`."""
    match command:
        case model.ShowStatus(text=text) | model.ShowSuccessor(text=text) | model.ListVersions(framework=text):
            return bool(text) and isinstance(parse_name(text), UnknownName)
        case model.ShowHelp(reason=reason):
            return bool(reason)
        case _:
            return False
