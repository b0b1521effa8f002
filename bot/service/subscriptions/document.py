"""The YAML document that holds a channel's subscriptions and settings, so that a team can keep them in git."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.service.subscriptions.setting_table import NAMES, SettingValue

if TYPE_CHECKING:
    import yaml

MAX_LENGTH = 20_000
"""Characters, enough for hundreds of subscriptions."""

MAX_DEPTH = 3
"""Levels of nesting."""

MAX_TARGETS = 500

_KEYS = ("version", "subscriptions", "settings")
_VERSION = "1"


class Document(Struct, frozen=True):
    """A parsed document. A part that is None or empty leaves the channel as it is."""

    subscriptions: tuple[str, ...] | None = None
    """Names as written; an empty tuple removes every subscription."""
    settings: tuple[SettingValue, ...] = ()


class DocumentError(ValueError):
    """An invalid document, with an error message for the user."""


def dump(targets: Sequence[str], settings: Mapping[str, str]) -> str:
    """Return the document as YAML that any YAML parser reads."""
    import yaml  # noqa: PLC0415 - slow to import, and only an export or import needs it

    content = {"version": int(_VERSION), "subscriptions": sorted(targets), "settings": dict(settings)}
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=200)


def parse(text: str) -> Document:
    """Parse a document. Raises DocumentError if it is invalid; names and values are not resolved here."""
    if len(text) > MAX_LENGTH:
        raise DocumentError(f"The document is {len(text):,} characters long; the maximum is {MAX_LENGTH:,}.")
    content = _parse_yaml(text)
    if not isinstance(content, dict):
        raise DocumentError("The document must be a mapping with `subscriptions` and `settings`.")
    unknown = [key for key in content if key not in _KEYS]
    if unknown:
        raise DocumentError(f"Unknown key “{unknown[0][:60]}”. Use {', '.join(_KEYS[:-1])} or {_KEYS[-1]}.")
    if content.get("version", _VERSION) != _VERSION:
        raise DocumentError(
            f"Unsupported document version “{str(content['version'])[:20]}”: dlvm reads version {_VERSION}."
        )
    if not content.keys() & {"subscriptions", "settings"}:
        raise DocumentError("The document is empty: add `subscriptions` or `settings`.")
    return Document(_parse_subscriptions(content), _parse_settings(content))


def _parse_subscriptions(content: dict[str, object]) -> tuple[str, ...] | None:
    if "subscriptions" not in content:
        return None
    names = content["subscriptions"] or []
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise DocumentError("`subscriptions` must be a list of names, like `- pytorch-2.7`, or `[]` for none.")
    if len(names) > MAX_TARGETS:
        raise DocumentError(f"The document lists {len(names)} subscriptions; the maximum is {MAX_TARGETS}.")
    return tuple(dict.fromkeys(name.strip() for name in names))


def _parse_settings(content: dict[str, object]) -> tuple[SettingValue, ...]:
    settings = content.get("settings") or {}
    if not isinstance(settings, dict):
        raise DocumentError("`settings` must be a mapping, like `hour: 09:30`.")
    for name, value in settings.items():
        if name not in NAMES:
            raise DocumentError(f"Unknown setting “{name[:60]}”. Settings: {', '.join(NAMES)}.")
        if not isinstance(value, str):
            raise DocumentError(f"`{name}` must be a single value, not a list.")
    return tuple((name, str(value)) for name, value in settings.items())


def _parse_yaml(text: str) -> object:
    """Return the mappings, lists and strings of a YAML text. Raises DocumentError.

    Each scalar stays the string that was written, so that `NO` is a country, `on` a word and `10:30` a time.
    """
    import yaml  # noqa: PLC0415 - slow to import, and only an export or import needs it

    try:
        _reject_unsupported(text)
        return _to_plain(yaml.compose(text, yaml.SafeLoader))
    except DocumentError:
        raise
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark is not None else ""
        raise DocumentError(f"Invalid YAML{where}. `/dlvm export` shows the format.") from error


def _reject_unsupported(text: str) -> None:
    """Raise DocumentError for anchors, aliases, tags and deep nesting, before a node is built from them."""
    import yaml  # noqa: PLC0415 - slow to import, and only an export or import needs it

    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        is_start = isinstance(event, yaml.CollectionStartEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise DocumentError("Anchors, aliases and tags aren’t supported: write each value out.")
        depth += is_start - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise DocumentError(f"The document is nested too deeply: use at most {MAX_DEPTH} levels.")


def _to_plain(node: "yaml.Node | None") -> object:
    if node is None:
        return None
    match node.tag.rpartition(":")[2]:
        case "map":
            return _to_plain_mapping(node)
        case "seq":
            return [_to_plain(item) for item in node.value]
        case _:
            return str(node.value)


def _to_plain_mapping(node: "yaml.Node") -> dict[str, object]:
    mapping: dict[str, object] = {}
    for key, value in node.value:
        name = _to_plain(key)
        if not isinstance(name, str):
            raise DocumentError("Each key must be a plain word.")
        if name in mapping:
            raise DocumentError(f"Duplicate key “{name[:60]}”.")
        mapping[name] = _to_plain(value)
    return mapping
