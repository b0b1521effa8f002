"""The commands that the text after /dlvm is parsed into."""

from collections.abc import Iterable

from msgspec import Struct

from bot.answers import TeamAction
from storage.facts import PermissionRule


class Command(Struct, frozen=True):
    """A parsed command. The dispatcher has a use case for each subclass."""

    def format_change(self) -> str:
        """Return the text that parses to this command if it changes a channel, else an empty string."""
        return ""


class ShowStatus(Command, frozen=True):
    """Show the status of a version."""

    text: str


class ShowSuccessor(Command, frozen=True):
    """Show the recommended successor of a version."""

    text: str


class ShowHistory(Command, frozen=True):
    """Show the history of a version."""

    text: str


class ListVersions(Command, frozen=True):
    """List versions, of one framework if one is given."""

    framework: str = ""
    show_all: bool = False
    """True to include versions that are no longer available."""


class ShowUpcomingDates(Command, frozen=True):
    """List upcoming dates."""

    days: int = 90


class Subscribe(Command, frozen=True):
    """Subscribe the channel to versions or frameworks."""

    text: str

    def format_change(self) -> str:
        """Return the text that parses to this command."""
        return f"subscribe {self.text}"


class OpenSubscribeForm(Command, frozen=True):
    """Open the form to subscribe a channel."""


class Unsubscribe(Command, frozen=True):
    """Unsubscribe the channel from versions or frameworks."""

    text: str

    def format_change(self) -> str:
        """Return the text that parses to this command."""
        return f"unsubscribe {self.text}"


class ShowSubscriptions(Command, frozen=True):
    """List the channel's subscriptions."""

    page: int = 1


class ShowPreview(Command, frozen=True):
    """Show which messages would be sent when, and which would not, with reasons."""

    days: int = 180


class ChangeSettings(Command, frozen=True):
    """Change the given settings of the channel, or show all settings if none is given."""

    values: tuple[tuple[str, str], ...] = ()

    def format_change(self) -> str:
        """Return the text that parses to this command, or an empty string if it only shows the settings."""
        return " ".join(("settings", *(f"{name} {value}" for name, value in self.values))) if self.values else ""


class ShowInventory(Command, frozen=True):
    """List the subscriptions of every channel that the person can see."""

    page: int = 1


class ShowPermissions(Command, frozen=True):
    """Show who can change subscriptions."""


class ChangePermissions(Command, frozen=True):
    """Change who can change subscriptions."""

    rule: PermissionRule
    managers: tuple[str, ...] | None = None
    """IDs of people and user groups. None keeps the current ones."""


class ShowAudit(Command, frozen=True):
    """Show the channel's audit log."""

    page: int = 1


class ListTeams(Command, frozen=True):
    """List the teams."""


class ShowTeam(Command, frozen=True):
    """Show a team's subscriptions and progress."""

    name: str


class ChangeTeam(Command, frozen=True):
    """Create, change or delete a team."""

    action: TeamAction
    name: str
    arguments: tuple[str, ...] = ()
    """Channel IDs, the ID of an owner, or targets. Without a channel, the current one is meant."""

    def format_change(self) -> str:
        """Return the text that parses to this command."""
        arguments: Iterable[str] = self.arguments
        if self.action in {TeamAction.ADD, TeamAction.REMOVE, TeamAction.OWNER}:
            arguments = map(_format_mention, self.arguments)
        if self.action is TeamAction.OWNER and not self.arguments:
            arguments = ("nobody",)
        return " ".join(("team", self.action.value, self.name, *arguments))


class Export(Command, frozen=True):
    """Export the channel as a document."""


class OpenImportForm(Command, frozen=True):
    """Open the form to import a document into the channel."""


class InvalidCommand(Command, frozen=True):
    """A command with an invalid part. The message says what to type instead."""

    message: str


class ShowHelp(Command, frozen=True):
    """Show how to use the command. The reason says why, if the text was not understood."""

    reason: str = ""


def _format_mention(entity_id: str) -> str:
    if entity_id[0] in "CG":
        return f"<#{entity_id}>"
    return f"<!subteam^{entity_id}>" if entity_id[0] == "S" else f"<@{entity_id}>"
