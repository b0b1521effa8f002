"""The tables of verbs, commands and use cases are complete and consistent."""

from bot.bootstrap.use_cases import build_use_cases
from bot.commands import parser
from bot.commands.model import Command, ShowHelp
from storage.database import Database
from storage.facts import Schedule


def test_every_command_has_a_use_case(sqlite_database: Database) -> None:
    use_cases = build_use_cases(sqlite_database, Schedule()).dispatcher.use_cases
    assert set(use_cases) == set(Command.__subclasses__())


def test_no_word_starts_two_commands() -> None:
    words = [word for verb in parser.VERBS for word in verb.words.split()]
    assert len(words) == len(set(words))


def test_every_example_in_the_help_is_understood() -> None:
    for example in [example for verb in parser.VERBS for example in verb.usage]:
        command = parser.parse_sentence(example.partition(" ")[2])
        assert not (isinstance(command, ShowHelp) and command.reason), example
