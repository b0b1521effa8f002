"""The sentences about dates and states that several surfaces share, in the policy page's words."""

from collections.abc import Container
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Protocol

from bot import answers
from bot.catalogue.local_file import BEGINS
from bot.policy import durations, lifecycle, reminders, time_zones
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import FRAMEWORK_SUPPORT_POLICY
from bot.policy.versions import family_beginning
from bot.slack.blocks import kit
from storage.facts import Milestone, PrintedDate

RESPONSIBILITY_URL = "https://cloud.google.com/architecture/framework/security/shared-responsibility-shared-fate"

STATE_WORDS = {
    LifecycleState.SUPPORTED: "supported",
    LifecycleState.DEPRECATED: "deprecated",
    LifecycleState.UNAVAILABLE: "no longer available",
    LifecycleState.UNKNOWN: "not known",
}

LAST_DAY_OF = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "last day of patches and support",
    Milestone.END_OF_AVAILABILITY: "last day these images can be used",
}


def last_day_of(milestone: Milestone, also: Milestone | None = None) -> str:
    """What the date is the last day of; one phrase where both dates are one day."""
    return (
        "last day of patches and support, and the last day these images can be used" if also else LAST_DAY_OF[milestone]
    )


def dated(today: date, day: date) -> str:
    """`13 Apr 2027 (in 4 months and 21 days)`."""
    return durations.dated(today, day)


def counted(today: date, day: date) -> str:
    """The same in plain days: `141 days left`, `224 days ago`, `today`."""
    left = lifecycle.days_left(today, day)
    if left == 0:
        return "today is the day"
    return f"{days(abs(left))} {'left' if left > 0 else 'ago'}"


def days(count: int) -> str:
    """`1 day`, `2 days`."""
    return "1 day" if count == 1 else f"{count:,} days"


def printed(today: date, cell: PrintedDate) -> str:
    """A date cell in words; what can't be read is shown as printed."""
    if cell.day is not None:
        return dated(today, cell.day) + mark(by_hand=cell.by_hand is not None, unverified=bool(cell.unverified))
    if cell.problem:
        return f"printed as {kit.code(cell.printed)}, which can’t be read: unverified"
    return "to be determined"


def mark(*, by_hand: bool, unverified: bool = False) -> str:
    """What stands behind a date that is somebody's word, or that the page prints otherwise by now."""
    return f"{', set by hand' if by_hand else ''}{', not verified' if unverified else ''}"


def passed(
    about: tuple[str, Milestone, date],
    today: date,
    by_hand: Container[tuple[str, Milestone, date]],
    unverified: Container[tuple[str, Milestone, date]],
) -> str:
    """That a date of a version was, with its marks."""
    _, milestone, day = about
    marked = mark(by_hand=about in by_hand, unverified=about in unverified)
    return f"the {LAST_DAY_OF[milestone]} was {dated(today, day)}{marked}"


class Marked(Protocol):
    """Something with a date."""

    @property
    def by_hand(self) -> bool:
        """Whether somebody set it by hand."""

    @property
    def unverified(self) -> bool:
        """Whether the page prints another one by now."""


def mark_of(one: Marked) -> str:
    """The same of whatever has a date."""
    return mark(by_hand=one.by_hand, unverified=one.unverified)


def set_by_hand(one: answers.SetByHand, *, named: bool = False) -> str:
    """Whose word a date is, why, what the page says in its stead, and how long it holds; named says which date."""
    what = f"The {LAST_DAY_OF[one.milestone]} is set by hand" if named else "Set by hand"
    page = f"says {durations.plain_date(one.page_says)}" if one.page_says else _prints(one.page_prints)
    until = f" The date by hand holds through {durations.plain_date(one.until)}." if one.until else ""
    reason = kit.escape(one.reason if one.reason.endswith((".", "!", "?", "…")) else f"{one.reason}.")
    where = "" if one.everywhere else f" for {', '.join(map(kit.code, one.families))}"
    on = durations.plain_date(one.on)
    return f"*{what}*{where} by {kit.escape(one.by)} on {on}: {reason} The page {page}.{until}"


def _prints(text: str) -> str:
    return f"prints {kit.code(text)}" if text else "prints no date"


