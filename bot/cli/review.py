"""`dlvm catalogue review` and `refresh`: resolve values pending review, and fetch the page and release notes now."""

import json
import sys
from collections.abc import Iterator, Sequence

from bot.answers import ReviewOutcome
from bot.bootstrap import catalogue_jobs, catalogue_readers, core, fetching
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.catalogue.validation.verdict import FIELD_TITLES
from bot.policy.durations import format_date
from bot.policy.freshness import MIN_POLL_INTERVAL
from bot.service.catalogue.refresh import RefreshResult
from bot.service.catalogue.release_notes import ReleaseNotesResult
from bot.service.operator import review
from bot.settings import Settings, SettingsError
from storage import quarantine, sources
from storage.facts import WHOLE_PAGE, QuarantineEntry, Resolution, Source

_OUTCOME_SENTENCES = {
    ReadingOutcome.QUARANTINED: "The page was read, but all of it is pending review. See: dlvm catalogue review",
    ReadingOutcome.UNCONFIRMED: "The page was read. Its changes take effect if a reading an hour later confirms them.",
    ReadingOutcome.UNCHANGED: "The page was read. Nothing has changed.",
    ReadingOutcome.REDATED: "The page was read. Only its date has changed.",
    ReadingOutcome.CONFIRMED: "The page was read, and the catalogue was updated.",
}


def show(settings: Settings, *, as_json: bool) -> int:
    """Print the values pending review, and the state of each source."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        entries, page = quarantine.list_open(session), sources.find(session)
        other_sources = [sources.find(session, key) for key in catalogue_readers.SOURCE_TITLES]
    database.close()
    lines = (*_list_entries(entries), *_describe_last_fetch(page), *_list_source_problems(other_sources))
    sys.stdout.write(_render_json(entries) if as_json else "\n".join(lines) + "\n")
    return 0


def resolve(settings: Settings, entry_id: int, resolved_by: str, *, accepted: bool) -> int:
    """Accept or reject a value. Return exit code 1 if it isn't open or can't be accepted."""
    database = core.prepare_database(settings)
    resolution = Resolution.ACCEPTED if accepted else Resolution.REJECTED
    outcome, entry = review.resolve_entry(database, entry_id, resolution, resolved_by, core.now())
    database.close()
    if outcome is ReviewOutcome.DONE:
        effect = "it takes effect when the page is next read" if accepted else "the last good value stays"
        sys.stdout.write(f"{entry_id} {resolution.value}: {effect}.\n")
        return 0
    sys.stderr.write(f"{_explain_refusal(outcome, entry_id, entry)}\n")
    return 1


def refresh(settings: Settings, *, as_json: bool) -> int:
    """Fetch the page and the release notes. Return exit code 1 if it is too early for the page or it can't be read."""
    if not settings.should_fetch_catalogue:
        raise SettingsError(
            ("DLVM_CATALOGUE_URL is off, so there is no page to read. Unset it to read Google’s page.",)
        )
    database = core.prepare_database(settings)
    fetch = catalogue_jobs.build_fetcher(settings)
    refreshed = fetching.build_catalogue_refresh(settings, database, fetch).run(core.now(), manual=True)
    poller = catalogue_readers.build_release_notes_poller(settings, database, fetch)
    notes = poller.run(core.now(), manual=True) if settings.should_fetch_release_notes else None
    with database.read_only() as session:
        polled_at = sources.find(session).polled_at
    database.close()
    if refreshed is None:
        retry = f"at {polled_at + MIN_POLL_INTERVAL:%H:%M} UTC" if polled_at else "in an hour"
        sys.stderr.write(f"The page was read less than an hour ago. Try again {retry}.\n")
    text = _describe_refresh(refreshed) + _describe_release_notes(notes)
    sys.stdout.write(_render_refresh_json(refreshed, notes) if as_json else text)
    return 0 if refreshed is not None and refreshed.outcome is not None else 1


