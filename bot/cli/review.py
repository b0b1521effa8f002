"""`dlvm catalogue review` and `refresh`: what the page says, what is held of it, and what a person says of that."""

import json
import sys
from collections.abc import Iterator, Sequence

from bot.answers import ReviewOutcome
from bot.bootstrap import catalogue_jobs, catalogue_readers, core, fetching
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.catalogue.validation.verdict import FIELD_TITLES
from bot.policy import durations
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.refresh import RefreshResult
from bot.service.catalogue.release_notes import ReleaseNotesResult
from bot.service.operator import review
from bot.settings import Settings, SettingsError
from storage import quarantine, sources
from storage.facts import WHOLE_PAGE, QuarantineEntry, Resolution, Source

RESOLVED_BY = "the terminal"
"""Who answers here."""

_OUTCOME_SENTENCES = {
    ReadingOutcome.QUARANTINED: "The page was read, and is held back as a whole: dlvm catalogue review shows it.",
    ReadingOutcome.UNCONFIRMED: "The page was read. What is new enters once a second reading an hour later says it too.",
    ReadingOutcome.UNCHANGED: "The page was read. It says what the catalogue says.",
    ReadingOutcome.REDATED: "The page was read. It says what the catalogue says, as of a later day.",
    ReadingOutcome.CONFIRMED: "The page was read, and what is new is in the catalogue.",
}