def moment(at: datetime, zone: str) -> str:
    """An instant in the channel's zone: `Wed 13 Jan 2027, 09:00 (Asia/Taipei)`."""
    local = time_zones.local(at, zone)
    return f"{durations.long_date(local.date())}, {local:%H:%M} ({zone})"


def rung(number: int) -> str:
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


def next_reminder(reminder: answers.NextReminder, zone: str, today: date, *, named: bool = True) -> str:
    """When the next reminder comes, and for what; with the version's name where it is not said already."""
    of = f"{version(reminder.version)}, " if named else ""
    return (
        f"*{moment(reminder.at, zone)}*: {of}{rung(reminder.rung)} the {LAST_DAY_OF[reminder.milestone]},"
        f" {dated(today, reminder.milestone_date)}{mark_of(reminder)}"
    )


def version(name: str) -> str:
    """A canonical name, to copy."""
    return kit.code(name)


def images_command(name: str) -> str:
    """What lists every image of a version, hidden ones too.

    By the beginning of the families' names, because the table prints patterns that are not always the real names.
    """
    return (
        "gcloud compute images list --project deeplearning-platform-release --no-standard-images --show-deprecated"
        f' --filter="family~^{family_beginning(name)}"'
    )


@lru_cache(maxsize=64)
def source(found: answers.Source) -> str:
    """Where the dates are from, and as of when; kept, for nearly every message says it."""
    if found.url.startswith(BEGINS):
        table = f"a file of yours, {kit.code(found.url.removeprefix(BEGINS))}"
    else:
        table = kit.link(found.url, found.title or "Google’s table of supported framework versions")
    age = ""
    if found.unverified_since is not None:
        since = durations.plain_date(found.unverified_since)
        age = f" *Not verified since {since}*: the page could not be read, so look there before you rely on a date."
    about = "about " if found.about else ""
    return f"Dates from {table}, as of {about}{durations.plain_date(found.as_of)}.{age}"


@cache
def duty() -> str:
    """Whose part upgrading is."""
    return (
        f"Upgrading is yours, by the {kit.link(RESPONSIBILITY_URL, 'shared responsibility')} model, and support may ask"
        f" for it before it troubleshoots: {kit.link(FRAMEWORK_SUPPORT_POLICY, 'framework support policy')}."
    )


def differences(candidate: answers.Candidate) -> str:
    """What changes on the way to a candidate; empty where nothing does."""
    changes = "; ".join(
        f"{what} {kit.escape(before)} → {kit.escape(after)}" for what, before, after in candidate.differences
    )
    return f"Changes on the way: {changes}." if changes else ""


def runway(candidate: answers.Candidate, today: date) -> str:
    """How long a candidate has patches."""
    if candidate.end_of_patch_and_support is None:
        return f"{kit.escape(candidate.title)} ({version(candidate.version)})"
    return (
        f"{kit.escape(candidate.title)} ({version(candidate.version)}), whose last day of patches and support is"
        f" {dated(today, candidate.end_of_patch_and_support)}{mark_of(candidate)}"
    )


def where_to_go(advice: answers.Advice, today: date, framework: str, *, brief: bool = False) -> list[str]:
    """The recommended successor, or honestly none and what the docs page advises instead."""
    if advice.successor is not None:
        found = advice.successor
        lines = [f"*Where to go:* {runway(found, today)}."]
        if not brief:
            lines.append("Image families: " + ", ".join(map(kit.code, found.families)) + ".")
            lines.append(differences(found))
        return [line for line in lines if line]
    if advice.newest:
        return [f"*Where to go:* this is the newest supported {framework} here; nothing to do yet."]
    lines = [f"*Where to go:* no newer {framework} image is supported on Deep Learning VM."]
    others = [runway(other, today) for other in advice.other_frameworks]
    if advice.base is not None:
        others.append(f"the Base image to install {framework} on, {runway(advice.base, today)}")
    if others:
        lines.append("The docs page advises a supported framework of another family: " + "; or ".join(others) + ".")
    if advice.on_other_products:
        there = "; or ".join(runway(other, today) for other in advice.on_other_products)
        lines.append(f"Elsewhere {framework} is still supported: {there}.")
    return lines
