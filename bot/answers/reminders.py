"""Messages that dlvm sends on its own: reminders to channels, and notices to people."""

from datetime import date, time

from msgspec import Struct

from bot.answers.bases import Delivery
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
    """One date of a version in a reminder message, judged on the day of sending."""

    version: str
    title: str
    milestone: Milestone
    second_milestone: Milestone | None
    """The other milestone, if its date is on this day too."""
    milestone_date: date
    rung: int
    days_left: int
    """Negative after the date."""
    last_working_day: date | None
    """The last working day before the date; None if the date is a working day."""
    next_availability: date | None
    """For end-of-patch reminders, the end of availability if it is ahead."""
    families: tuple[str, ...]
    advice: Advice
    due_on: date
    is_late: bool
    is_snooze_over: bool = False
    is_corrected: bool = False
    """True if the date has changed since the message was sent, which is now corrected."""
    moved_to: date | None = None
    """The new date of a corrected reminder; None if there is none."""
    decisions: tuple[DecisionLine, ...] = ()
    """The decisions in force, oldest first."""
    overrides: tuple[OverrideLine, ...] = ()
    """Overrides of the date; for a corrected reminder, of the new date."""
    unverified_reasons: tuple[str, ...] = ()
    """For each other date that the page prints now, that date and why it is in quarantine."""


class DateChangeLine(Struct, frozen=True):
    """A changed date."""

    version: str
    title: str
    milestone: Milestone
    before: date
    after: date | None
    """None if the date was withdrawn."""
    direction: Direction
    families: tuple[str, ...]
    kept_decisions: tuple[str, ...] = ()
    """Decisions of the channel that stay in force for the new date."""
    owner: str = ""
    """The id of the person or user group that owns the migration; empty if there is none."""
    override_note: str = ""
    """Author and reason of an override; empty if the page changed the date."""


class WeeklySummary(Struct, frozen=True):
    """The weekly summary: the next reminder, and the state of the catalogue."""

    next_reminder: NextReminder | None
    days_to_next: int | None
    subscribed_versions: int
    table_rows: int
    quarantined: int
    unmigrated: tuple[tuple[str, Milestone, date], ...]
    """(version, milestone, date) of recently passed dates of versions not marked as migrated."""
    overridden: tuple[tuple[str, Milestone, date], ...] = ()
    unverified: tuple[tuple[str, Milestone, date], ...] = ()
    """The unmigrated dates for which the page now prints another date, which is in quarantine."""


class ReminderMessage(Delivery, frozen=True):
    """The message of a channel on a day, most urgent first."""

    day: date
    zone: str
    lines: tuple[ReminderLine, ...]
    source: Source
    date_changes: tuple[DateChangeLine, ...] = ()
    events: tuple[EventLine, ...] = ()
    """Catalogue events, grouped by version."""
    weekly: WeeklySummary | None = None
    mention: str = ""
    """The id of the person or user group to mention; empty for none."""


class HealthMessage(Delivery, frozen=True):
    """A direct message about a channel that the person subscribed and dlvm can't post in."""

    subject_channel_id: str
    health: Health


class Introduction(Delivery, frozen=True):
    """The introduction in a channel that dlvm was invited to."""

    invited_by: str
    """The id of a person; empty if Slack did not say."""
    hour: time
    zone: str


Message = (
    ReminderMessage | HealthMessage | Introduction | AccessRequestMessage | AccessDecisionMessage | OperatorMessage
)
