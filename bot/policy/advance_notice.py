"""How much notice the release notes gave: which of them first told of a version's end."""

import re
from collections.abc import Callable, Iterable

from storage.facts import ReleaseNote

VersionMatcher = Callable[[str], bool]
"""Whether a text names the version."""

_ENDING_KINDS = frozenset({"breaking", "deprecated"})
"""Kinds of items, in lower case, that tell of ends whatever their words."""

_END_PHRASE = re.compile(
    r"deprecat|\bends? of (?:its |their )?(?:patch|support|availability|life)"
    r"|no longer (?:be )?(?:supported|available)",
    re.IGNORECASE,
)
_FAMILY_NAME = re.compile(r"(?<![\w/.-])(?:pytorch|tf2?|common)-[a-z0-9-]+", re.IGNORECASE)
"""A family's name: that it is deprecated may mean that its version goes by another name from then on."""


def find_first(notes: Iterable[ReleaseNote], is_about_version: VersionMatcher) -> ReleaseNote | None:
    """The first item that tells of the version's end; None where none did."""
    found = (note for note in notes if _announces_end(note, is_about_version))
    return min(found, key=lambda note: (note.day, note.kind, note.number), default=None)


def _announces_end(note: ReleaseNote, is_about_version: VersionMatcher) -> bool:
    """Ends also hide in items about what is new: then the line has to say so of the version itself."""
    if note.kind.casefold() in _ENDING_KINDS:
        return is_about_version(note.text)
    return any(
        _END_PHRASE.search(line) and is_about_version(_FAMILY_NAME.sub("", line)) for line in note.text.splitlines()
    )
