"""What a person can ask, as the text after /dlvm is read."""

from msgspec import Struct

from bot.answers import TeamAct
from storage.facts import Managing

DEFAULT_WINDOW = 90
"""Days that `upcoming` looks ahead."""

DEFAULT_PREVIEW = 180
"""Days that `preview` looks ahead."""


class StatusOf(Struct, frozen=True):
    """How a version stands."""

    text: str


class SuccessorOf(Struct, frozen=True):
    """Where to go from a version."""

    text: str


class HistoryOf(Struct, frozen=True):
    """What happened to a version, and when."""

    text: str


class ListVersions(Struct, frozen=True):
    """Which versions there are."""

    framework: str = ""
    everything: bool = False


class ShowUpcoming(Struct, frozen=True):
    """Which dates come next."""

    days: int = DEFAULT_WINDOW


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

    days: int = DEFAULT_PREVIEW


class ChangeSettings(Struct, frozen=True):
    """This channel's settings; those not named stay as they are."""

    wishes: tuple[tuple[str, str], ...] = ()


class ShowInventory(Struct, frozen=True):
    """What the channels watch that the asker may see."""

    page: int = 1


class ShowPermissions(Struct, frozen=True):
    """Who may change what channels watch."""


class ChangePermissions(Struct, frozen=True):
    """Say who may."""

    managing: Managing
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

    act: TeamAct
    name: str
    wanted: tuple[str, ...] = ()
    """Channels, an owner, or targets; no channel means the present one."""


class Export(Struct, frozen=True):
    """This channel as a document."""


class OpenImport(Struct, frozen=True):
    """A document for this channel is to be pasted."""


class Mistake(Struct, frozen=True):
    """The text was understood, but does not fit; the sentence says what would."""

    sentence: str


class ShowHelp(Struct, frozen=True):
    """How to use the command, and why it is shown where the text was not understood."""

    reason: str = ""


Command = (
    StatusOf
    | SuccessorOf
    | HistoryOf
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
    | Mistake
    | ShowHelp
)


def written(command: Command) -> str:
    """A command that changes a channel, as the text that is read as it again; empty for every other one."""
    match command:
        case Subscribe(text=text):
            return f"subscribe {text}"
        case Unsubscribe(text=text):
            return f"unsubscribe {text}"
        case ChangeSettings(wishes=wishes) if wishes:
            return "settings " + " ".join(f"{name} {value}" for name, value in wishes)
        case ChangeTeam(act=act, name=name, wanted=wanted):
            return " ".join(("team", act.value, name, *_named(act, wanted)))
        case _:
            return ""


def _named(act: TeamAct, wanted: tuple[str, ...]) -> tuple[str, ...]:
    if act is TeamAct.OWNER:
        return tuple(map(_mentioned, wanted)) or ("nobody",)
    return tuple(map(_mentioned, wanted)) if act in {TeamAct.ADD, TeamAct.REMOVE} else wanted


def _mentioned(word: str) -> str:
    """An id as Slack writes it in a command."""
    return f"<#{word}>" if word[0] in "CG" else f"<!subteam^{word}>" if word[0] == "S" else f"<@{word}>"
