"""A channel's subscriptions and settings as a YAML document that people keep in git: written, and read."""

from collections.abc import Mapping, Sequence

import yaml
from msgspec import Struct

from bot.service.subscriptions import setting_values

MAX_LENGTH = 20_000
"""Characters; hundreds of subscriptions fit."""

MAX_DEPTH = 3
MAX_TARGETS = 500

_KEYS = ("version", "subscriptions", "settings")
VERSION = "1"


class Document(Struct, frozen=True):
    """What a document says; None for what it leaves as it is."""

    subscriptions: tuple[str, ...] | None = None
    settings: tuple[setting_values.SettingValue, ...] = ()


class DocumentError(ValueError):
    """The document can't be read; the sentence says why."""


def dump(targets: Sequence[str], settings: Sequence[setting_values.SettingValue]) -> str:
    """The document, that any YAML reader takes alike."""

    content = {"version": int(VERSION), "subscriptions": sorted(targets), "settings": dict(settings)}
    return _dump_yaml(content)


def parse(text: str) -> Document:
    """What the document says; raises DocumentError."""
    if len(text) > MAX_LENGTH:
        raise DocumentError(f"That is {len(text):,} characters long; at most {MAX_LENGTH:,} are read.")
    content = _parse_mapping(text)
    unknown = [key for key in content if key not in _KEYS]
    if unknown:
        raise DocumentError(f"“{unknown[0][:60]}” is not a key dlvm knows: there are {', '.join(_KEYS)}.")
    if content.get("version", VERSION) != VERSION:
        raise DocumentError(f"The document says it is version “{str(content['version'])[:20]}”; this dlvm reads 1.")
    if not content.keys() & {"subscriptions", "settings"}:
        raise DocumentError("The document has neither `subscriptions` nor `settings`, so it says nothing.")
    return Document(_parse_subscriptions(content), _parse_settings(content))


def _parse_mapping(text: str) -> dict[str, object]:

    try:
        content = _parse_yaml(text, MAX_DEPTH)
    except PlainYamlError as error:
        raise DocumentError(str(error)) from error
    if not isinstance(content, dict):
        raise DocumentError("The document has to be a mapping with `subscriptions` and `settings`.")
    return content


def _parse_subscriptions(content: dict[str, object]) -> tuple[str, ...] | None:
    if "subscriptions" not in content:
        return None
    listed = content["subscriptions"] or []
    if not isinstance(listed, list) or not all(isinstance(each, str) and each.strip() for each in listed):
        raise DocumentError("`subscriptions` has to be a list of names, like `- pytorch-2.7`; `[]` for none.")
    if len(listed) > MAX_TARGETS:
        raise DocumentError(f"That lists {len(listed)} subscriptions; at most {MAX_TARGETS}.")
    return tuple(dict.fromkeys(each.strip() for each in listed))


def _parse_settings(content: dict[str, object]) -> tuple[setting_values.SettingValue, ...]:
    given = content.get("settings") or {}
    if not isinstance(given, dict):
        raise DocumentError("`settings` has to be a mapping, like `hour: 09:30`.")
    for name, value in given.items():
        if name not in setting_values.NAMES:
            known = ", ".join(setting_values.NAMES)
            raise DocumentError(f"“{name[:60]}” is not a setting: there are {known}.")
        if not isinstance(value, str):
            raise DocumentError(f"`{name}` has to be one word or phrase, not a list.")
    return tuple((name, str(value)) for name, value in given.items())


class PlainYamlError(ValueError):
    """The text is no such document; the sentence says why."""


def _dump_yaml(content: Mapping[str, object]) -> str:
    """The text, that any YAML reader takes alike."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=200)


def _parse_yaml(text: str, max_depth: int) -> object:
    """The mappings, lists and words of a text nested at most so deep; raises NotPlainError."""
    try:
        _reject_unsupported(text, max_depth)
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, PlainYamlError):
            raise
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark is not None else ""
        raise PlainYamlError(f"That is not YAML{where}: `/dlvm export` shows how it looks.") from error
    return _to_plain(node)


def _reject_unsupported(text: str, max_depth: int) -> None:
    """Refuses what a plain document has no use for, before anything is built of it."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        opens = isinstance(event, yaml.CollectionStartEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise PlainYamlError("Anchors, aliases and tags are not read: write the words out.")
        depth += opens - isinstance(event, yaml.CollectionEndEvent)
        if depth > max_depth:
            raise PlainYamlError(f"The document is nested more than {max_depth} deep.")


def _to_plain(node: yaml.Node | None) -> object:
    match node:
        case yaml.ScalarNode():
            return str(node.value)
        case yaml.SequenceNode():
            return [_to_plain(each) for each in node.value]
        case yaml.MappingNode():
            return _to_plain_mapping(node)
        case _:
            return None


def _to_plain_mapping(node: yaml.MappingNode) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in node.value:
        name = _to_plain(key)
        if not isinstance(name, str):
            raise PlainYamlError("A key has to be a word.")
        if name in found:
            raise PlainYamlError(f"“{name[:60]}” stands in it twice.")
        found[name] = _to_plain(value)
    return found
