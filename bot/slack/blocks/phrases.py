"""The sentences about dates and states that several surfaces share, in the policy page's words."""

from collections.abc import Container
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Protocol

from bot import answers
from bot.catalogue.local_file import SOURCE_PREFIX
from bot.policy import durations, lifecycle, reminders, time_zones
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import FRAMEWORK_SUPPORT_POLICY
from bot.policy.versions import get_family_prefix
from bot.slack.blocks import kit
from storage.facts import Milestone, PrintedDate

RESPONSIBILITY_URL = "https://cloud.google.com/architecture/framework/security/shared-responsibility-shared-fate"

STATE_NAMES = {
    LifecycleState.SUPPORTED: "supported",
    LifecycleState.DEPRECATED: "deprecated",
    LifecycleState.UNAVAILABLE: "no longer available",
    LifecycleState.UNKNOWN: "not known",
}

MILESTONE_NAMES = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "last day of patches and support",
    Milestone.END_OF_AVAILABILITY: "last day these images can be used",
}


def format_milestone(milestone: Milestone, second: Milestone | None = None) -> str:
    """What the date is the last day of; one phrase where both dates are one day."""
    return (
        "last day of patches and support, and the last day these images can be used"
        if second
        else MILESTONE_NAMES[milestone]
    )


def format_date(today: date, day: date) -> str:
    """`13 Apr 2027 (in 4 months and 21 days)`."""
    return durations.format_date_and_distance(today, day)


def format_days_left(today: date, day: date) -> str:
    """The same in plain days: `141 days left`, `224 days ago`, `today`."""
    left = lifecycle.count_days_left(today, day)
    if left == 0:
        return "today is the day"
    return f"{format_days(abs(left))} {'left' if left > 0 else 'ago'}"


def format_days(count: int) -> str:
    """`1 day`, `2 days`."""
    return "1 day" if count == 1 else f"{count:,} days"


def format_cell(today: date, cell: PrintedDate) -> str:
    """A date cell in words; what can't be read is shown as printed."""
    if cell.day is not None:
        return format_date(today, cell.day) + format_marks(
            is_overridden=cell.override is not None, is_unverified=bool(cell.unverified)
        )
    if cell.problem:
        return f"printed as {kit.code(cell.printed)}, which can’t be read: unverified"
    return "to be determined"


def format_marks(*, is_overridden: bool, is_unverified: bool = False) -> str:
    """What stands behind a date that is somebody's word, or that the page prints otherwise by now."""
    return f"{', set by hand' if is_overridden else ''}{', not verified' if is_unverified else ''}"


def format_passed_date(
    about: tuple[str, Milestone, date],
    today: date,
    overridden: Container[tuple[str, Milestone, date]],
    unverified: Container[tuple[str, Milestone, date]],
) -> str:
    """That a date of a version was, with its marks."""
    _, milestone, day = about
    marked = format_marks(is_overridden=about in overridden, is_unverified=about in unverified)
    return f"the {MILESTONE_NAMES[milestone]} was {format_date(today, day)}{marked}"


class MarkedDate(Protocol):
    """Something with a date."""

    @property
    def is_overridden(self) -> bool:
        """Whether somebody set it by hand."""

    @property
    def is_unverified(self) -> bool:
        """Whether the page prints another one by now."""


def format_marks_of(one: MarkedDate) -> str:
    """The same of whatever has a date."""
    return format_marks(is_overridden=one.is_overridden, is_unverified=one.is_unverified)


def format_override(one: answers.OverrideLine, *, with_milestone: bool = False) -> str:
    """Whose word a date is, why, what the page says in its stead, and how long it holds; named says which date."""
    what = f"The {MILESTONE_NAMES[one.milestone]} is set by hand" if with_milestone else "Set by hand"
    page = f"says {durations.format_date(one.page_date)}" if one.page_date else _prints(one.page_text)
    until = f" The date by hand holds through {durations.format_date(one.until)}." if one.until else ""
    reason = kit.escape(one.reason if one.reason.endswith((".", "!", "?", "…")) else f"{one.reason}.")
    where = "" if one.is_whole_version else f" for {', '.join(map(kit.code, one.families))}"
    on = durations.format_date(one.set_on)
    return f"*{what}*{where} by {kit.escape(one.set_by)} on {on}: {reason} The page {page}.{until}"


def _prints(text: str) -> str:
    return f"prints {kit.code(text)}" if text else "prints no date"


