"""The page met by what was set by hand: where it agrees by now the word ends, where it says something new that is told.

Nobody's reminders change by it: the dates that hold stay the same.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlmodel import Session

from bot.policy import durations
from bot.policy import overrides as overriding
from bot.policy import versions as matching
from storage import catalogue_history, outbox, overrides
from storage.facts import CatalogueEvent, EventKind, ImageFamily, Milestone, Override

PAGE_AGREES = "the page says so now"

ConflictNotifier = Callable[[Session, str, str, datetime], object]
"""Whoever runs the bot hears of it, in the same transaction: told with a key that is the same for the same thing, and
a sentence."""

MILESTONE_TITLES = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "last day of patches and support",
    Milestone.END_OF_AVAILABILITY: "last day these images can be used",
}


def notify_nobody(_session: Session, _key: str, _sentence: str, _now: datetime) -> None:
    """For where there is nobody to tell."""


def reconcile(
    session: Session,
    rows: Sequence[ImageFamily],
    active: Sequence[Override],
    now: datetime,
    source_url: str,
    notify: ConflictNotifier = notify_nobody,
) -> tuple[CatalogueEvent, ...]:
    """Ends what the page says by itself now, and tells what else it says of a date that is set by hand, once."""
    told = []
    for override in active:
        covered = overriding.list_affected_rows(override, rows, active)
        if overriding.page_agrees(override, covered):
            overrides.end(session, [override.override_id], now, PAGE_AGREES)
            continue
        upstream = overriding.format_page_dates(covered, override.milestone)
        if covered and upstream != override.announced_upstream:
            overrides.mark_announced(session, override.override_id, upstream)
            told.append(_announce(session, override, covered, upstream, now, source_url))
            notify(session, f"{override.override_id}:{upstream}", _format_notice(override, _format_days(upstream)), now)
    return tuple(told)


def _announce(
    session: Session,
    override: Override,
    covered: Sequence[ImageFamily],
    upstream: str,
    now: datetime,
    source_url: str,
) -> CatalogueEvent:
    days = _parse_days(upstream)
    unsaid = "" if len(days) == 1 else f"The table now says: {_format_days(upstream)}. "
    event = CatalogueEvent(
        event_id=0,
        product=override.product,
        framework=override.version.partition("-")[0],
        version=override.version,
        kind=EventKind.OVERRIDE_CONFLICT,
        found_at=now,
        source_url=source_url,
        families=tuple(row.family for row in covered),
        milestone=override.milestone,
        day=days[0] if len(days) == 1 else None,
        details={
            "before": f"{durations.format_date(override.day)}, by {override.set_by}",
            "after": _format_days(upstream),
            "text": f"{unsaid}The reason given by hand: {override.reason}",
        },
    )
    numbered = catalogue_history.add_event(session, event)
    outbox.announce_event(session, numbered, now)
    return numbered


def _parse_days(upstream: str) -> list[date]:
    return [date.fromisoformat(day) for day in upstream.split(",") if day]


def _format_days(upstream: str) -> str:
    return " and ".join(durations.format_date(day) for day in _parse_days(upstream)) or "to be determined"


def _format_notice(override: Override, said: str) -> str:
    return (
        f"{matching.format_title(override.version)}: the page says now that the {MILESTONE_TITLES[override.milestone]} is {said};"
        f" here it is {durations.format_date(override.day)}, set by hand by {override.set_by}: {override.reason}"
    )
