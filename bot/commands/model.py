"""The commands that the text after /dlvm is parsed into."""

from msgspec import Struct

from bot.answers import TeamAction
from storage.facts import PermissionRule

DEFAULT_UPCOMING_DAYS = 90
"""Days that `upcoming` looks ahead by default."""

DEFAULT_PREVIEW_DAYS = 180
"""Days that `preview` looks ahead by default."""


class ShowStatus(Struct, frozen=True):
    """Show the status of a version."""

    text: str


class ShowSuccessor(Struct, frozen=True):
    """Show the recommended successor of a version."""

    text: str


class ShowHistory(Struct, frozen=True):
    """Show the history of a version."""

    text: str


class ListVersions(Struct, frozen=True):
    """List versions, of one framework if one is given."""

    framework: str = ""
    show_all: bool = False
    """True to include versions that are no longer available."""


class ShowUpcoming(Struct, frozen=True):
    """List upcoming dates."""

    days: int = DEFAULT_UPCOMING_DAYS


class Subscribe(Struct, frozen=True):
    """Subscribe the channel to versions or frameworks."""

    text: str


class Unsubscribe(Struct, frozen=True):
    """Unsubscribe the channel from versions or frameworks."""

    text: str


class ShowSubscriptions(Struct, frozen=True):
    """List the channel's subscriptions."""

    page: int = 1


class ShowPreview(Struct, frozen=True):
    """Show which messages would be sent when, and which would not, with reasons."""

    days: int = DEFAULT_PREVIEW_DAYS


class ChangeSettings(Struct, frozen=True):
    """Change the given settings of the channel, or show all settings if none is given."""

    values: tuple[tuple[str, str], ...] = ()


class ShowInventory(Struct, frozen=True):
    """List the subscriptions of every channel that the person can see."""

    page: int = 1


class ShowPermissions(Struct, frozen=True):
    """Show who can change subscriptions."""


class ChangePermissions(Struct, frozen=True):
    """Change who can change subscriptions."""

    rule: PermissionRule
    managers: tuple[str, ...] | None = None
    """IDs of people and user groups. None keeps the current ones."""


class ShowAudit(Struct, frozen=True):
    """Show the channel's audit log."""

    page: int = 1


class ListTeams(Struct, frozen=True):
    """List the teams."""


class ShowTeam(Struct, frozen=True):
    """Show a team's subscriptions and progress."""

    name: str


class ChangeTeam(Struct, frozen=True):
    """Create, change or delete a team."""

    action: TeamAction
    name: str
    arguments: tuple[str, ...] = ()
    """Channel IDs, the ID of an owner, or targets. Without a channel, the current one is meant."""


class Export(Struct, frozen=True):
    """Export the channel as a document."""


class OpenImport(Struct, frozen=True):
    """Open the form to import a document into the channel."""


class InvalidCommand(Struct, frozen=True):
    """A command with an invalid part. The message says what to type instead."""

    message: str


class ShowHelp(Struct, frozen=True):
    """Show how to use the command. The reason says why, if the text was not understood."""

    reason: str = ""


Command = (
    ShowStatus
    | ShowSuccessor
    | ShowHistory
    | ListVersions
    | ShowUpcoming
    | Subscribe
    | Unsubscribe
    | ShowSubscriptions
    | ShowPreview
    | ChangeSettings
    | ShowInventory
    | ShowPermissions
    | ChangePermissions
    | ShowAudit
    | ListTeams
    | ShowTeam
    | ChangeTeam
    | Export
    | OpenImport
    | InvalidCommand
    | ShowHelp
)


def format_command(command: Command) -> str:
    """Return the text that parses to the command if the command changes a channel, else an empty string."""
    match command:
        case Subscribe(text=text):
            return f"subscribe {text}"
        case Unsubscribe(text=text):
            return f"unsubscribe {text}"
        case ChangeSettings(values=values) if values:
            return "settings " + " ".join(f"{name} {value}" for name, value in values)
        case ChangeTeam(action=action, name=name, arguments=arguments):
            return " ".join(("team", action.value, name, *_format_arguments(action, arguments)))
        case _:
            return ""


def _format_arguments(action: TeamAction, arguments: tuple[str, ...]) -> tuple[str, ...]:
    if action is TeamAction.OWNER:
        return tuple(map(_format_mention, arguments)) or ("nobody",)
    return tuple(map(_format_mention, arguments)) if action in {TeamAction.ADD, TeamAction.REMOVE} else arguments


def _format_mention(entity_id: str) -> str:
    """Return the mention of a channel, user group or person as Slack writes it in a command."""
    if entity_id[0] in "CG":
        return f"<#{entity_id}>"
    return f"<!subteam^{entity_id}>" if entity_id[0] == "S" else f"<@{entity_id}>"