def format_moment(at: datetime, zone: str) -> str:
    """An instant in the channel's zone: `Wed 13 Jan 2027, 09:00 (Asia/Taipei)`."""
    local = time_zones.to_local(at, zone)
    return f"{durations.format_long_date(local.date())}, {local:%H:%M} ({zone})"


def format_rung(number: int) -> str:
    """How far before a date a reminder is."""
    match number:
        case reminders.PASSED:
            return "the day after"
        case reminders.LAST_DAY:
            return "on the day itself"
        case 1:
            return "1 day before"
        case _:
            return f"{number} days before"


def format_next_reminder(reminder: answers.NextReminder, zone: str, today: date, *, with_version: bool = True) -> str:
    """When the next reminder comes, and for what; with the version's name where it is not said already."""
    of = f"{format_version(reminder.version)}, " if with_version else ""
    return (
        f"*{format_moment(reminder.at, zone)}*: {of}{format_rung(reminder.rung)} the {MILESTONE_NAMES[reminder.milestone]},"
        f" {format_date(today, reminder.milestone_date)}{format_marks_of(reminder)}"
    )


def format_version(name: str) -> str:
    """A canonical name, to copy."""
    return kit.code(name)


def build_images_command(name: str) -> str:
    """What lists every image of a version, hidden ones too.

    By the beginning of the families' names, because the table prints patterns that are not always the real names.
    """
    return (
        "gcloud compute images list --project deeplearning-platform-release --no-standard-images --show-deprecated"
        f' --filter="family~^{get_family_prefix(name)}"'
    )


@lru_cache(maxsize=64)
def format_source(found: answers.Source) -> str:
    """Where the dates are from, and as of when; kept, for nearly every message says it."""
    if found.url.startswith(SOURCE_PREFIX):
        table = f"a file of yours, {kit.code(found.url.removeprefix(SOURCE_PREFIX))}"
    else:
        table = kit.link(found.url, found.title or "Google’s table of supported framework versions")
    age = ""
    if found.unverified_since is not None:
        since = durations.format_date(found.unverified_since)
        age = f" *Not verified since {since}*: the page could not be read, so look there before you rely on a date."
    about = "about " if found.is_approximate else ""
    return f"Dates from {table}, as of {about}{durations.format_date(found.as_of)}.{age}"


@cache
def format_responsibility() -> str:
    """Whose part upgrading is."""
    return (
        f"Upgrading is yours, by the {kit.link(RESPONSIBILITY_URL, 'shared responsibility')} model, and support may ask"
        f" for it before it troubleshoots: {kit.link(FRAMEWORK_SUPPORT_POLICY, 'framework support policy')}."
    )


def format_differences(candidate: answers.Candidate) -> str:
    """What changes on the way to a candidate; empty where nothing does."""
    changes = "; ".join(
        f"{what} {kit.escape(before)} → {kit.escape(after)}" for what, before, after in candidate.differences
    )
    return f"Changes on the way: {changes}." if changes else ""


def format_candidate(candidate: answers.Candidate, today: date) -> str:
    """How long a candidate has patches."""
    if candidate.end_of_patch_and_support is None:
        return f"{kit.escape(candidate.title)} ({format_version(candidate.version)})"
    return (
        f"{kit.escape(candidate.title)} ({format_version(candidate.version)}), whose last day of patches and support is"
        f" {format_date(today, candidate.end_of_patch_and_support)}{format_marks_of(candidate)}"
    )


def format_advice(advice: answers.Advice, today: date, framework: str, *, is_brief: bool = False) -> list[str]:
    """The recommended successor, or honestly none and what the docs page advises instead."""
    if advice.successor is not None:
        found = advice.successor
        lines = [f"*Where to go:* {format_candidate(found, today)}."]
        if not is_brief:
            lines.append("Image families: " + ", ".join(map(kit.code, found.families)) + ".")
            lines.append(format_differences(found))
        return [line for line in lines if line]
    if advice.is_newest:
        return [f"*Where to go:* this is the newest supported {framework} here; nothing to do yet."]
    lines = [f"*Where to go:* no newer {framework} image is supported on Deep Learning VM."]
    others = [format_candidate(other, today) for other in advice.other_frameworks]
    if advice.base is not None:
        others.append(f"the Base image to install {framework} on, {format_candidate(advice.base, today)}")
    if others:
        lines.append("The docs page advises a supported framework of another family: " + "; or ".join(others) + ".")
    if advice.on_other_products:
        there = "; or ".join(format_candidate(other, today) for other in advice.on_other_products)
        lines.append(f"Elsewhere {framework} is still supported: {there}.")
    return lines
