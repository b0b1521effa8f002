"""Comparison of the feed with the stored release notes: new and edited items, and what to announce.

An item is announced once for each version: when it first names the version, after an edit, or when the catalogue lists
the version later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.release_notes import mentions
from bot.catalogue.release_notes.feed import FeedItem
from storage.facts import DLVM, FrameworkVersion, ReleaseNote

RECENT_PERIOD = timedelta(days=30)
"""Maximum age of an item announced at the first reading, or because the catalogue changed."""

ANNOUNCED_KINDS = frozenset({"breaking", "change", "deprecated", "feature"})
"""Kinds of items that are announced, in lower case. Fixes and known issues are not."""

MAX_TEXT_LENGTH = 20_000
"""Characters of an item that are stored and searched for versions."""

MAX_KIND_LENGTH = 40
_PRODUCT = "deep learning vm"
_MAX_URL_LENGTH = 500


class NoteChange(Struct, frozen=True):
    """An item to store, and the versions to announce it for."""

    note: ReleaseNote
    is_new: bool = False
    is_edited: bool = False
    """True if the text has changed."""
    versions_to_announce: tuple[str, ...] = ()


def format_key(note: ReleaseNote) -> str:
    """Return the item's key within its product, such as `2026-05-09 Breaking 1`."""
    return f"{note.day} {note.kind} {note.number}"


def select_dlvm(items: Iterable[FeedItem]) -> tuple[FeedItem, ...]:
    """Return the items about Deep Learning VM, in case the feed covers several products."""
    return tuple(item for item in items if not item.product or item.product.casefold().startswith(_PRODUCT))


def to_facts(items: Iterable[FeedItem], versions: Sequence[FrameworkVersion], now: datetime) -> tuple[ReleaseNote, ...]:
    """Return the items as facts, with the versions they mention. Items with an implausible kind are dropped."""
    return tuple(
        ReleaseNote(
            product=DLVM,
            day=item.day,
            kind=item.kind,
            number=item.number,
            milestone=item.milestone,
            text=item.text[:MAX_TEXT_LENGTH],
            text_hash=item.text_hash,
            url=item.url if len(item.url) <= _MAX_URL_LENGTH and item.url.isprintable() else "",
            versions=mentions.match_versions(item.text[:MAX_TEXT_LENGTH], versions),
            first_seen=now,
        )
        for item in items
        if len(item.kind) <= MAX_KIND_LENGTH and item.kind.isprintable()
    )


def compare(
    notes: Iterable[ReleaseNote],
    stored_notes: Sequence[ReleaseNote],
    versions: Sequence[FrameworkVersion],
    now: datetime,
) -> tuple[NoteChange, ...]:
    """Return the changes of a reading. Stored items missing from it are matched with the versions again."""
    stored = {format_key(note): note for note in stored_notes}
    read = {format_key(note): note for note in notes}
    rematched = [
        replace(note, versions=mentions.match_versions(note.text, versions))
        for key, note in stored.items()
        if key not in read
    ]
    versions_by_text = _index_versions_by_text(stored_notes)
    dropped_versions = _find_dropped_versions(read, stored_notes)
    note_changes = (
        _compare_note(
            note,
            stored.get(format_key(note)),
            versions_by_text[note.day, note.text_hash] | dropped_versions[note.day],
            now,
            is_first=not stored_notes,
        )
        for note in (*read.values(), *rematched)
    )
    return tuple(
        sorted(filter(None, note_changes), key=lambda change: (change.note.day, change.note.kind, change.note.number))
    )


def _find_dropped_versions(
    read: Mapping[str, ReleaseNote], stored_notes: Iterable[ReleaseNote]
) -> defaultdict[date, frozenset[str]]:
    """Return for each day the versions that its stored items named and no longer name.

    If another item of the day names them now, the item was split or renumbered, and they were announced before.
    """
    dropped: defaultdict[date, frozenset[str]] = defaultdict(frozenset)
    days = {note.day for note in read.values()}
    for stored in stored_notes:
        if stored.day in days:
            note = read.get(format_key(stored))
            dropped[stored.day] |= frozenset(stored.versions) - frozenset(note.versions if note else ())
    return dropped


def _index_versions_by_text(stored_notes: Iterable[ReleaseNote]) -> defaultdict[tuple[date, str], frozenset[str]]:
    """Return the versions named by each (day, text hash). The text identifies an item that was renumbered."""
    versions_by_text: defaultdict[tuple[date, str], frozenset[str]] = defaultdict(frozenset)
    for note in stored_notes:
        versions_by_text[note.day, note.text_hash] |= frozenset(note.versions)
    return versions_by_text


def _compare_note(
    note: ReleaseNote, stored: ReleaseNote | None, named_before: frozenset[str], now: datetime, *, is_first: bool
) -> NoteChange | None:
    is_edited = stored is not None and stored.text_hash != note.text_hash
    if stored is not None:
        note = replace(note, first_seen=stored.first_seen, changed_at=now if is_edited else stored.changed_at)
        named_before |= frozenset(stored.versions)
        if note == stored:
            return None
    is_news = not is_first and (stored is None or is_edited)
    is_recent = note.day >= now.date() - RECENT_PERIOD
    is_announced = note.kind.casefold() in ANNOUNCED_KINDS and (is_recent or is_news)
    new_versions = tuple(name for name in note.versions if name not in named_before) if is_announced else ()
    return NoteChange(note, stored is None, is_edited, new_versions)
