"""What a person can ask, as the text after /dlvm is read."""

from dataclasses import dataclass

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
class ShowHelp:
    """How to use the command, and why it is shown where the text was not understood."""

    reason: str = ""


Command = (
    StatusOf
    | SuccessorOf
    | ListVersions
    | ShowUpcoming
    | Subscribe
    | Unsubscribe
    | ShowSubscriptions
    | ShowPreview
    | ChangeSettings
    | ShowHelp
)
