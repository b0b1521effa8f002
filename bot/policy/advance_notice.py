"""How much notice the release notes gave before a version's end."""

import re
from collections.abc import Callable, Iterable

from storage.facts import ReleaseNote

VersionMatcher = Callable[[str], bool]
"""A check that is true of texts that name one version."""

_ENDING_KINDS = frozenset({"breaking", "deprecated"})
"""Item kinds, in lower case, that announce an end regardless of their wording."""

_END_PHRASE = re.compile(
    r"deprecat|\bends? of (?:its |their )?(?:patch|support|availability|life)"
    r"|no longer (?:be )?(?:supported|available)",
    re.IGNORECASE,
)
_FAMILY_NAME = re.compile(r"(?<![\w/.-])(?:pytorch|tf2?|common)-[a-z0-9-]+", re.IGNORECASE)
"""An image family name. A family can be deprecated while its version continues under another name."""


def find_first(notes: Iterable[ReleaseNote], is_about_version: VersionMatcher) -> ReleaseNote | None:
    """Return the first item that announces the version's end, or None."""
    announcements = (note for note in notes if _announces_end(note, is_about_version))
    return min(announcements, key=lambda note: (note.day, note.kind, note.number), default=None)


def _announces_end(note: ReleaseNote, is_about_version: VersionMatcher) -> bool:
    """Return True if the item announces the version's end.

    Items of other kinds can announce an end too. They count only if one line has the announcement and the version,
    named other than by an image family.
    """
    if note.kind.casefold() in _ENDING_KINDS:
        return is_about_version(note.text)
    return any(
        _END_PHRASE.search(line) and is_about_version(_FAMILY_NAME.sub("", line)) for line in note.text.splitlines()
    )
