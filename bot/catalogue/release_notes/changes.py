"""A reading of the release notes beside what is stored of them: what is new, what was edited, and what is told.

Pure. An item is told for each version once, whether it names it at first, after an edit, or because the table lists
the version only later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.release_notes import mentions
from bot.catalogue.release_notes.feed import FeedItem
from storage.facts import FrameworkVersion, ReleaseNote

RECENT_PERIOD = timedelta(days=30)
"""How old an item may be to be told at the first reading, or because the table changed."""

ANNOUNCED_KINDS = frozenset({"breaking", "change", "deprecated", "feature"})
"""Kinds of items that channels hear of, in lower case; not what was fixed, nor known issues."""

MAX_TEXT_LENGTH = 20_000
"""Characters of an item that are kept and looked through."""

MAX_KIND_LENGTH = 40
_PRODUCT = "deep learning vm"
_MAX_URL_LENGTH = 500


class NoteChange(Struct, frozen=True):
    """An item that is to be stored, and the versions that are to be told of it."""

    note: ReleaseNote
    is_new: bool = False
    is_edited: bool = False
    """Whether it said something else before."""
    versions_to_announce: tuple[str, ...] = ()


def format_key(note: ReleaseNote) -> str:
    """What tells an item from others of its product: `2026-05-09 Breaking 1`."""
    return f"{note.day} {note.kind} {note.number}"


def select_dlvm(notes: Iterable[FeedItem]) -> tuple[FeedItem, ...]:
    """The items about Deep Learning VM images, where the feed is that of every product."""
    return tuple(note for note in notes if not note.product or note.product.casefold().startswith(_PRODUCT))


def to_facts(
    notes: Iterable[FeedItem], product: str, versions: Sequence[FrameworkVersion], now: datetime
) -> tuple[ReleaseNote, ...]:
    """Items of a feed with the versions that they are about; what a kind can't be is left out."""
    return tuple(
        ReleaseNote(
            product=product,
            day=note.day,
            kind=note.kind,
            number=note.number,
            milestone=note.milestone,
            text=note.text[:MAX_TEXT_LENGTH],
            text_hash=note.text_hash,
            url=note.url if len(note.url) <= _MAX_URL_LENGTH and note.url.isprintable() else "",
            versions=mentions.match_versions(note.text[:MAX_TEXT_LENGTH], versions),
            first_seen=now,
        )
        for note in notes
        if len(note.kind) <= MAX_KIND_LENGTH and note.kind.isprintable()
    )


def compare(
    notes: Iterable[ReleaseNote],
    before: Sequence[ReleaseNote],
    versions: Sequence[FrameworkVersion],
    now: datetime,
) -> tuple[NoteChange, ...]:
    """What a reading changes of the items stored before; these are held against the table again, too."""
    stored = {format_key(note): note for note in before}
    read = {format_key(note): note for note in notes}
    rest = [
        replace(n, versions=mentions.match_versions(n.text, versions)) for key, n in stored.items() if key not in read
    ]
    named, moved = _index_versions_by_text(before), _find_dropped_versions(read, before)
    changed = (
        _compare_note(
            note,
            stored.get(format_key(note)),
            named[note.day, note.text_hash] | moved[note.day],
            now,
            is_first=not before,
        )
        for note in (*read.values(), *rest)
    )
    return tuple(sorted(filter(None, changed), key=lambda one: (one.note.day, one.note.kind, one.note.number)))


def _find_dropped_versions(
    read: Mapping[str, ReleaseNote], before: Iterable[ReleaseNote]
) -> defaultdict[date, frozenset[str]]:
    """The versions that items of a day name no longer: where another one does, the item was parted or renumbered."""
    moved: defaultdict[date, frozenset[str]] = defaultdict(frozenset)
    days = {note.day for note in read.values()}
    for was in before:
        if was.day in days:
            still = read[format_key(was)].versions if format_key(was) in read else ()
            moved[was.day] |= frozenset(was.versions) - frozenset(still)
    return moved


def _index_versions_by_text(before: Iterable[ReleaseNote]) -> defaultdict[tuple[date, str], frozenset[str]]:
    """The versions that a text named on a day: an item above it can be added, and then its number is another one."""
    named: defaultdict[tuple[date, str], frozenset[str]] = defaultdict(frozenset)
    for note in before:
        named[note.day, note.text_hash] |= frozenset(note.versions)
    return named


def _compare_note(
    note: ReleaseNote, stored: ReleaseNote | None, named: frozenset[str], now: datetime, *, is_first: bool
) -> NoteChange | None:
    """What becomes of an item; None where it stands as it stood."""
    is_edited = stored is not None and stored.text_hash != note.text_hash
    if stored is not None:
        note = replace(note, first_seen=stored.first_seen, changed_at=now if is_edited else stored.changed_at)
        named |= frozenset(stored.versions)
        if note == stored:
            return None
    is_said_now = not is_first and (stored is None or is_edited)
    is_recent = note.day >= now.date() - RECENT_PERIOD
    told = note.kind.casefold() in ANNOUNCED_KINDS and (is_recent or is_said_now)
    tell = tuple(name for name in note.versions if name not in named) if told else ()
    return NoteChange(note, stored is None, is_edited, tell)
