"""The page met by what was set by hand: where it agrees by now the word ends, where it says something new that is told.

Nobody's reminders change by it: the dates that hold stay the same.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlmodel import Session

from bot.policy import durations
from bot.policy import overrides as overriding
from bot.policy import versions as matching
from storage import news, outbox, overrides
from storage.facts import CatalogueEvent, EventKind, ImageFamily, Milestone, Override

AGREES = "the page says so now"

Witness = Callable[[Session, str, str, datetime], object]
"""Whoever runs the bot hears of it, in the same transaction: told with a key that is the same for the same thing, and
a sentence."""

TITLES = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "last day of patches and support",
    Milestone.END_OF_AVAILABILITY: "last day these images can be used",
}


def nobody(_session: Session, _key: str, _sentence: str, _now: datetime) -> None:
    """For where there is nobody to tell."""


def meet(
    session: Session,
    rows: Sequence[ImageFamily],
    held: Sequence[Override],
    now: datetime,
    source_url: str,
    witness: Witness = nobody,
) -> tuple[CatalogueEvent, ...]:
    """Ends what the page says by itself now, and tells what else it says of a date that is set by hand, once."""
    told = []
    for override in held:
        covered = overriding.covered(override, rows, held)
        if overriding.page_agrees(override, covered):
            overrides.end(session, [override.override_id], now, AGREES)
            continue
        upstream = overriding.said(covered, override.milestone)
        if covered and upstream != override.upstream:
            overrides.heard(session, override.override_id, upstream)
            told.append(_announced(session, override, covered, upstream, now, source_url))
            witness(session, f"{override.override_id}:{upstream}", _sentence(override, _said(upstream)), now)
    return tuple(told)


def _announced(
    session: Session,
    override: Override,
    covered: Sequence[ImageFamily],
    upstream: str,
    now: datetime,
    source_url: str,
) -> CatalogueEvent:
    days = _days(upstream)
    unsaid = "" if len(days) == 1 else f"The table now says: {_said(upstream)}. "
    event = CatalogueEvent(
        event_id=0,
        product=override.product,
        framework=override.version.partition("-")[0],
        version=override.version,
        kind=EventKind.CONTRADICTED,
        found_at=now,
        source_url=source_url,
        families=tuple(row.family for row in covered),
        milestone=override.milestone,
        day=days[0] if len(days) == 1 else None,
        details={
            "before": f"{durations.plain_date(override.day)}, by {override.set_by}",
            "after": _said(upstream),
            "text": f"{unsaid}The reason given by hand: {override.reason}",
        },
    )
    numbered = news.add(session, event)
    outbox.announce(session, numbered, now)
    return numbered


def _days(upstream: str) -> list[date]:
    return [date.fromisoformat(day) for day in upstream.split(",") if day]


def _said(upstream: str) -> str:
    return " and ".join(durations.plain_date(day) for day in _days(upstream)) or "to be determined"


def _sentence(override: Override, said: str) -> str:
    return (
        f"{matching.title(override.version)}: the page says now that the {TITLES[override.milestone]} is {said};"
        f" here it is {durations.plain_date(override.day)}, set by hand by {override.set_by}: {override.reason}"
    )
