"""Reconciliation of overrides with a new reading of the page. No effective date changes here."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlmodel import Session

from bot.policy.durations import format_date
from bot.policy.lifecycle import MILESTONE_NAMES
from bot.policy.overrides import format_page_dates, list_affected_rows, page_agrees
from bot.policy.versions import format_title
from bot.service.catalogue import events
from storage import overrides
from storage.facts import ImageFamily, Override, OverrideConflict

PAGE_AGREES = "Google’s page now agrees"

ConflictNotifier = Callable[[Session, str, str, datetime], object]
"""Called with session, key, sentence and time, in the transaction. The key identifies the conflict."""


def notify_nobody(_session: Session, _key: str, _sentence: str, _now: datetime) -> None:
    """Ignore the conflict."""


def reconcile(
    session: Session,
    rows: Sequence[ImageFamily],
    active: Sequence[Override],
    now: datetime,
    source_url: str,
    notify: ConflictNotifier = notify_nobody,
) -> None:
    """End overrides the page now agrees with, and announce new conflicts."""
    for override in active:
        affected = list_affected_rows(override, rows, active)
        if page_agrees(override, affected):
            overrides.end(session, [override.override_id], now, PAGE_AGREES)
            continue
        page_dates = format_page_dates(affected, override.milestone)
        if affected and page_dates != override.announced_upstream:
            overrides.mark_announced(session, override.override_id, page_dates)
            events.announce(session, _build_conflict(override, affected, page_dates), source_url, now)
            notify(session, f"{override.override_id}:{page_dates}", _format_notice(override, page_dates), now)


def _build_conflict(override: Override, affected: Sequence[ImageFamily], page_dates: str) -> OverrideConflict:
    days = _parse_days(page_dates)
    day = days[0] if len(days) == 1 else None
    reason = f"Reason for the override: {override.reason}"
    return OverrideConflict(
        product=override.product,
        version=override.version,
        milestone=override.milestone,
        day=day,
        families=tuple(row.family for row in affected),
        override=f"{format_date(override.day)}, by {override.set_by}",
        page_dates=_format_days(page_dates),
        remark=reason if day else f"Google’s table now says: {_format_days(page_dates)}. {reason}",
    )


def _parse_days(page_dates: str) -> list[date]:
    return [date.fromisoformat(day) for day in page_dates.split(",") if day]


def _format_days(page_dates: str) -> str:
    return " and ".join(map(format_date, _parse_days(page_dates))) or "to be determined"


def _format_notice(override: Override, page_dates: str) -> str:
    return (
        f"{format_title(override.version)}: Google’s page now gives {_format_days(page_dates)} as the"
        f" {MILESTONE_NAMES[override.milestone]}. The override by {override.set_by} says {format_date(override.day)}:"
        f" {override.reason}"
    )
