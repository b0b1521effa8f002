"""What dlvm answers: frozen view models that Slack, the terminal and JSON draw, each in its own way."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from bot.policy.lifecycle import LifecycleState
from storage.facts import Milestone, PrintedDate, Schedule


class Reach(StrEnum):
    """Whether the bot can post in a channel, as Slack said when it was asked."""

    OK = "ok"
    NEEDS_INVITE = "needs_invite"
    ARCHIVED = "archived"
    UNREACHABLE = "unreachable"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the dates are from."""

    url: str
    as_of: date


@dataclass(frozen=True, slots=True)
class FamilyStatus:
    """One row of the table behind a status."""

    family: str
    label: str
    patch_version: str
    python: str
    os: str
    cuda: str
    driver: str
    accelerator: str
    state: LifecycleState
    last_day: bool
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version to go to, with the runway left there."""

    version: str
    title: str
    end_of_patch_and_support: date | None
    days_left: int
    families: tuple[str, ...]
    differences: tuple[tuple[str, str, str], ...] = ()
    """(what, before, after), for what changes on the way there."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Where to go next; without a successor, what the docs page advises instead."""

    successor: Candidate | None
    newest: bool
    """The version asked about is itself the newest supported one of its framework."""
    base: Candidate | None = None
    other_frameworks: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Watcher:
    """A channel that watches something, and through which target."""

    channel_id: str
    target: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a framework version stands on a day."""

    version: str
    title: str
    day: date
    zone: str
    state: LifecycleState | None
    """None where rows of the version are in different states; `families` has each."""
    furthest_state: LifecycleState
    last_day: bool
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    days_left: int | None
    """To the next of the two dates; 0 on the day itself, None after the last or where rows differ."""
    rows_differ: bool
    families: tuple[FamilyStatus, ...]
    advice: Advice
    watchers: tuple[Watcher, ...]
    watched_here: bool
    source: Source
    remark: str = ""
    """What else the asked-for words meant, such as the row a dated image belongs to."""


@dataclass(frozen=True, slots=True)
class Successor:
    """Only where to go next from a version."""

    version: str
    title: str
    day: date
    state: LifecycleState
    advice: Advice
    source: Source


@dataclass(frozen=True, slots=True)
class WhichFramework:
    """A bare number that frameworks share."""

    number: str
    versions: tuple[str, ...]
    verb: str


@dataclass(frozen=True, slots=True)
class NotInCatalogue:
    """A version the catalogue does not list, which is not to say that it does not exist."""

    asked: str
    neighbours: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class DidYouMean:
    """Words that are close to names in the catalogue."""

    asked: str
    suggestions: tuple[str, ...]
    verb: str


@dataclass(frozen=True, slots=True)
class MovingFamily:
    """A `latest` family, which has no dates of its own."""

    asked: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherProduct:
    """An image of a product whose dates are not in this table."""

    asked: str
    product: str
    related: str = ""
    """A version of ours that comes close, by name; empty for none."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in a list."""

    version: str
    state: LifecycleState
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    next_date: date | None
    rows_differ: bool
    last_day: bool
    watched_here: bool


@dataclass(frozen=True, slots=True)
class VersionList:
    """Versions by state, soonest date first."""

    framework: str
    day: date
    zone: str
    lines: tuple[VersionLine, ...]
    unavailable: int
    """How many more there are that can no longer be used and are not among the lines."""
    source: Source


@dataclass(frozen=True, slots=True)
class UpcomingDate:
    """A milestone ahead."""

    version: str
    milestone: Milestone
    day: date
    also: Milestone | None
    """The other milestone where both fall on this day."""
    families: tuple[str, ...]
    watched_here: bool


@dataclass(frozen=True, slots=True)
class NextReminder:
    """The next reminder a channel will get for a milestone."""

    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What is due next, in the catalogue and for the channel."""

    day: date
    zone: str
    within: int
    dates: tuple[UpcomingDate, ...]
    beyond: UpcomingDate | None
    """The first one after the window, where the window is empty."""
    reminders: tuple[NextReminder, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Watched:
    """A target a channel watches now, with what it will hear of."""

    target: str
    new: bool
    versions: tuple[str, ...]
    next: NextReminder | None
    past: tuple[tuple[str, Milestone, date], ...]
    """(version, milestone, date) of what is already behind."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a channel watches after subscribing."""

    day: date
    zone: str
    watched: tuple[Watched, ...]
    overlaps: tuple[str, ...]
    """Targets whose versions another target of the channel covers already."""
    reach: Reach
    hour: time


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """What a channel no longer watches."""

    removed: tuple[str, ...]
    not_watched: tuple[str, ...]
    through: tuple[tuple[str, str], ...]
    """(version, wider target) for versions the channel still watches."""
    remaining: int


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """A subscription in the list of a channel."""

    target: str
    created_by: str
    created_on: date
    versions: tuple[str, ...]
    next: NextReminder | None
    last_delivered: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriptionList:
    """A page of what a channel watches."""

    day: date
    zone: str
    lines: tuple[SubscriptionLine, ...]
    page: int
    """Counts from 1."""
    pages: int
    total: int
    reach: Reach


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A channel's zone and hour, with what they mean."""

    schedule: Schedule
    zone_set: bool
    changed: bool
    now: datetime
    next: tuple[NextReminder, ...]
    problems: tuple[str, ...] = ()
    """What could not be understood; then nothing was changed."""


@dataclass(frozen=True, slots=True)
class Help:
    """How to use the command; with a reason where something was not understood."""

    reason: str = ""


Answer = (
    Status
    | Successor
    | WhichFramework
    | NotInCatalogue
    | DidYouMean
    | MovingFamily
    | OtherProduct
    | VersionList
    | Upcoming
    | Subscribed
    | Unsubscribed
    | SubscriptionList
    | ChannelSettings
    | Help
)


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One milestone of one version in a message of reminders, judged on the day of sending."""

    version: str
    title: str
    milestone: Milestone
    also: Milestone | None
    """The other milestone where both dates are the same day."""
    milestone_date: date
    rung: int
    days_left: int
    """Negative once the date has passed."""
    last_working_day: date | None
    """The last working day up to the date, where the date itself is a day off."""
    next_availability: date | None
    """The end-of-availability date still ahead, for end-of-patch reminders."""
    families: tuple[str, ...]
    advice: Advice
    due_on: date
    late: bool
    """Sent on a later day than it was meant for."""


@dataclass(frozen=True, slots=True)
class ReminderMessage:
    """All that a channel is told on a day, most urgent first."""

    workspace_id: str
    channel_id: str
    delivery_id: str
    day: date
    zone: str
    lines: tuple[ReminderLine, ...]
    source: Source
