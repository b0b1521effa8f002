"""Sentences about dates of image families: newly published, of removed rows, and of rows that are listed again."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot import answers
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from storage.facts import DateFilledIn, Milestone

NOTHING_TO_DO = "You don’t need to do anything."

_CONSEQUENCES = {
    (Milestone.END_OF_PATCH_AND_SUPPORT, False): (
        "After this date Google no longer releases patches or security fixes, and references to the image *family*"
        " (`--image-family`) stop resolving"
    ),
    (Milestone.END_OF_PATCH_AND_SUPPORT, True): (
        "Google no longer releases patches or security fixes, and references to the image *family* (`--image-family`)"
        " no longer resolve"
    ),
}
"""The consequences of the end of patches, by whether it has passed."""


def format_filled_in(line: answers.EventLine, change: DateFilledIn, today: date) -> Iterator[str]:
    """Yield the sentences about a newly published date and its consequences."""
    has_passed = change.day < today
    day = _format_date(change.day, today)
    yield f"It {'was' if has_passed else 'is'} {day}. Previously the table had no readable date."
    if change.remark:
        yield kit.escape(change.remark)
    if change.milestone is Milestone.END_OF_AVAILABILITY:
        yield f"{phrases.UNUSABLE if has_passed else phrases.UNUSABLE_AFTER} {phrases.RUNNING_VMS}"
    else:
        yield f"{_CONSEQUENCES[change.milestone, has_passed]}{_format_names_work(line, change.day, today)}."
    yield phrases.format_families(line.families)
    if not has_passed:
        yield "Reminders now follow this date."


def format_vanished(line: answers.EventLine, today: date) -> Iterator[str]:
    """Yield the sentences about rows that the table no longer lists."""
    yield f"Google’s table no longer lists {_format_families(line.families)}, and gives no reason."
    days = [day for row in line.dates for day in (row.end_of_patch_and_support.day, row.end_of_availability.day)]
    if days and all(day is not None and day < today for day in days):
        yield f"Both dates had already passed, so nothing changes. {NOTHING_TO_DO}"
        return
    yield "The last published dates stay in effect, and reminders continue:"
    yield from (f"• {sentence}" for sentence in format_row_dates(line, today))
    command = kit.code(phrases.build_images_command(line.version))
    yield f"Google might remove the images earlier than published. Check if they still exist: {command}"


def format_returned(line: answers.EventLine, today: date) -> Iterator[str]:
    """Yield the sentences about rows that the table lists again."""
    yield f"Google’s table lists {_format_families(line.families)} again:"
    yield from (f"• {sentence}" for sentence in format_row_dates(line, today))
    yield f"Reminders weren’t interrupted. {NOTHING_TO_DO}"


def format_row_dates(line: answers.EventLine, today: date) -> Iterator[str]:
    """Yield the sentences with both dates, separately for image families that have different dates."""
    for row in line.dates:
        families = f"{kit.codes(row.families)}: " if len(line.dates) > 1 else ""
        patch, availability = row.end_of_patch_and_support, row.end_of_availability
        if patch.day is not None and patch.day == availability.day:
            both = phrases.format_milestone(Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY)
            yield f"{families}{both if families else phrases.capitalize(both)}: {_format_date(patch.day, today)}."
            continue
        for milestone, cell in zip(Milestone, (patch, availability), strict=True):
            name = phrases.MILESTONE_NAMES[milestone]
            day = _format_date(cell.day, today) if cell.day is not None else phrases.format_cell(today, cell)
            yield f"{families}{name if families else phrases.capitalize(name)}: {day}."


def _format_date(day: date, today: date) -> str:
    return f"*{phrases.format_date(today, day)}*"


def _format_names_work(line: answers.EventLine, end_of_patch: date, today: date) -> str:
    """Format until when image names still work after the end of patches; empty if that has passed or is unknown."""
    days = [row.end_of_availability.day for row in line.dates]
    last = min((day for day in days if day is not None and day != end_of_patch), default=None)
    if last is None or last < today:
        return ""
    return f"; image names still work until {durations.format_date(last)}"


def _format_families(families: Sequence[str]) -> str:
    return f"the image {'family' if len(families) == 1 else 'families'} {kit.codes(families)}"
