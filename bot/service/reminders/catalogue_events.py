"""What a channel is told of events: judged anew when it is sent, with the dates as they stand that day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import dependencies, lifecycle, successors
from bot.policy import versions as matching
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import catalogue, catalogue_history
from storage.facts import (
    ALL,
    CatalogueEvent,
    Decision,
    DecisionKind,
    EventKind,
    FrameworkVersion,
    ImageFamily,
    MessageKind,
    OutboxEntry,
    PrintedDate,
    Reminder,
)

Skipped = tuple[OutboxEntry, str]
"""An entry that is not to be sent, and why."""

_SORT_ORDER = (
    EventKind.DEPENDENCY_CHANGED,
    EventKind.OVERRIDE_CONFLICT,
    EventKind.VANISHED,
    EventKind.FILLED_IN,
    EventKind.ARRIVED,
    EventKind.RETURNED,
    EventKind.RELEASE_NOTE,
)
"""What may break something comes first."""


class EventContext(Struct, frozen=True):
    """The events that entries are about, and which rows are not listed at present."""

    events: Mapping[int, CatalogueEvent] = field(default_factory=dict)
    vanished: frozenset[tuple[str, str]] = frozenset()
    """Product and family."""
    migrated: frozenset[str] = frozenset()
    """Versions that the channel has migrated from."""


def is_event(reminder: Reminder) -> bool:
    """Whether it tells of an event."""
    return reminder.kind in (MessageKind.EVENT, MessageKind.RELEASE_NOTE)


def load_context(session: Session, entries: Iterable[OutboxEntry], decisions: Iterable[Decision]) -> EventContext:
    """What is known of the events among a channel's entries, by what it has decided."""
    numbers = sorted({entry.reminder.rung for entry in entries if is_event(entry.reminder)})
    found = [
        event for event in (catalogue_history.find_event(session, number) for number in numbers) if event is not None
    ]
    products = {event.product for event in found}
    gone = {(product, family) for product in products for family in catalogue.list_vanished(session, product)}
    settled = frozenset(each.version for each in decisions if each.kind is DecisionKind.MIGRATED)
    return EventContext({event.event_id: event for event in found}, frozenset(gone), settled)


def find_skip_reason(reminder: Reminder, context: EventContext, version: FrameworkVersion) -> str:
    """Why an event is not to be told; empty where it is still so."""
    event = context.events.get(reminder.rung)
    if event is None:
        return "nothing is known of it any more"
    rows = [row for row in version.families if row.family in event.families]
    match event.kind:
        case EventKind.ARRIVED | EventKind.RETURNED:
            return "" if _list_present(event, context) else "it is no longer listed"
        case EventKind.VANISHED:
            return "" if _list_vanished(event, context) else "it is listed again"
        case EventKind.FILLED_IN:
            milestone = event.milestone
            same = milestone is not None and any(row.get_date(milestone).day == event.day for row in rows)
            return "" if same else "the date has moved since"
        case EventKind.DEPENDENCY_CHANGED:
            same = any(
                dependencies.get_printed_value(event.details["what"], row) == event.details["after"] for row in rows
            )
            return "" if same else "it was replaced again since"
        case _:
            return ""


def find_redundant(entries: Iterable[OutboxEntry], skipped: Iterable[Skipped], context: EventContext) -> list[Skipped]:
    """News that are still so and tell nothing: of a loss nobody here heard of, or the same that another one tells."""
    of = context.events
    kept = [entry for entry in entries if is_event(entry.reminder)]
    unheard = {
        family
        for entry, _ in skipped
        if is_event(entry.reminder) and (event := of.get(entry.reminder.rung)) and event.kind is EventKind.VANISHED
        for family in event.families
    }
    found: list[Skipped] = []
    said: set[tuple[object, ...]] = set()
    for entry in sorted(kept, key=lambda each: -each.reminder.rung):
        event = of[entry.reminder.rung]
        if event.kind is EventKind.RETURNED and unheard.issuperset(event.families):
            found.append((entry, "nobody here heard that it had vanished"))
        elif (same := _get_content_key(event)) in said:
            found.append((entry, "a later one says the same"))
        else:
            said.add(same)
    return found


def _get_content_key(event: CatalogueEvent) -> tuple[object, ...]:
    return event.kind, event.version, event.families, event.milestone, event.day, *sorted(event.details.items())


def build_lines(
    entries: Iterable[OutboxEntry],
    context: EventContext,
    targets: Sequence[str],
    snapshot: CatalogueSnapshot,
    day: date,
) -> tuple[answers.EventLine, ...]:
    """A line for each event, those of one version together, what may break something first."""
    found = [
        _build_line(event, version, context, targets, snapshot, day)
        for entry in entries
        if is_event(entry.reminder)
        and (event := context.events.get(entry.reminder.rung)) is not None
        and (version := snapshot.find(event.version)) is not None
    ]
    found = list(_merge_notes(sorted(found, key=_get_version_sort_key)))
    first: dict[str, int] = {}
    for line in found:
        first[line.version] = min(first.get(line.version, len(_SORT_ORDER)), _SORT_ORDER.index(line.kind))
    return tuple(
        sorted(found, key=lambda n: (first[n.version], _get_version_sort_key(n), _SORT_ORDER.index(n.kind), n.event_id))
    )


