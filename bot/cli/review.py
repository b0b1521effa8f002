"""`dlvm catalogue review` and `refresh`: resolve values pending review, and fetch the page and release notes now."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import COMMAND_LINE, AsJson, exit_with_error, format_count, open_context

if TYPE_CHECKING:
    from bot.answers import ReviewOutcome
    from bot.service.catalogue.refresh import RefreshResult
    from bot.service.catalogue.release_notes import ReleaseNotesResult
    from storage.database import Database
    from storage.facts import QuarantineEntry, Resolution, Source

_OUTCOME_SENTENCES = {
    "quarantined": "The page was read, but all of it is pending review. See: dlvm catalogue review",
    "unconfirmed": "The page was read. Its changes take effect if a reading an hour later confirms them.",
    "unchanged": "The page was read. Nothing has changed.",
    "redated": "The page was read. Only its date has changed.",
    "confirmed": "The page was read, and the catalogue was updated.",
}

EntryKey = Annotated[int, typer.Argument(metavar="KEY", help="Number shown by `dlvm catalogue review`.")]


def show(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List values pending review, with the differences."""
    from bot.bootstrap import catalogue_pollers
    from bot.cli.rendering import print_json
    from storage import quarantine, sources

    if context.invoked_subcommand is not None:
        return
    with open_context() as opened, opened.database.read_only() as session:
        entries, page = quarantine.list_open(session), sources.find(session)
        problems = {title: sources.find(session, key).problem for key, title in catalogue_pollers.SOURCE_TITLES.items()}
    if as_json:
        print_json(entries)
        return
    lines = [*_list_entries(entries), *_describe_last_fetch(page)]
    lines += [f"Last fetch of the {title} failed: {problem}." for title, problem in problems.items() if problem]
    sys.stdout.writelines(f"{line}\n" for line in lines)


def accept(key: EntryKey) -> None:
    """Accept a value. It takes effect when the page is next read."""
    from storage.facts import Resolution

    _resolve(key, Resolution.ACCEPTED, "it takes effect when the page is next read")


def reject(key: EntryKey) -> None:
    """Reject a value and keep the last good one. It isn't listed again while the page shows it."""
    from storage.facts import Resolution

    _resolve(key, Resolution.REJECTED, "the last good value stays")


def _resolve(entry_id: int, resolution: Resolution, effect: str) -> None:
    """Resolve an entry and print the effect. Exit with code 1 if it isn't open or can't be accepted."""
    from bot.answers import ReviewOutcome
    from bot.bootstrap import core
    from bot.service.operator import review

    with open_context() as context:
        outcome, entry = review.resolve_entry(context.database, entry_id, resolution, COMMAND_LINE, core.now())
    if outcome is not ReviewOutcome.DONE:
        exit_with_error(_explain_refusal(outcome, entry_id, entry), code=1)
    sys.stdout.write(f"{entry_id} {resolution.value}: {effect}.\n")


def refresh(*, as_json: AsJson = False) -> None:
    """Fetch the page and the release notes now (at most once an hour)."""
    from bot.bootstrap import catalogue_jobs, catalogue_pollers, core
    from bot.cli.rendering import print_json, to_json_value

    with open_context() as context:
        settings = context.settings
        if not settings.should_fetch_catalogue:
            exit_with_error("DLVM_CATALOGUE_URL is off, so there is no page to read. Unset it to read Google’s page.")
        fetch = catalogue_jobs.build_fetcher(settings)
        page_poller = catalogue_pollers.build_catalogue_poller(settings, context.database, fetch)
        refreshed = page_poller.run(core.now(), manual=True)
        notes_poller = catalogue_pollers.build_release_notes_poller(settings, context.database, fetch)
        notes = notes_poller.run(core.now(), manual=True) if settings.should_fetch_release_notes else None
        if refreshed is None:
            retry_time = _find_retry_time(context.database)
            sys.stderr.write(f"The page was read less than an hour ago. Try again {retry_time}.\n")
    if not as_json:
        sys.stdout.write(_describe_refresh(refreshed) + _describe_release_notes(notes))
    elif refreshed or notes:
        print_json((to_json_value(refreshed) or {}) | {"notes": to_json_value(notes)})
    sys.exit(0 if refreshed is not None and refreshed.outcome is not None else 1)


def _find_retry_time(database: Database) -> str:
    from bot.policy.freshness import MIN_POLL_INTERVAL
    from storage import sources

    with database.read_only() as session:
        polled_at = sources.find(session).polled_at
    return f"at {polled_at + MIN_POLL_INTERVAL:%H:%M} UTC" if polled_at else "in an hour"


def _explain_refusal(outcome: ReviewOutcome, entry_id: int, entry: QuarantineEntry | None) -> str:
    from bot.answers import ReviewOutcome
    from storage.facts import Resolution

    if entry is None:
        return f"There is no entry {entry_id}; dlvm catalogue review lists the values pending review."
    if outcome is ReviewOutcome.NOT_ACCEPTABLE:
        return f"{entry_id} can’t be accepted: {entry.reason}. The last good value stays."
    if entry.resolution is Resolution.GONE:
        return "Nothing was changed: the page no longer shows this value."
    return f"Nothing was changed: {entry_id} is already {entry.resolution.value}."


def _list_entries(entries: Sequence[QuarantineEntry]) -> Iterator[str]:
    from bot.catalogue.validation.verdict import FIELD_TITLES
    from bot.policy.durations import format_date
    from storage.facts import WHOLE_PAGE

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
    from bot.policy.durations import format_date

    read_at = source.last_good_at
    if read_at is not None:
        yield f"The page was last read on {format_date(read_at.date())}, {read_at:%H:%M} UTC."
    if source.problem:
        yield f"Last fetch failed: {source.problem}."


def _describe_release_notes(notes: ReleaseNotesResult | None) -> str:
    """Describe a fetch of the release notes. Return an empty string if it is too early or they are off."""
    if notes is None:
        return ""
    if not notes.is_read:
        return f"The release notes couldn’t be read: {notes.problem}.\n"
    lines = [f"The release notes were read: {format_count(len(notes.new), 'new item')}, {len(notes.edited)} edited."]
    lines += [f"Some of them couldn’t be read: {notes.problem}."] if notes.problem else []
    versions_by_item: dict[str, list[str]] = {}
    for item, version in notes.announced:
        versions_by_item.setdefault(item, []).append(version)
    lines += [f"{item}: announced for {', '.join(versions)}" for item, versions in versions_by_item.items()]
    return "\n".join(lines) + "\n"


def _describe_refresh(refreshed: RefreshResult | None) -> str:
    from storage.facts import WHOLE_PAGE

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
    pending = [entry for entry in refreshed.quarantined if entry.field != WHOLE_PAGE]
    lines += [f"pending review: {entry.family}: {entry.reason}" for entry in pending]
    return "\n".join(lines) + "\n"
