"""The event lines of a channel's message, checked against the catalogue on the day they are sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import dependencies, lifecycle, successors
from bot.policy.versions import covers, format_title, get_sort_key
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import catalogue, catalogue_history
from storage.facts import (
    ALL,
    CatalogueChange,
    CatalogueEvent,
    DateFilledIn,
    Decision,
    DecisionKind,
    DependencyReplaced,
    FrameworkVersion,
    ImageFamily,
    MessageKind,
    OutboxEntry,
    OverrideConflict,
    PrintedDate,
    ReleaseNoteMention,
    Reminder,
    RowsArrived,
    RowsReturned,
    RowsVanished,
)

Skipped = tuple[OutboxEntry, str]
"""An entry that is not sent, and why."""

_SORT_ORDER: tuple[type[CatalogueChange], ...] = (
    DependencyReplaced,
    OverrideConflict,
    RowsVanished,
    DateFilledIn,
    RowsArrived,
    RowsReturned,
    ReleaseNoteMention,
)
"""Changes that can break something come first."""


class EventContext(Struct, frozen=True):
    """The events of a channel's entries, and what is needed to describe them."""

    events: Mapping[int, CatalogueEvent] = field(default_factory=dict)
    """By event id, which is the subject of the event's reminder."""
    vanished: frozenset[tuple[str, str]] = frozenset()
    """Product and family of each row that is not listed now."""
    migrated: frozenset[str] = frozenset()
    """Versions that the channel has migrated from."""


def is_event(reminder: Reminder) -> bool:
    """Return True if the reminder announces a catalogue event or a release note."""
    return reminder.kind in (MessageKind.EVENT, MessageKind.RELEASE_NOTE)


def load_context(session: Session, entries: Iterable[OutboxEntry], decisions: Iterable[Decision]) -> EventContext:
    """Load the events of a channel's entries."""
    event_ids = sorted({entry.reminder.subject_id for entry in entries if is_event(entry.reminder)})
    stored_events = (catalogue_history.find_event(session, event_id) for event_id in event_ids)
    events = {event.event_id: event for event in stored_events if event is not None}
    products = {event.change.product for event in events.values()}
    vanished = {(product, family) for product in products for family in catalogue.list_vanished(session, product)}
    migrated = frozenset(decision.version for decision in decisions if decision.kind is DecisionKind.MIGRATED)
    return EventContext(events, frozenset(vanished), migrated)


def find_skip_reason(reminder: Reminder, context: EventContext, version: FrameworkVersion) -> str:
    """Return why an event is not announced; empty if it still holds."""
    event = context.events.get(reminder.subject_id)
    if event is None:
        return "the event no longer exists"
    change = event.change
    rows = [row for row in version.families if row.family in change.families]
    match change:
        case RowsArrived() | RowsReturned():
            return "" if _list_present(change, context) else "no longer listed"
        case RowsVanished():
            return "" if _list_vanished(change, context) else "listed again"
        case DateFilledIn():
            is_current = any(row.get_date(change.milestone).day == change.day for row in rows)
            return "" if is_current else "the date has changed since"
        case DependencyReplaced():
            is_current = any(dependencies.get_value(change.dependency, row) == change.after for row in rows)
            return "" if is_current else "the dependency has changed again"
        case _:
            return ""


def find_redundant(entries: Iterable[OutboxEntry], skipped: Iterable[Skipped], context: EventContext) -> list[Skipped]:
    """Return the entries whose events hold but tell nothing new.

    These are returns of rows whose loss was never announced, and events that a later entry repeats.
    """
    unannounced_losses = {
        family
        for entry, _ in skipped
        if is_event(entry.reminder)
        and (event := context.events.get(entry.reminder.subject_id))
        and isinstance(event.change, RowsVanished)
        for family in event.change.families
    }
    redundant: list[Skipped] = []
    announced: set[CatalogueChange] = set()
    event_entries = [entry for entry in entries if is_event(entry.reminder)]
    for entry in sorted(event_entries, key=lambda entry: -entry.reminder.subject_id):
        change = context.events[entry.reminder.subject_id].change
        if isinstance(change, RowsReturned) and unannounced_losses.issuperset(change.families):
            redundant.append((entry, "its removal was never announced here"))
        elif change in announced:
            redundant.append((entry, "repeated by a later announcement"))
        else:
            announced.add(change)
    return redundant


def build_lines(
    entries: Iterable[OutboxEntry],
    context: EventContext,
    targets: Sequence[str],
    snapshot: CatalogueSnapshot,
    day: date,
) -> tuple[answers.EventLine, ...]:
    """Return a line for each event, grouped by version. Versions with events that can break something come first."""
    lines = [
        _build_line(event, version, context, targets, snapshot, day)
        for entry in entries
        if is_event(entry.reminder)
        and (event := context.events.get(entry.reminder.subject_id)) is not None
        and (version := snapshot.find(event.change.version)) is not None
    ]
    lines = list(_merge_notes(sorted(lines, key=_get_version_sort_key)))
    ranks: dict[str, int] = {}
    for line in lines:
        ranks[line.version] = min(ranks.get(line.version, len(_SORT_ORDER)), _get_rank(line))
    return tuple(
        sorted(
            lines,
            key=lambda line: (ranks[line.version], _get_version_sort_key(line), _get_rank(line), line.event_id),
        )
    )


