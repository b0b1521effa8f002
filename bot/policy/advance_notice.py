"""How much notice the release notes gave: which of them first told of a version's end."""

import re
from collections.abc import Callable, Iterable

from storage.facts import ReleaseNote

Names = Callable[[str], bool]
"""Whether a text names the version."""

_ENDS = frozenset({"breaking", "deprecated"})
"""Kinds of items, in lower case, that tell of ends whatever their words."""

_SAYS_SO = re.compile(
    r"deprecat|\bends? of (?:its |their )?(?:patch|support|availability|life)"
    r"|no longer (?:be )?(?:supported|available)",
    re.IGNORECASE,
)
_FAMILY = re.compile(r"(?<![\w/.-])(?:pytorch|tf2?|common)-[a-z0-9-]+", re.IGNORECASE)
"""A family's name: that it is deprecated may mean that its version goes by another name from then on."""


def first(notes: Iterable[ReleaseNote], names: Names) -> ReleaseNote | None:
    """The first item that tells of the version's end; None where none did."""
    found = (note for note in notes if _tells_of_the_end(note, names))
    return min(found, key=lambda note: (note.day, note.kind, note.number), default=None)


def _tells_of_the_end(note: ReleaseNote, names: Names) -> bool:
    """Ends also hide in items about what is new: then the line has to say so of the version itself."""
    if note.kind.casefold() in _ENDS:
        return names(note.text)
    return any(_SAYS_SO.search(line) and names(_FAMILY.sub("", line)) for line in note.text.splitlines())
