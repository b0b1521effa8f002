"""All that a channel is told on a day, and what a person is told about a channel."""

from datetime import date, time

from msgspec import Struct

from bot.answers.catalogue_events import EventLine
from bot.answers.decisions import DecisionLine
from bot.answers.operator import OperatorMessage
from bot.answers.overrides import OverrideLine
from bot.answers.permissions import AccessDecisionMessage, AccessRequestMessage
from bot.answers.status import Advice, Source
from bot.answers.version_lists import NextReminder
from bot.policy.changes import Direction
from storage.facts import Health, Milestone


class ReminderLine(Struct, frozen=True):
    """One milestone of one version in a message of reminders, judged on the day of sending."""

    version: str
    title: str
    milestone: Milestone
    second_milestone: Milestone | None
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
    is_late: bool
    """Sent on a later day than it was meant for."""
    is_snooze_over: bool = False
    """It comes back because somebody put it off until now."""
    is_corrected: bool = False
    """The date does not hold any more: the message is drawn anew."""
    moved_to: date | None = None
    """The date that holds instead, where there is one."""
    decisions: tuple[DecisionLine, ...] = ()
    """What the channel's people decided about it, as far as it is in force."""
    overrides: tuple[OverrideLine, ...] = ()
    """Who set the date by hand, where somebody did; of a corrected line, the date that holds instead."""
    unverified_reasons: tuple[str, ...] = ()
    """What the page prints by now instead of the date, and why that is held back."""


class DateChangeLine(Struct, frozen=True):
    """A date that moved, as the channel is told of it."""

    version: str
    title: str
    milestone: Milestone
    before: date
    after: date | None
    direction: Direction
    days_left: int | None
    families: tuple[str, ...]
    found_on: date
    kept_decisions: tuple[str, ...] = ()
    """Decisions of the channel that go on for the new date."""
    owner: str = ""
    """The id of the person or user group that owns the migration; empty for nobody."""
    override_note: str = ""
    """Who moved it by hand, and why; empty where the page moved it."""


class WeeklySummary(Struct, frozen=True):
    """What a week begins with: proof of life, and what comes."""

    next_reminder: NextReminder | None
    days_to_next: int | None
    subscribed_versions: int
    table_rows: int
    quarantined: int
    unmigrated: tuple[tuple[str, Milestone, date], ...]
    """Dates that have passed lately, of versions nobody said were migrated."""
    overridden: tuple[tuple[str, Milestone, date], ...] = ()
    """Those of them that somebody set by hand."""
    unverified: tuple[tuple[str, Milestone, date], ...] = ()
    """Those of them that the page prints otherwise by now, which is held back."""


class ReminderMessage(Struct, frozen=True):
    """All that a channel is told on a day, most urgent first."""

    workspace_id: str
    channel_id: str
    delivery_id: str
    day: date
    zone: str
    lines: tuple[ReminderLine, ...]
    source: Source
    date_changes: tuple[DateChangeLine, ...] = ()
    events: tuple[EventLine, ...] = ()
    """What else happened; those of one version stand together."""
    weekly: WeeklySummary | None = None
    mention: str = ""
    """The id of a person or user group; empty for nobody."""


class HealthMessage(Struct, frozen=True):
    """A person is told that a channel they subscribed can't be reached."""

    workspace_id: str
    channel_id: str
    """The person's id: posting there opens the direct message."""
    delivery_id: str
    subject_channel_id: str
    """The channel's id."""
    health: Health
    day: date


class Introduction(Struct, frozen=True):
    """The bot says what it does in a channel it was let into."""

    workspace_id: str
    channel_id: str
    delivery_id: str
    invited_by: str
    """The id of a person; empty where Slack did not say."""
    hour: time
    zone: str


Message = (
    ReminderMessage | HealthMessage | Introduction | AccessRequestMessage | AccessDecisionMessage | OperatorMessage
)
