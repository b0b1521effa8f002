"""What a person can ask, as the text after /dlvm is read."""

from msgspec import Struct

from bot.answers import TeamAction
from storage.facts import PermissionRule

DEFAULT_UPCOMING_DAYS = 90
"""Days that `upcoming` looks ahead."""

DEFAULT_PREVIEW_DAYS = 180
"""Days that `preview` looks ahead."""


class ShowStatus(Struct, frozen=True):
    """How a version stands."""

    text: str


class ShowSuccessor(Struct, frozen=True):
    """Where to go from a version."""

    text: str


class ShowHistory(Struct, frozen=True):
    """What happened to a version, and when."""

    text: str


class ListVersions(Struct, frozen=True):
    """Which versions there are."""

    framework: str = ""
    show_all: bool = False


class ShowUpcoming(Struct, frozen=True):
    """Which dates come next."""

    days: int = DEFAULT_UPCOMING_DAYS


class Subscribe(Struct, frozen=True):
    """Watch these."""

    text: str


class Unsubscribe(Struct, frozen=True):
    """Watch these no longer."""

    text: str


class ShowSubscriptions(Struct, frozen=True):
    """What this channel watches."""

    page: int = 1


class ShowPreview(Struct, frozen=True):
    """Which message would come when, and why others would not."""

    days: int = DEFAULT_PREVIEW_DAYS


class ChangeSettings(Struct, frozen=True):
    """This channel's settings; those not named stay as they are."""

    values: tuple[tuple[str, str], ...] = ()


class ShowInventory(Struct, frozen=True):
    """What the channels watch that the asker may see."""

    page: int = 1


class ShowPermissions(Struct, frozen=True):
    """Who may change what channels watch."""


class ChangePermissions(Struct, frozen=True):
    """Say who may."""

    rule: PermissionRule
    managers: tuple[str, ...] | None = None
    """Ids of people and user groups; None keeps those that are named."""


class ShowAudit(Struct, frozen=True):
    """Who changed what here."""

    page: int = 1


class ListTeams(Struct, frozen=True):
    """Which teams there are."""


class ShowTeam(Struct, frozen=True):
    """What a team's channels watch, and how far they are."""

    name: str


class ChangeTeam(Struct, frozen=True):
    """Do something to a team."""

    action: TeamAction
    name: str
    arguments: tuple[str, ...] = ()
    """Channels, an owner, or targets; no channel means the present one."""


class Export(Struct, frozen=True):
    """This channel as a document."""


class OpenImport(Struct, frozen=True):
    """A document for this channel is to be pasted."""


class InvalidCommand(Struct, frozen=True):
    """The text was understood, but does not fit; the sentence says what would."""

    message: str


class ShowHelp(Struct, frozen=True):
    """How to use the command, and why it is shown where the text was not understood."""

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
    """A command that changes a channel, as the text that is read as it again; empty for every other one."""
    match command:
        case Subscribe(text=text):
            return f"subscribe {text}"
        case Unsubscribe(text=text):
            return f"unsubscribe {text}"
        case ChangeSettings(values=wishes) if wishes:
            return "settings " + " ".join(f"{name} {value}" for name, value in wishes)
        case ChangeTeam(action=act, name=name, arguments=wanted):
            return " ".join(("team", act.value, name, *_format_arguments(act, wanted)))
        case _:
            return ""


def _format_arguments(action: TeamAction, arguments: tuple[str, ...]) -> tuple[str, ...]:
    if action is TeamAction.OWNER:
        return tuple(map(_format_mention, arguments)) or ("nobody",)
    return tuple(map(_format_mention, arguments)) if action in {TeamAction.ADD, TeamAction.REMOVE} else arguments


def _format_mention(word: str) -> str:
    """An id as Slack writes it in a command."""
    return f"<#{word}>" if word[0] in "CG" else f"<!subteam^{word}>" if word[0] == "S" else f"<@{word}>"
