"""The table of verbs, and the parser for the text after /dlvm. It accepts any case and spacing, and synonyms."""

import unicodedata
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from bot.commands import arguments, model
from bot.commands.model import Command, ShowHelp
from bot.policy.names import mentions
from bot.policy.names.parsed_names import RelatedVersion, UnknownName
from bot.policy.names.parser import parse_name

MAX_TEXT_LENGTH = 1_000
"""Characters, enough for 40 image names."""


class Verb(Struct, frozen=True):
    """A word that starts a command, and what it means."""

    words: str
    """The verb and its synonyms."""
    parse: Callable[[str], Command]
    usage: dict[str, str]
    """Examples for the help with their meanings. Each works when copied."""


def _build_question(words: str, build: Callable[[str], Command], meaning: str) -> Verb:
    example = f"/dlvm {words.split(maxsplit=1)[0]} pytorch-2.7"
    parse_version = partial(arguments.parse_text, build, f"Name a version, e.g. `{example}`.")
    return Verb(words, parse_version, {example: meaning})


_UNSUBSCRIBE_HINT = "Name what to unsubscribe from, e.g. `/dlvm unsubscribe pytorch-2.7`."

VERBS = (
    _build_question("status show check when", model.ShowStatus, "current status, and the version to upgrade to"),
    _build_question("successor upgrade", model.ShowSuccessor, "only the version to upgrade to, and what changes"),
    _build_question("history story", model.ShowHistory, "date changes, announcements, and how much notice they gave"),
    Verb(
        "list ls versions",
        arguments.parse_list,
        {
            "/dlvm list": "all versions by state; also `list tensorflow all`",
            "/dlvm status dlc:pytorch-2.4": "status on a related product; `list dlc`, `vertex`, `colab` … lists its"
            " versions",
        },
    ),
    Verb(
        "upcoming next",
        partial(arguments.parse_window, model.ShowUpcomingDates, "upcoming"),
        {"/dlvm upcoming 180d": "upcoming dates, and this channel’s next reminders"},
    ),
    Verb(
        "preview forecast",
        partial(arguments.parse_window, model.ShowPreview, "preview"),
        {"/dlvm preview": "messages this channel will get, and skipped reminders with reasons"},
    ),
    Verb(
        "subscribe sub watch",
        lambda rest: model.Subscribe(rest) if rest else model.OpenSubscribeForm(),
        {"/dlvm subscribe pytorch-2.7 tf-2.17": "get reminders in this channel; also `pytorch` or `all`"},
    ),
    Verb(
        "unsubscribe unsub unwatch",
        partial(arguments.parse_text, model.Unsubscribe, _UNSUBSCRIBE_HINT),
        {"/dlvm unsubscribe pytorch-2.7": "stop reminders; also `pytorch-*` or `all`"},
    ),
    Verb(
        "subscriptions subs watching",
        arguments.parse_subscriptions,
        {
            "/dlvm subscriptions": "this channel’s subscriptions and next reminders",
            "/dlvm subscriptions all": "subscriptions in every channel you can see",
        },
    ),
    Verb(
        "team teams",
        arguments.parse_team,
        {"/dlvm team": "teams of channels and their progress; `team create ml-platform` creates one"},
    ),
    Verb("permissions permission", arguments.parse_permissions, {"/dlvm permissions": "who can change subscriptions"}),
    Verb(
        "audit",
        partial(arguments.parse_page, model.ShowAudit, "audit"),
        {"/dlvm audit": "changes in this channel: who, what and when"},
    ),
    Verb(
        "export",
        lambda _: model.Export(),
        {"/dlvm export": "this channel’s subscriptions and settings as YAML; `import` imports it"},
    ),
    Verb("import", lambda _: model.OpenImportForm(), {}),
    Verb(
        "settings setting set",
        arguments.parse_settings,
        {"/dlvm settings zone Asia/Taipei hour 09:30": "when and how this channel gets reminders"},
    ),
    Verb(
        "help ?",
        lambda _: ShowHelp(),
        {
            "@dlvm when does pytorch 2.7 end?": "ask in a channel, a thread or a direct message",
            "/dlvm help": "this help",
        },
    ),
)
_VERBS_BY_WORD = {word: verb for verb in VERBS for word in verb.words.split()}


class CheckText(Struct, frozen=True):
    """Check every image named in a text."""

    text: str


def parse(text: str) -> Command:
    """Parse the text after /dlvm. Text that isn't understood becomes ShowHelp with a reason; never raises."""
    if len(text) > MAX_TEXT_LENGTH:
        return ShowHelp(f"That text is {len(text):,} characters long, and the limit is {MAX_TEXT_LENGTH:,}.")
    words = _normalise(text)
    if not words:
        return ShowHelp()
    word, _, rest = words.partition(" ")
    verb = _VERBS_BY_WORD.get(word.lower().rstrip(":"))
    return verb.parse(rest.strip()) if verb else _parse_bare_name(words)


def parse_sentence(text: str) -> Command | CheckText:
    """Return the command for a sentence: as typed, or for the only name in it, or a check of several. Never raises."""
    command = parse(text)
    if not _is_sentence(command):
        return command
    names = mentions.find(text)
    if len(names) > 1:
        return CheckText(text)
    if not names:
        return command
    name = names[0].parsed.text if isinstance(names[0].parsed, RelatedVersion) else names[0].name
    return model.ShowSuccessor(name) if isinstance(command, model.ShowSuccessor) else model.ShowStatus(name)


def _is_sentence(command: Command) -> bool:
    """Return True if the words after the verb are not a name, as in `when does pytorch 2.7 end?`."""
    match command:
        case model.ShowStatus(text=text) | model.ShowSuccessor(text=text) | model.ListVersions(framework=text):
            return bool(text) and isinstance(parse_name(text), UnknownName)
        case ShowHelp(reason=reason):
            return bool(reason)
        case _:
            return False


def _parse_bare_name(text: str) -> Command:
    if isinstance(parse_name(text), UnknownName):
        return ShowHelp(f"dlvm doesn’t understand “{arguments.shorten(text)}”.")
    return model.ShowStatus(text)


def _normalise(text: str) -> str:
    """Return the text with single spaces, without the control and format characters of phones and copied text."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    visible = "".join(c for c in spaced if unicodedata.category(c) not in {"Cf", "Cs"})
    return " ".join(visible.split())
