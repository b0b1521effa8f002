"""Facts as dlvm remembers them, in the words of Google's framework support policy.

Standard library only. Instants are aware UTC datetimes; the two dates of a framework version are plain
dates, each the *last* day of its period.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

DLVM = "dlvm"
"""The product whose names carry no prefix: Deep Learning VM images."""

ALL = "all"
"""The target of a subscription to every framework version."""


class Milestone(StrEnum):
    """One of the two dates of a framework version."""

    END_OF_PATCH_AND_SUPPORT = "end_of_patch_and_support"
    END_OF_AVAILABILITY = "end_of_availability"


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date cell as the page prints it, and the day it names where it can be read without guessing."""

    printed: str
    day: date | None = None
    problem: str = ""
    """Why there is no day although something is printed; empty for a known unknown such as `To be determined`."""


@dataclass(frozen=True, slots=True)
class ImageFamily:
    """A row of the table of supported framework versions; (product, family) is its key."""

    product: str
    family: str
    """The image family name pattern with VERSION_DATE taken out."""
    family_as_printed: str
    framework: str
    """`pytorch`, `tensorflow` or `base`."""
    number: str
    """`2.7`, `cu128`, `cpu`: what tells versions of one framework apart."""
    label: str
    patch_version: str
    accelerator: str
    python: str
    os: str
    cuda: str
    """`12.8`, or empty for CPU-only images."""
    driver: str
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    source_url: str
    as_of: date
    """The day the source says it was last updated."""

    @property
    def version(self) -> str:
        """The canonical name of the framework version this family belongs to."""
        return f"{self.framework}-{self.number}"

    def date_of(self, milestone: Milestone) -> PrintedDate:
        """The cell of one of the two dates."""
        return (
            self.end_of_patch_and_support
            if milestone is Milestone.END_OF_PATCH_AND_SUPPORT
            else self.end_of_availability
        )


@dataclass(frozen=True, slots=True)
class FrameworkVersion:
    """A specific minor version of an ML framework: all image families that carry it, in the page's order."""

    product: str
    framework: str
    number: str
    families: tuple[ImageFamily, ...]

    @property
    def name(self) -> str:
        """The canonical name, `pytorch-2.7`."""
        return f"{self.framework}-{self.number}"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Slack workspace (Slack's team) the bot is installed in."""

    workspace_id: str
    name: str = ""
    bot_id: str = ""
    bot_user_id: str = ""
    zone: str = ""
    """IANA zone for channels that set none; empty means the bot's default."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a channel wants its reminders; channels with equal schedules are planned together."""

    zone: str = "UTC"
    hour: time = time(9, 0)
    """Wall time in the zone."""
    ladder: tuple[int, ...] = (180, 90, 60, 30, 14, 7, 3, 1, 0, -1)
    """Days before a milestone, 0 for the last day, -1 for the day after."""
    days_off: tuple[int, ...] = (5, 6)
    """Weekdays without reminders, Monday is 0."""
    country: str = ""
    """ISO code whose public holidays are days off too; empty for none."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A Slack channel with subscriptions, and its schedule as it stands."""

    workspace_id: str
    channel_id: str
    schedule: Schedule
    zone_set: bool = False
    """False while the zone is only the workspace's default."""
    is_public: bool = False
    """True only where Slack said so: what is not known to be public is named to nobody outside the channel."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel watches a target: a framework version, a framework, or all."""

    workspace_id: str
    channel_id: str
    product: str
    target: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """The identity of a reminder: equal means the same one, and the same one is sent once."""

    workspace_id: str
    channel_id: str
    product: str
    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    """Days before the milestone; 0 the last day, -1 passed."""
    kind: str = "reminder"


class OutboxState(StrEnum):
    """Where a reminder is on its way."""

    PENDING = "pending"
    SENDING = "sending"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    SUPERSEDED = "superseded"
    HELD = "held"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A reminder on its way, or sent."""

    entry_id: int
    reminder: Reminder
    due_on: date
    """Milestone date minus rung, in calendar days, never shifted."""
    due_at: datetime
    state: OutboxState
    attempt: int = 0
    owner: str = ""
    delivery_id: str = ""
    """Random, given at the first claim and kept: the key in the message's metadata."""
    unsure_since: datetime | None = None
    message_ts: str = ""
    sent_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """What planning wants of a schedule: this rung of this milestone, for whoever watches the version."""

    product: str
    framework: str
    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    due_on: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """What one planning did."""

    written: int = 0
    superseded: int = 0


@dataclass(frozen=True, slots=True)
class CatalogueReading:
    """One reading of a source: when, from where, and as of which day."""

    product: str
    source_url: str
    as_of: date
    read_at: datetime
    rows: int
    held_back: tuple[str, ...] = field(default=())
    """One sentence for each cell that was not taken."""
