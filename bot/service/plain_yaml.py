"""YAML as plain documents need it: only mappings, lists and words.

No tags, anchors or aliases, whatever the parser could do with them, and every word as it stands (`NO` is a country,
`on` is a word, `10:30` an hour).
"""

from collections.abc import Mapping

import yaml


class NotPlainError(ValueError):
    """The text is no such document; the sentence says why."""


def write(content: Mapping[str, object]) -> str:
    """The text, that any YAML reader takes alike."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=200)


def read(text: str, deepest: int) -> object:
    """The mappings, lists and words of a text nested at most so deep; raises NotPlainError."""
    try:
        _vet(text, deepest)
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, NotPlainError):
            raise
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark is not None else ""
        raise NotPlainError(f"That is not YAML{where}: `/dlvm export` shows how it looks.") from error
    return _plain(node)


def _vet(text: str, deepest: int) -> None:
    """Refuses what a plain document has no use for, before anything is built of it."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        opens = isinstance(event, yaml.CollectionStartEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise NotPlainError("Anchors, aliases and tags are not read: write the words out.")
        depth += opens - isinstance(event, yaml.CollectionEndEvent)
        if depth > deepest:
            raise NotPlainError(f"The document is nested more than {deepest} deep.")


def _plain(node: yaml.Node | None) -> object:
    match node:
        case yaml.ScalarNode():
            return str(node.value)
        case yaml.SequenceNode():
            return [_plain(each) for each in node.value]
        case yaml.MappingNode():
            return _mapping(node)
        case _:
            return None


def _mapping(node: yaml.MappingNode) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in node.value:
        name = _plain(key)
        if not isinstance(name, str):
            raise NotPlainError("A key has to be a word.")
        if name in found:
            raise NotPlainError(f"“{name[:60]}” stands in it twice.")
        found[name] = _plain(value)
    return found
