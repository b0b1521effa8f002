"""The dispatcher: runs the use case for each command."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from bot import answers
from bot.commands.model import Command
from bot.service.access.permissions import Permissions
from bot.service.place import Place

C = TypeVar("C", bound=Command)

UseCase = Callable[[C, Place, datetime], answers.Answer]


class Dispatcher:
    """Runs commands from Slack and from the command line."""

    def __init__(self, permissions: Permissions) -> None:
        self.use_cases: dict[type[Command], UseCase[Any]] = {}
        self._permissions = permissions

    def register(self, command: type[C], use_case: UseCase[C]) -> None:
        """Run the use case for every command of a type."""
        self.use_cases[command] = use_case

    def dispatch(self, command: Command, place: Place, now: datetime) -> answers.Answer:
        """Run a command, which needs permission if it changes a channel. Slack is asked outside of any transaction."""
        change = command.format_change()
        denied = self._permissions.check(place, now, change) if change else None
        return denied or self.execute(command, place, now)

    def execute(self, command: Command, place: Place, now: datetime) -> answers.Answer:
        """Run a command without checking permissions. No transaction is open while Slack is asked."""
        return self.use_cases[type(command)](command, place, now)
