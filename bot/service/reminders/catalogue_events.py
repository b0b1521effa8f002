"""What a channel is told of events: judged anew when it is sent, with the dates as they stand that day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import dependencies, lifecycle, successors
from bot.policy import versions as matching
from bot.service.versions.snapshot import Known
from storage import catalogue, news
from storage.facts import (
    ALL,
    CatalogueEvent,
    Decided,
    Decision,
    EventKind,
    FrameworkVersion,
    ImageFamily,
    Kind,
    OutboxEntry,
    PrintedDate,
    Reminder,
)

Moot = tuple[OutboxEntry, str]
"""An entry that is not to be sent, and why."""

_ORDER = (
    EventKind.REPLACED,
    EventKind.CONTRADICTED,
    EventKind.VANISHED,
    EventKind.FILLED_IN,
    EventKind.ARRIVED,
    EventKind.RETURNED,
    EventKind.NOTED,
)
"""What may break something comes first."""


class Told(Struct, frozen=True):
    """The events that entries are about, and which rows are not listed at present."""

    events: Mapping[int, CatalogueEvent] = field(default_factory=dict)
    gone: frozenset[tuple[str, str]] = frozenset()
    """Product and family."""
    settled: frozenset[str] = frozenset()
    """Versions that the channel has migrated from."""


def is_news(reminder: Reminder) -> bool:
    """Whether it tells of an event."""
    return reminder.kind in (Kind.NEWS, Kind.NOTE)


def read(session: Session, entries: Iterable[OutboxEntry], decisions: Iterable[Decision]) -> Told:
    """What is known of the events among a channel's entries, by what it has decided."""
    numbers = sorted({entry.reminder.rung for entry in entries if is_news(entry.reminder)})
    found = [event for event in (news.find(session, number) for number in numbers) if event is not None]
    products = {event.product for event in found}
    gone = {(product, family) for product in products for family in catalogue.gone(session, product)}
    settled = frozenset(each.version for each in decisions if each.decided is Decided.MIGRATED)
    return Told({event.event_id: event for event in found}, frozenset(gone), settled)


def why_not(reminder: Reminder, told: Told, version: FrameworkVersion) -> str:
    """Why an event is not to be told; empty where it is still so."""
    event = told.events.get(reminder.rung)
    if event is None:
        return "nothing is known of it any more"
    rows = [row for row in version.families if row.family in event.families]
    match event.kind:
        case EventKind.ARRIVED | EventKind.RETURNED:
            return "" if _listed(event, told) else "it is no longer listed"
        case EventKind.VANISHED:
            return "" if _gone(event, told) else "it is listed again"
        case EventKind.FILLED_IN:
            milestone = event.milestone
            same = milestone is not None and any(row.date_of(milestone).day == event.day for row in rows)
            return "" if same else "the date has moved since"
        case EventKind.REPLACED:
            same = any(dependencies.printed(event.details["what"], row) == event.details["after"] for row in rows)
            return "" if same else "it was replaced again since"
        case _:
            return ""


def needless(standing: Iterable[OutboxEntry], moot: Iterable[Moot], told: Told) -> list[Moot]:
    """News that are still so and tell nothing: of a loss nobody here heard of, or the same that another one tells."""
    of = told.events
    kept = [entry for entry in standing if is_news(entry.reminder)]
    unheard = {
        family
        for entry, _ in moot
        if is_news(entry.reminder) and (event := of.get(entry.reminder.rung)) and event.kind is EventKind.VANISHED
        for family in event.families
    }
    found: list[Moot] = []
    said: set[tuple[object, ...]] = set()
    for entry in sorted(kept, key=lambda each: -each.reminder.rung):
        event = of[entry.reminder.rung]
        if event.kind is EventKind.RETURNED and unheard.issuperset(event.families):
            found.append((entry, "nobody here heard that it had vanished"))
        elif (same := _said(event)) in said:
            found.append((entry, "a later one says the same"))
        else:
            said.add(same)
    return found


def _said(event: CatalogueEvent) -> tuple[object, ...]:
    return event.kind, event.version, event.families, event.milestone, event.day, *sorted(event.details.items())


def lines(
    entries: Iterable[OutboxEntry], told: Told, targets: Sequence[str], known: Known, day: date
) -> tuple[answers.NewsLine, ...]:
    """A line for each event, those of one version together, what may break something first."""
    found = [
        _line(event, version, told, targets, known, day)
        for entry in entries
        if is_news(entry.reminder)
        and (event := told.events.get(entry.reminder.rung)) is not None
        and (version := known.find(event.version)) is not None
    ]
    found = list(_joined(sorted(found, key=_by_name)))
    first: dict[str, int] = {}
    for line in found:
        first[line.version] = min(first.get(line.version, len(_ORDER)), _ORDER.index(line.kind))
    return tuple(sorted(found, key=lambda n: (first[n.version], _by_name(n), _ORDER.index(n.kind), n.event_id)))