def _merge_notes(found: Iterable[answers.EventLine]) -> Iterator[answers.EventLine]:
    """One line for each item of the release notes, however many versions it is about; the rest as they are."""
    items: dict[str, list[answers.EventLine]] = {}
    for line in found:
        items.setdefault(line.note_key or str(line.event_id), []).append(line)
    for same in items.values():
        yield replace(same[0], other_titles=tuple(line.title for line in same[1:]))


def _get_version_sort_key(line: answers.EventLine) -> tuple[str, tuple[int, ...]]:
    framework, _, number = line.version.partition("-")
    return framework, tuple(-part for part in matching.get_sort_key(number))


def _build_line(
    event: CatalogueEvent,
    version: FrameworkVersion,
    context: EventContext,
    targets: Sequence[str],
    snapshot: CatalogueSnapshot,
    day: date,
) -> answers.EventLine:
    still = _list_vanished(event, context) if event.kind is EventKind.VANISHED else _list_present(event, context)
    families = still or event.families
    rows = [row for row in version.families if row.family in families]
    is_new_version = "is_new_version" in event.details
    every_row = {(row.product, row.family) for row in version.families}
    return answers.EventLine(
        event_id=event.event_id,
        kind=event.kind,
        version=version.name,
        title=matching.format_title(version.name),
        families=families,
        found_on=event.found_at.date(),
        target=_find_target(version, targets),
        dates=tuple(_group_dates(rows)),
        milestone=event.milestone,
        day=event.day or _parse_day(event.details.get("note_day", "")),
        is_new_version=is_new_version,
        is_whole_version=every_row <= context.vanished,
        dependencies=tuple(dependencies.list_dependencies(rows)),
        subject=event.details.get("what", event.details.get("note_kind", "")),
        before=event.details.get("before", ""),
        after=event.details.get("after", ""),
        replaced_families=tuple(filter(None, event.details.get("instead_of", "").split(","))),
        predecessors=_list_predecessors(version, context, targets, snapshot, day) if is_new_version else (),
        text=event.details.get("text", ""),
        url=event.source_url,
        note_key=event.details.get("note", ""),
    )


def _parse_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _list_vanished(event: CatalogueEvent, context: EventContext) -> tuple[str, ...]:
    return tuple(family for family in event.families if (event.product, family) in context.vanished)


def _list_present(event: CatalogueEvent, context: EventContext) -> tuple[str, ...]:
    return tuple(family for family in event.families if (event.product, family) not in context.vanished)


def _find_target(version: FrameworkVersion, targets: Sequence[str]) -> str:
    """The narrowest target that covers the version; its name where none does any more."""
    return next((name for name in (version.name, version.framework, ALL) if name in targets), version.name)


def _group_dates(rows: Iterable[ImageFamily]) -> Iterator[answers.RowDates]:
    pairs: dict[tuple[PrintedDate, PrintedDate], list[str]] = {}
    for row in rows:
        pairs.setdefault((row.end_of_patch_and_support, row.end_of_availability), []).append(row.family)
    for (patch, availability), families in pairs.items():
        yield answers.RowDates(patch, availability, tuple(families))


def _list_predecessors(
    version: FrameworkVersion, context: EventContext, targets: Sequence[str], snapshot: CatalogueSnapshot, day: date
) -> tuple[answers.Predecessor, ...]:
    """Versions the channel watches that are deprecated or soon will be, the nearest date first."""
    watched = (v for v in snapshot.versions if any(matching.covers(target, v) for target in targets))
    found = (
        _build_predecessor(other, version, snapshot, day) for other in watched if other.name not in context.migrated
    )
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.day, each.version)))


def _build_predecessor(
    other: FrameworkVersion, version: FrameworkVersion, snapshot: CatalogueSnapshot, day: date
) -> answers.Predecessor | None:
    """The other version, where it is near its end and the new one is its successor."""
    ahead = next((found for found in lifecycle.list_milestones(other) if found.day >= day), None)
    state = lifecycle.get_version_state(day, other)
    if ahead is None or not (state is lifecycle.LifecycleState.DEPRECATED or lifecycle.is_soon(day, ahead.day)):
        return None
    successor = successors.advise(day, other, snapshot.versions).successor
    if successor is None or successor.version.name != version.name:
        return None
    return answers.Predecessor(
        version=other.name,
        title=matching.format_title(other.name),
        state=state,
        milestone=ahead.milestone,
        day=ahead.day,
        differences=tuple((d.name, d.before, d.after) for d in successor.differences),
    )