def _explain_refusal(outcome: ReviewOutcome, entry_id: int, entry: QuarantineEntry | None) -> str:
    if entry is None:
        return f"There is no entry {entry_id}; dlvm catalogue review lists the values pending review."
    if outcome is ReviewOutcome.NOT_ACCEPTABLE:
        return f"{entry_id} can’t be accepted: {entry.reason}. The last good value stays."
    if entry.resolution is Resolution.GONE:
        return "Nothing was changed: the page no longer shows this value."
    return f"Nothing was changed: {entry_id} is already {entry.resolution.value}."


def _list_entries(entries: Sequence[QuarantineEntry]) -> Iterator[str]:
    for entry in entries:
        is_page = entry.field == WHOLE_PAGE
        title = "the whole page" if is_page else f"{entry.family}, {FIELD_TITLES.get(entry.field, entry.field)}"
        yield f"{entry.entry_id}  {title}, since {format_date(entry.found_at.date())}: {entry.reason}"
        if not is_page:
            yield f"     on the page: “{entry.printed}”, last good value: “{entry.last_good}”"
        yield from (f"     {line}" for line in entry.difference)
        if not entry.acceptable:
            yield "     can’t be accepted"
    if entries:
        yield "To accept a value: dlvm catalogue review accept KEY. To keep the last good one: reject KEY."
    else:
        yield "Nothing is pending review."


def _describe_last_fetch(source: Source) -> Iterator[str]:
    read_at = source.last_good_at
    if read_at is not None:
        yield f"The page was last read on {format_date(read_at.date())}, {read_at:%H:%M} UTC."
    if source.problem:
        yield f"Last fetch failed: {source.problem}."


def _list_source_problems(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        if source.problem:
            yield f"Last fetch of the {catalogue_readers.SOURCE_TITLES[source.product]} failed: {source.problem}."


def _describe_release_notes(notes: ReleaseNotesResult | None) -> str:
    """Describe a fetch of the release notes. Return an empty string if it is too early or they are off."""
    if notes is None:
        return ""
    if not notes.is_read:
        return f"The release notes couldn’t be read: {notes.problem}.\n"
    items = "1 new item" if len(notes.new) == 1 else f"{len(notes.new)} new items"
    lines = [f"The release notes were read: {items}, {len(notes.edited)} edited."]
    lines += [f"Some of them couldn’t be read: {notes.problem}."] if notes.problem else []
    versions_by_item: dict[str, list[str]] = {}
    for item, version in notes.announced:
        versions_by_item.setdefault(item, []).append(version)
    lines += [f"{item}: announced for {', '.join(versions)}" for item, versions in versions_by_item.items()]
    return "\n".join(lines) + "\n"


def _describe_refresh(refreshed: RefreshResult | None) -> str:
    if refreshed is None:
        return ""
    if refreshed.outcome is None:
        lines = [f"The page couldn’t be read: {refreshed.problem}. Nothing was changed."]
    else:
        lines = [_OUTCOME_SENTENCES[refreshed.outcome]]
    lines += [
        f"{change.version}: {change.milestone.value} moved from {change.before} to {change.after}"
        for change in refreshed.changes
    ]
    lines += [f"{family}: no longer listed" for family in refreshed.vanished]
    lines += [
        f"pending review: {entry.family}: {entry.reason}"
        for entry in refreshed.quarantined
        if entry.field != WHOLE_PAGE
    ]
    return "\n".join(lines) + "\n"


def _render_refresh_json(refreshed: RefreshResult | None, notes: ReleaseNotesResult | None) -> str:
    """Return the page's fields with those of the release notes under `notes`, or an empty string without either."""
    from bot.cli.rendering import to_json_value

    if refreshed is None and notes is None:
        return ""
    page_fields = to_json_value(refreshed) if refreshed is not None else {}
    notes_fields = to_json_value(notes) if notes is not None else None
    return json.dumps({**page_fields, "notes": notes_fields}, indent=1, ensure_ascii=False) + "\n"


def _render_json(entries: Sequence[QuarantineEntry]) -> str:
    from bot.cli.rendering import to_json_value

    return json.dumps([to_json_value(entry) for entry in entries], indent=1, ensure_ascii=False) + "\n"