def _joined(found: Iterable[answers.NewsLine]) -> Iterator[answers.NewsLine]:
    """One line for each item of the release notes, however many versions it is about; the rest as they are."""
    items: dict[str, list[answers.NewsLine]] = {}
    for line in found:
        items.setdefault(line.note or str(line.event_id), []).append(line)
    for same in items.values():
        yield replace(same[0], also=tuple(line.title for line in same[1:]))


def _by_name(line: answers.NewsLine) -> tuple[str, tuple[int, ...]]:
    framework, _, number = line.version.partition("-")
    return framework, tuple(-part for part in matching.number_key(number))


def _line(
    event: CatalogueEvent, version: FrameworkVersion, told: Told, targets: Sequence[str], known: Known, day: date
) -> answers.NewsLine:
    still = _gone(event, told) if event.kind is EventKind.VANISHED else _listed(event, told)
    families = still or event.families
    rows = [row for row in version.families if row.family in families]
    is_new_version = "is_new_version" in event.details
    every_row = {(row.product, row.family) for row in version.families}
    return answers.NewsLine(
        event_id=event.event_id,
        kind=event.kind,
        version=version.name,
        title=matching.title(version.name),
        families=families,
        found_on=event.found_at.date(),
        through=_through(version, targets),
        dates=tuple(_dates(rows)),
        milestone=event.milestone,
        day=event.day or _day(event.details.get("note_day", "")),
        is_new_version=is_new_version,
        everywhere=every_row <= told.gone,
        built_of=tuple(dependencies.built_of(rows)),
        what=event.details.get("what", event.details.get("note_kind", "")),
        before=event.details.get("before", ""),
        after=event.details.get("after", ""),
        instead_of=tuple(filter(None, event.details.get("instead_of", "").split(","))),
        may_follow=_predecessors(version, told, targets, known, day) if is_new_version else (),
        text=event.details.get("text", ""),
        url=event.source_url,
        note=event.details.get("note", ""),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _gone(event: CatalogueEvent, told: Told) -> tuple[str, ...]:
    return tuple(family for family in event.families if (event.product, family) in told.gone)


def _listed(event: CatalogueEvent, told: Told) -> tuple[str, ...]:
    return tuple(family for family in event.families if (event.product, family) not in told.gone)


def _through(version: FrameworkVersion, targets: Sequence[str]) -> str:
    """The narrowest target that covers the version; its name where none does any more."""
    return next((name for name in (version.name, version.framework, ALL) if name in targets), version.name)


def _dates(rows: Iterable[ImageFamily]) -> Iterator[answers.RowDates]:
    pairs: dict[tuple[PrintedDate, PrintedDate], list[str]] = {}
    for row in rows:
        pairs.setdefault((row.end_of_patch_and_support, row.end_of_availability), []).append(row.family)
    for (patch, availability), families in pairs.items():
        yield answers.RowDates(patch, availability, tuple(families))


def _predecessors(
    version: FrameworkVersion, told: Told, targets: Sequence[str], known: Known, day: date
) -> tuple[answers.Predecessor, ...]:
    """Versions the channel watches that are deprecated or soon will be, the nearest date first."""
    watched = (v for v in known.versions if any(matching.covers(target, v) for target in targets))
    found = (_predecessor(other, version, known, day) for other in watched if other.name not in told.settled)
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.day, each.version)))


def _predecessor(
    other: FrameworkVersion, version: FrameworkVersion, known: Known, day: date
) -> answers.Predecessor | None:
    """The other version, where it is near its end and the new one is its successor."""
    ahead = next((found for found in lifecycle.milestones(other) if found.day >= day), None)
    state = lifecycle.version_state_on(day, other)
    if ahead is None or not (state is lifecycle.LifecycleState.DEPRECATED or lifecycle.is_soon(day, ahead.day)):
        return None
    successor = successors.advise(day, other, known.versions).successor
    if successor is None or successor.version.name != version.name:
        return None
    return answers.Predecessor(
        version=other.name,
        title=matching.title(other.name),
        state=state,
        milestone=ahead.milestone,
        day=ahead.day,
        differences=tuple((d.what, d.before, d.after) for d in successor.differences),
    )
