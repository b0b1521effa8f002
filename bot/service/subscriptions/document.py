"""A channel's subscriptions and settings as a YAML document that people keep in git: written, and read."""

from collections.abc import Sequence

from msgspec import Struct

from bot.service.subscriptions import setting_values

LONGEST = 20_000
"""Characters; hundreds of subscriptions fit."""

DEEPEST = 3
MOST_TARGETS = 500

_KEYS = ("version", "subscriptions", "settings")
VERSION = "1"


class Document(Struct, frozen=True):
    """What a document says; None for what it leaves as it is."""

    subscriptions: tuple[str, ...] | None = None
    settings: tuple[setting_values.Wish, ...] = ()


class DocumentError(ValueError):
    """The document can't be read; the sentence says why."""


def write(targets: Sequence[str], settings: Sequence[setting_values.Wish]) -> str:
    """The document, that any YAML reader takes alike."""
    from bot.service import plain_yaml  # noqa: PLC0415 - the reader of YAML is slow to import, and seldom needed

    content = {"version": int(VERSION), "subscriptions": sorted(targets), "settings": dict(settings)}
    return plain_yaml.write(content)


def read(text: str) -> Document:
    """What the document says; raises DocumentError."""
    if len(text) > LONGEST:
        raise DocumentError(f"That is {len(text):,} characters long; at most {LONGEST:,} are read.")
    content = _content(text)
    unknown = [key for key in content if key not in _KEYS]
    if unknown:
        raise DocumentError(f"“{unknown[0][:60]}” is not a key dlvm knows: there are {', '.join(_KEYS)}.")
    if content.get("version", VERSION) != VERSION:
        raise DocumentError(f"The document says it is version “{str(content['version'])[:20]}”; this dlvm reads 1.")
    if not content.keys() & {"subscriptions", "settings"}:
        raise DocumentError("The document has neither `subscriptions` nor `settings`, so it says nothing.")
    return Document(_subscriptions(content), _settings(content))


def _content(text: str) -> dict[str, object]:
    from bot.service import plain_yaml  # noqa: PLC0415 - the same

    try:
        content = plain_yaml.read(text, DEEPEST)
    except plain_yaml.NotPlainError as error:
        raise DocumentError(str(error)) from error
    if not isinstance(content, dict):
        raise DocumentError("The document has to be a mapping with `subscriptions` and `settings`.")
    return content


def _subscriptions(content: dict[str, object]) -> tuple[str, ...] | None:
    if "subscriptions" not in content:
        return None
    listed = content["subscriptions"] or []
    if not isinstance(listed, list) or not all(isinstance(each, str) and each.strip() for each in listed):
        raise DocumentError("`subscriptions` has to be a list of names, like `- pytorch-2.7`; `[]` for none.")
    if len(listed) > MOST_TARGETS:
        raise DocumentError(f"That lists {len(listed)} subscriptions; at most {MOST_TARGETS}.")
    return tuple(dict.fromkeys(each.strip() for each in listed))


def _settings(content: dict[str, object]) -> tuple[setting_values.Wish, ...]:
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