def show(settings: Settings, *, as_json: bool) -> int:
    """Prints what waits for a person's word."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        waiting, source = quarantine.list_open(session), sources.find(session)
        others = [sources.find(session, key) for key in catalogue_readers.SOURCE_TITLES]
    database.close()
    lines = (*_list_entries(waiting), *_describe_last_fetch(source), *_list_source_problems(others))
    sys.stdout.write(_render_json(waiting) if as_json else "\n".join(lines) + "\n")
    return 0


def resolve(settings: Settings, entry_id: int, *, accepted: bool) -> int:
    """Notes the answer; 1 where there is nothing to answer."""
    database = core.prepare_database(settings)
    settled = Resolution.ACCEPTED if accepted else Resolution.REJECTED
    answered, found = review.resolve_entry(database, entry_id, settled, RESOLVED_BY, core.now())
    database.close()
    if answered is ReviewOutcome.DONE:
        then = "it enters at the next reading" if accepted else "the last good value stays"
        sys.stdout.write(f"{entry_id} is {settled.value}: {then}.\n")
        return 0
    sys.stderr.write(f"{_explain_refusal(answered, entry_id, found)}\n")
    return 1


def refresh(settings: Settings, *, as_json: bool) -> int:
    """Reads the page now, and the release notes; 1 where it is too early for the page, or there is no reading of it."""
    if not settings.should_fetch_catalogue:
        raise SettingsError(("DLVM_CATALOGUE_URL is off, so there is no page to read: unset it to read Google’s.",))
    database = core.prepare_database(settings)
    fetch = catalogue_jobs.build_fetcher(settings)
    done = fetching.build_catalogue_refresh(settings, database, fetch).run(core.now(), manual=True)
    feed = catalogue_readers.build_release_notes_poller(settings, database, fetch)
    came = feed.run(core.now(), manual=True) if settings.should_fetch_release_notes else None
    with database.read_only() as session:
        tried = sources.find(session).polled_at
    database.close()
    if done is None:
        again = f"{tried + MIN_POLL_INTERVAL:%H:%M} UTC" if tried else "an hour"
        sys.stderr.write(f"The page was read less than an hour ago; try again at {again}.\n")
    sys.stdout.write(
        _render_refresh_json(done, came) if as_json else _describe_refresh(done) + _describe_release_notes(came)
    )
    return 0 if done is not None and done.outcome is not None else 1


def _explain_refusal(answered: ReviewOutcome, entry_id: int, entry: QuarantineEntry | None) -> str:
    if answered is ReviewOutcome.NOT_ACCEPTABLE and entry is not None:
        return f"{entry_id} can’t be accepted, for {entry.reason}. The last good value stays; nothing was changed."
    if entry is None:
        return f"There is no {entry_id}: dlvm catalogue review lists what is held."
    how = (
        "the page no longer says it"
        if entry.resolution is Resolution.GONE
        else f"it is {entry.resolution.value} already"
    )
    return f"Nothing was changed: {how}."


def _list_entries(entries: Sequence[QuarantineEntry]) -> Iterator[str]:
    for one in entries:
        about = (
            "the whole page" if one.field == WHOLE_PAGE else f"{one.family}, {FIELD_TITLES.get(one.field, one.field)}"
        )
        yield f"{one.entry_id}  {about}, since {durations.format_date(one.found_at.date())}: {one.reason}"
        if one.field != WHOLE_PAGE:
            yield f"     printed “{one.printed}”, kept “{one.last_good}”"
        yield from (f"     {line}" for line in one.difference)
        if not one.acceptable:
            yield "     can’t be accepted as it is"
    if entries:
        yield "To let one enter: dlvm catalogue review accept KEY; to keep the last good value: reject KEY"
    else:
        yield "Nothing is held back."


def _describe_last_fetch(source: Source) -> Iterator[str]:
    if source.last_good_at is not None:
        yield f"The page was last read on {durations.format_date(source.last_good_at.date())}, {source.last_good_at:%H:%M} UTC."
    if source.problem:
        yield f"The last attempt was no good reading: {source.problem}."


def _list_source_problems(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        if source.problem:
            title = catalogue_readers.SOURCE_TITLES[source.product]
            yield f"The last attempt at the {title} was no good reading: {source.problem}."


def _describe_release_notes(notes: ReleaseNotesResult | None) -> str:
    """What came of the release notes; nothing where it was too early, or they are off."""
    if notes is None:
        return ""
    if not notes.is_read:
        return f"The release notes could not be read: {notes.problem}.\n"
    about = {note: [version for other, version in notes.announced if other == note] for note, _ in notes.announced}
    lines = [f"The release notes were read: {_count_new_items(len(notes.new))}, {len(notes.edited)} edited."]
    lines += [f"Not all of them could be read: {notes.problem}."] if notes.problem else []
    lines += [f"{note}: told where {', '.join(versions)} is watched" for note, versions in about.items()]
    return "\n".join(lines) + "\n"


def _count_new_items(count: int) -> str:
    return "1 new item" if count == 1 else f"{count} new items"


def _describe_refresh(refreshed: RefreshResult | None) -> str:
    if refreshed is None:
        return ""
    lines = [
        _OUTCOME_SENTENCES[refreshed.outcome]
        if refreshed.outcome
        else f"The page could not be read: {refreshed.problem}. Nothing was changed."
    ]
    lines += [
        f"{one.version}: {one.milestone.value} moved from {one.before} to {one.after}" for one in refreshed.changes
    ]
    lines += [f"{family}: no longer listed" for family in refreshed.vanished]
    lines += [f"held back: {one.family} {one.reason}" for one in refreshed.quarantined if one.field != WHOLE_PAGE]
    return "\n".join(lines) + "\n"


def _render_refresh_json(refreshed: RefreshResult | None, notes: ReleaseNotesResult | None) -> str:
    """The page's fields, and those of the release notes below; nothing where it was too early for both."""
    from bot.cli.rendering import to_json_value  # noqa: PLC0415 - beside its only uses

    if refreshed is None and notes is None:
        return ""
    said = {
        **(to_json_value(refreshed) if refreshed is not None else {}),
        "notes": to_json_value(notes) if notes is not None else None,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _render_json(entries: Sequence[QuarantineEntry]) -> str:
    from bot.cli.rendering import to_json_value  # noqa: PLC0415 - the same

    return json.dumps([to_json_value(one) for one in entries], indent=1, ensure_ascii=False) + "\n"