def _get_rank(line: answers.EventLine) -> int:
    return _SORT_ORDER.index(type(line.change))


def _merge_notes(lines: Iterable[answers.EventLine]) -> Iterator[answers.EventLine]:
    """Yield one line for each release note, with the titles of all its versions; other lines stay unchanged."""
    lines_by_note: dict[str, list[answers.EventLine]] = {}
    for line in lines:
        key = line.change.note if isinstance(line.change, ReleaseNoteMention) else str(line.event_id)
        lines_by_note.setdefault(key, []).append(line)
    for first, *others in lines_by_note.values():
        yield replace(first, other_titles=tuple(line.title for line in others))


def _get_version_sort_key(line: answers.EventLine) -> tuple[str, tuple[int, ...]]:
    framework, _, number = line.version.partition("-")
    return framework, tuple(-part for part in get_sort_key(number))


def _build_line(
    event: CatalogueEvent,
    version: FrameworkVersion,
    context: EventContext,
    targets: Sequence[str],
    snapshot: CatalogueSnapshot,
    day: date,
) -> answers.EventLine:
    change = event.change
    current = _list_vanished(change, context) if isinstance(change, RowsVanished) else _list_present(change, context)
    families = current or change.families
    rows = [row for row in version.families if row.family in families]
    is_new_version = isinstance(change, RowsArrived) and change.is_new_version
    version_rows = {(row.product, row.family) for row in version.families}
    return answers.EventLine(
        event_id=event.event_id,
        change=change,
        title=format_title(version.name),
        families=families,
        found_on=event.found_at.date(),
        target=_find_target(version, targets),
        dates=tuple(_group_dates(rows)),
        is_whole_version=version_rows <= context.vanished,
        dependencies=tuple(dependencies.list_dependencies(rows)),
        predecessors=_list_predecessors(version, context, targets, snapshot, day) if is_new_version else (),
        url=event.source_url,
    )


def _list_vanished(change: CatalogueChange, context: EventContext) -> tuple[str, ...]:
    return tuple(family for family in change.families if (change.product, family) in context.vanished)


def _list_present(change: CatalogueChange, context: EventContext) -> tuple[str, ...]:
    return tuple(family for family in change.families if (change.product, family) not in context.vanished)


def _find_target(version: FrameworkVersion, targets: Sequence[str]) -> str:
    """Return the narrowest target that covers the version; the version's name if no target covers it any longer."""
    return next((name for name in (version.name, version.framework, ALL) if name in targets), version.name)


def _group_dates(rows: Iterable[ImageFamily]) -> Iterator[answers.RowDates]:
    families_by_dates: dict[tuple[PrintedDate, PrintedDate], list[str]] = {}
    for row in rows:
        families_by_dates.setdefault((row.end_of_patch_and_support, row.end_of_availability), []).append(row.family)
    for (patch, availability), families in families_by_dates.items():
        yield answers.RowDates(patch, availability, tuple(families))


def _list_predecessors(
    version: FrameworkVersion, context: EventContext, targets: Sequence[str], snapshot: CatalogueSnapshot, day: date
) -> tuple[answers.Predecessor, ...]:
    """Return the subscribed versions that end soon and have this version as successor, nearest date first."""
    subscribed = (other for other in snapshot.versions if any(covers(target, other) for target in targets))
    predecessors = (
        _build_predecessor(other, version, snapshot, day) for other in subscribed if other.name not in context.migrated
    )
    return tuple(sorted(filter(None, predecessors), key=lambda predecessor: (predecessor.day, predecessor.version)))


def _build_predecessor(
    other: FrameworkVersion, version: FrameworkVersion, snapshot: CatalogueSnapshot, day: date
) -> answers.Predecessor | None:
    """Return the other version if it is deprecated or ends soon and its successor is `version`; otherwise None."""
    upcoming = next((milestone for milestone in lifecycle.list_milestones(other) if milestone.day >= day), None)
    state = lifecycle.get_version_state(day, other)
    if upcoming is None or not (state is lifecycle.LifecycleState.DEPRECATED or lifecycle.is_soon(day, upcoming.day)):
        return None
    successor = successors.advise(day, other, snapshot.versions).successor
    if successor is None or successor.version.name != version.name:
        return None
    return answers.Predecessor(
        version=other.name,
        title=format_title(other.name),
        state=state,
        milestone=upcoming.milestone,
        day=upcoming.day,
        differences=tuple((d.name, d.before, d.after) for d in successor.differences),
    )
