"""What a person can ask, as the text after /dlvm is read."""

from dataclasses import dataclass

from bot.answers import TeamAct
from storage.facts import Managing

DEFAULT_WINDOW = 90
"""Days that `upcoming` looks ahead."""

DEFAULT_PREVIEW = 180
"""Days that `preview` looks ahead."""


@dataclass(frozen=True, slots=True)
class StatusOf:
    """How a version stands."""

    text: str


@dataclass(frozen=True, slots=True)
class SuccessorOf:
    """Where to go from a version."""

    text: str


@dataclass(frozen=True, slots=True)
class HistoryOf:
    """What happened to a version, and when."""

    text: str


@dataclass(frozen=True, slots=True)
class ListVersions:
    """Which versions there are."""

    framework: str = ""
    everything: bool = False


@dataclass(frozen=True, slots=True)
class ShowUpcoming:
    """Which dates come next."""

    days: int = DEFAULT_WINDOW


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Watch these."""

    text: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Watch these no longer."""

    text: str


@dataclass(frozen=True, slots=True)
class ShowSubscriptions:
    """What this channel watches."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowPreview:
    """Which message would come when, and why others would not."""

    days: int = DEFAULT_PREVIEW


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """This channel's settings; those not named stay as they are."""

    wishes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShowInventory:
    """What the channels watch that the asker may see."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowPermissions:
    """Who may change what channels watch."""


@dataclass(frozen=True, slots=True)
class ChangePermissions:
    """Say who may."""

    managing: Managing
    managers: tuple[str, ...] | None = None
    """Ids of people and user groups; None keeps those that are named."""


@dataclass(frozen=True, slots=True)
class ShowAudit:
    """Who changed what here."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class ListTeams:
    """Which teams there are."""


@dataclass(frozen=True, slots=True)
class ShowTeam:
    """What a team's channels watch, and how far they are."""

    name: str


@dataclass(frozen=True, slots=True)
class ChangeTeam:
    """Do something to a team."""

    act: TeamAct
    name: str
    wanted: tuple[str, ...] = ()
    """Channels, an owner, or targets; no channel means the present one."""


@dataclass(frozen=True, slots=True)
class Export:
    """This channel as a document."""


@dataclass(frozen=True, slots=True)
class OpenImport:
    """A document for this channel is to be pasted."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """The text was understood, but does not fit; the sentence says what would."""

    sentence: str


@dataclass(frozen=True, slots=True)
class ShowHelp:
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
