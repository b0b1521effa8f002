"""All that a channel is told on a day."""

from dataclasses import dataclass
from datetime import date

from bot.answers.status import Advice, Source
from storage.facts import Milestone


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
