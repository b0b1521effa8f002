"""`dlvm catalogue review` and `refresh`: what the page says, what is held of it, and what a person says of that."""

import json
import sys
from collections.abc import Iterator, Sequence

from bot.answers import Answered
from bot.bootstrap import catalogue_jobs, catalogue_readers, core, fetching
from bot.catalogue.validation.confirmation import Fate
from bot.catalogue.validation.verdict import FIELD_TITLES
from bot.policy import durations
from bot.policy.freshness import PACE
from bot.service.catalogue.refresh import Refreshed
from bot.service.catalogue.release_notes import NotesRead
from bot.service.operator import review
from bot.settings import Settings, SettingsError
from storage import quarantine, sources
from storage.facts import PAGE, Finding, Settled, Source

TERMINAL = "the terminal"
"""Who answers here."""

_CAME_TO = {
    Fate.HELD: "The page was read, and is held back as a whole: dlvm catalogue review shows it.",
    Fate.WAITS: "The page was read. What is new enters once a second reading an hour later says it too.",
    Fate.NOTHING_NEW: "The page was read. It says what the catalogue says.",
    Fate.ANOTHER_DAY: "The page was read. It says what the catalogue says, as of a later day.",
    Fate.TAKEN: "The page was read, and what is new is in the catalogue.",
}


def show(settings: Settings, *, as_json: bool) -> int:
    """Prints what waits for a person's word."""
    database = core.ready(settings)
    with database.reading() as session:
        waiting, source = quarantine.open_ones(session), sources.find(session)
        others = [sources.find(session, key) for key in catalogue_readers.TITLES]
    database.close()
    lines = (*_drawn(waiting), *_standing(source), *_troubles(others))
    sys.stdout.write(_json(waiting) if as_json else "\n".join(lines) + "\n")
    return 0


def answer(settings: Settings, finding_id: int, *, accepted: bool) -> int:
    """Notes the answer; 1 where there is nothing to answer."""
    database = core.ready(settings)
    settled = Settled.ACCEPTED if accepted else Settled.REJECTED
    answered, found = review.answer(database, finding_id, settled, TERMINAL, core.now())
    database.close()
    if answered is Answered.DONE:
        then = "it enters at the next reading" if accepted else "the last good value stays"
        sys.stdout.write(f"{finding_id} is {settled.value}: {then}.\n")
        return 0
    sys.stderr.write(f"{_refusal(answered, finding_id, found)}\n")
    return 1


def refresh(settings: Settings, *, as_json: bool) -> int:
    """Reads the page now, and the release notes; 1 where it is too early for the page, or there is no reading of it."""
    if not settings.fetches:
        raise SettingsError(("DLVM_CATALOGUE_URL is off, so there is no page to read: unset it to read Google’s.",))
    database = core.ready(settings)
    fetch = catalogue_jobs.fetcher(settings)
    done = fetching.refreshing(settings, database, fetch).run(core.now(), by_hand=True)
    feed = catalogue_readers.noting(settings, database, fetch)
    came = feed.run(core.now(), by_hand=True) if settings.reads_notes else None
    with database.reading() as session:
        tried = sources.find(session).tried_at
    database.close()
    if done is None:
        again = f"{tried + PACE:%H:%M} UTC" if tried else "an hour"
        sys.stderr.write(f"The page was read less than an hour ago; try again at {again}.\n")
    sys.stdout.write(_came_to_json(done, came) if as_json else _came_to(done) + _notes_came_to(came))
    return 0 if done is not None and done.fate is not None else 1


def _refusal(answered: Answered, finding_id: int, found: Finding | None) -> str:
    if answered is Answered.NOT_ACCEPTABLE and found is not None:
        return f"{finding_id} can’t be accepted, for {found.reason}. The last good value stays; nothing was changed."
    if found is None:
        return f"There is no {finding_id}: dlvm catalogue review lists what is held."
    how = "the page no longer says it" if found.settled is Settled.GONE else f"it is {found.settled.value} already"
    return f"Nothing was changed: {how}."


def _drawn(waiting: Sequence[Finding]) -> Iterator[str]:
    for one in waiting:
        about = "the whole page" if one.field == PAGE else f"{one.family}, {FIELD_TITLES.get(one.field, one.field)}"
        yield f"{one.finding_id}  {about}, since {durations.plain_date(one.found_at.date())}: {one.reason}"
        if one.field != PAGE:
            yield f"     printed “{one.printed}”, kept “{one.last_good}”"
        yield from (f"     {line}" for line in one.difference)
        if not one.acceptable:
            yield "     can’t be accepted as it is"
    if waiting:
        yield "To let one enter: dlvm catalogue review accept KEY; to keep the last good value: reject KEY"
    else:
        yield "Nothing is held back."


def _standing(source: Source) -> Iterator[str]:
    if source.good_at is not None:
        yield f"The page was last read on {durations.plain_date(source.good_at.date())}, {source.good_at:%H:%M} UTC."
    if source.problem:
        yield f"The last attempt was no good reading: {source.problem}."


def _troubles(others: Sequence[Source]) -> Iterator[str]:
    for source in others:
        if source.problem:
            title = catalogue_readers.TITLES[source.product]
            yield f"The last attempt at the {title} was no good reading: {source.problem}."


def _notes_came_to(came: NotesRead | None) -> str:
    """What came of the release notes; nothing where it was too early, or they are off."""
    if came is None:
        return ""
    if not came.is_read:
        return f"The release notes could not be read: {came.problem}.\n"
    about = {note: [version for other, version in came.told if other == note] for note, _ in came.told}
    lines = [f"The release notes were read: {_new(len(came.new))}, {len(came.edited)} edited."]
    lines += [f"Not all of them could be read: {came.problem}."] if came.problem else []
    lines += [f"{note}: told where {', '.join(versions)} is watched" for note, versions in about.items()]
    return "\n".join(lines) + "\n"


def _new(count: int) -> str:
    return "1 new item" if count == 1 else f"{count} new items"


def _came_to(done: Refreshed | None) -> str:
    if done is None:
        return ""
    lines = [_CAME_TO[done.fate] if done.fate else f"The page could not be read: {done.problem}. Nothing was changed."]
    lines += [f"{one.version}: {one.milestone.value} moved from {one.before} to {one.after}" for one in done.changes]
    lines += [f"{family}: no longer listed" for family in done.gone]
    lines += [f"held back: {one.family} {one.reason}" for one in done.held if one.field != PAGE]
    return "\n".join(lines) + "\n"


def _came_to_json(done: Refreshed | None, came: NotesRead | None) -> str:
    """The page's fields, and those of the release notes below; nothing where it was too early for both."""
    from bot.cli.rendering import plain  # noqa: PLC0415 - beside its only uses

    if done is None and came is None:
        return ""
    said = {**(plain(done) if done is not None else {}), "notes": plain(came) if came is not None else None}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _json(waiting: Sequence[Finding]) -> str:
    from bot.cli.rendering import plain  # noqa: PLC0415 - the same

    return json.dumps([plain(one) for one in waiting], indent=1, ensure_ascii=False) + "\n"
