"""The dates of image families in sentences: filled in, of rows that vanished, and of rows that are back."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot import answers
from bot.policy import durations, lifecycle
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone

NOTHING_TO_DO = "Nothing is to be done now."

MAX_PLAIN_DAYS = 31
"""Days up to which a distance is said in days anyway."""

_AFTER = {
    (Milestone.END_OF_PATCH_AND_SUPPORT, False): (
        "After it no new image versions come, and references to the image *family* (`--image-family`) stop resolving"
    ),
    (Milestone.END_OF_PATCH_AND_SUPPORT, True): (
        "No new image versions come, and references to the image *family* (`--image-family`) no longer resolve"
    ),
    (Milestone.END_OF_AVAILABILITY, False): (
        "After it these images may not be used any more: new VMs may be refused. VMs that already run go on"
    ),
    (Milestone.END_OF_AVAILABILITY, True): (
        "These images may not be used any more: new VMs may be refused. VMs that already run go on"
    ),
}


def format_filled_in(line: answers.EventLine, today: date) -> Iterator[str]:
    """A date that was not known before, and what follows from it."""
    if line.day is None or line.milestone is None:
        return
    over = line.day < today
    yield f"It {'was' if over else 'is'} {_when(line.day, today)}. Until now the table had no date that could be read."
    if line.text:
        yield kit.escape(line.text)
    yield f"{_AFTER[line.milestone, over]}{_names(line, today)}."
    yield f"Image families: {', '.join(map(kit.code, line.families))}."
    if not over:
        yield "Reminders count towards it from now on."


def format_vanished(line: answers.EventLine, today: date) -> Iterator[str]:
    """Rows that the table lists no longer, and what holds of them."""
    yield f"Google’s table no longer lists {_named(line.families)}, and does not say why."
    if line.dates and all(_is_over(row, today) for row in line.dates):
        yield f"Both dates had passed before, so this changes nothing. {NOTHING_TO_DO}"
        return
    yield "What it printed last stands, and dlvm goes on reminding by it:"
    yield from (f"• {sentence}" for sentence in format_row_dates(line, today))
    yield (
        "The images may be gone sooner than was printed. See whether they are still there:"
        f" {kit.code(phrases.build_images_command(line.version))}"
    )


def format_returned(line: answers.EventLine, today: date) -> Iterator[str]:
    """Rows that had vanished, and are listed again."""
    are = "is" if len(line.families) == 1 else "are"
    named = _named(line.families)
    yield f"{named[:1].upper()}{named[1:]} had vanished from it, and {are} back:"
    yield from (f"• {sentence}" for sentence in format_row_dates(line, today))
    yield f"Reminders went on all the while. {NOTHING_TO_DO}"


def format_row_dates(line: answers.EventLine, today: date) -> Iterator[str]:
    """Both dates; for each group of image families that shares them where they differ."""
    for row in line.dates:
        of = f"{', '.join(map(kit.code, row.families))}: " if len(line.dates) > 1 else ""
        patch, availability = row.end_of_patch_and_support, row.end_of_availability
        if patch.day is not None and patch.day == availability.day:
            one = phrases.format_milestone(Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY)
            yield f"{of}{_capital(one, of)}: {_when(patch.day, today)}."
            continue
        for milestone, cell in zip(Milestone, (patch, availability), strict=True):
            when = _when(cell.day, today) if cell.day is not None else phrases.format_cell(today, cell)
            yield f"{of}{_capital(phrases.MILESTONE_NAMES[milestone], of)}: {when}."


def _when(day: date, today: date) -> str:
    """A date with its distance, and with the days left where the distance does not say them."""
    left = lifecycle.count_days_left(today, day)
    counted = f", {phrases.format_days_left(today, day)}" if left > MAX_PLAIN_DAYS else ""
    return f"*{phrases.format_date(today, day)}*{counted}"


def _capital(text: str, before: str) -> str:
    return text if before else text[:1].upper() + text[1:]


def _names(line: answers.EventLine, today: date) -> str:
    """How long image names go on working where support ends."""
    if line.milestone is not Milestone.END_OF_PATCH_AND_SUPPORT:
        return ""
    days = [row.end_of_availability.day for row in line.dates]
    last = min((day for day in days if day is not None and day != line.day), default=None)
    if last is None or last < today:
        return ""
    return f"; image names keep working, and their last day is {durations.format_date(last)}"


def _is_over(row: answers.RowDates, today: date) -> bool:
    days = (row.end_of_patch_and_support.day, row.end_of_availability.day)
    return all(day is not None and day < today for day in days)


def _named(families: Sequence[str]) -> str:
    return f"the image {'family' if len(families) == 1 else 'families'} {', '.join(map(kit.code, families))}"
