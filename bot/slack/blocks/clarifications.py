"""Answers that ask back, or say what is not there, drawn."""

from collections.abc import Sequence

from bot import answers
from bot.policy.products import split_prefix
from bot.policy.versions import format_title
from bot.slack.blocks import kit, phrases

USAGE = (
    ("/dlvm status pytorch-2.7", "how it stands today, and where to go from it"),
    ("/dlvm successor pytorch-2.7", "only where to go, and what changes on the way"),
    ("/dlvm history pytorch-2.7", "what happened to it: seen, moved, announced, and how much notice it got"),
    ("/dlvm list", "all versions by state; also `list tensorflow all`"),
    (
        "/dlvm status dlc:pytorch-2.4",
        "the same of a sister product; `list dlc`, `vertex`, `colab` … shows its versions",
    ),
    ("/dlvm upcoming 180d", "which dates come next, and this channel’s reminders"),
    ("/dlvm preview", "which message would come here when, and why others would not"),
    ("/dlvm subscribe pytorch-2.7 tf-2.17", "reminders in this channel; also `pytorch` or `all`"),
    ("/dlvm unsubscribe pytorch-2.7", "no more of them; also `pytorch-*` or `all`"),
    ("/dlvm subscriptions", "what this channel watches, by whom, what comes next"),
    ("/dlvm subscriptions all", "what every channel watches that you may see"),
    ("/dlvm team", "teams of channels, and how far each is; `team create ml-platform` makes one"),
    ("/dlvm permissions", "who may change what channels watch"),
    ("/dlvm audit", "who changed what here, and when"),
    ("/dlvm export", "this channel’s subscriptions and settings as YAML; `import` takes it back"),
    ("/dlvm settings zone Asia/Taipei hour 09:30", "when and how reminders come here"),
    ("@dlvm when does pytorch 2.7 end?", "the same questions in a channel, a thread or a direct message"),
    ("/dlvm help", "this"),
)
"""Each works as it stands when copied."""

_BESIDES = (
    "*On a reminder*, anybody who may change the channel says that it has migrated, acknowledges, snoozes, or names an"
    " owner; each can be taken back for ten minutes.\n"
    "*Home*, the tab of dlvm, shows what your channels watch and what needs a decision.\n"
    "*Check for DLVM images*, in the menu of any message, says how every image it names stands."
)


def render_help(answer: answers.Help) -> kit.Message:
    """Usage, with the reason first where something was not understood."""
    reason = [kit.section(kit.escape(answer.reason))] if answer.reason else []
    lines = [f"{kit.code(example)}\n   {meaning}" for example, meaning in USAGE]
    names = "A version is named as you like: `pytorch-2.7`, `tf 2.15`, `cu124`, an image family, a full image path."
    return kit.message(
        [*reason, kit.header("What dlvm answers"), *kit.paragraphs(lines), kit.section(_BESIDES), kit.context(names)]
    )


def render_which_framework(answer: answers.WhichFramework) -> kit.Message:
    """A bare number that several frameworks have."""
    text = f"{kit.code(answer.number)} is a version of more than one framework. Which one?"
    return kit.message(
        [kit.section(text), _choices(answer.versions, answer.verb), kit.context(_typed(answer.versions, answer.verb))]
    )


def render_did_you_mean(answer: answers.DidYouMean) -> kit.Message:
    """Names close to what was written."""
    text = f"“{kit.escape(answer.query[:80])}” is not a name in the catalogue. Did you mean {_or(answer.suggestions)}?"
    return kit.message(
        [
            kit.section(text),
            _choices(answer.suggestions, answer.verb),
            kit.context(_typed(answer.suggestions, answer.verb)),
        ]
    )


def render_not_in_catalogue(answer: answers.NotInCatalogue) -> kit.Message:
    """A version the table does not list."""
    text = f"{kit.code(answer.query)} is not in the catalogue, which is not to say that no such image exists."
    near = f" The versions next to it are {_and(answer.neighbours)}." if answer.neighbours else ""
    there = f" Elsewhere the same version has dates: {_and(answer.sister_versions)}." if answer.sister_versions else ""
    names = (*answer.neighbours, *answer.sister_versions)
    rows = [_choices(names, "status")] if names else []
    product, _ = split_prefix(answer.query)
    every = kit.code(f"/dlvm list {product} all" if product else "/dlvm list all")
    return kit.message(
        [
            kit.section(text + near + there),
            *rows,
            kit.context(f"{every} shows every version. {phrases.format_source(answer.source)}"),
        ]
    )


def render_rolling_family(answer: answers.RollingFamily) -> kit.Message:
    """A `latest` family."""
    text = (
        f"{kit.code(answer.query[:100])} moves: it resolves to whatever is newest, or to nothing any more, so it has no"
        " dates of its own. Name a version instead."
    )
    rows = [_choices(answer.suggestions, "status")] if answer.suggestions else []
    return kit.message([kit.section(text), *rows])


def render_other_product(answer: answers.OtherProduct) -> kit.Message:
    """An image whose dates are not in this table, or that can only be asked about."""
    if answer.dates_command:
        return _only_dated(answer)
    text = f"{kit.code(answer.query[:100])} is {kit.escape(answer.product)}, whose dates are not in this table."
    near = (
        f" The plain Deep Learning VM version is {phrases.format_version(answer.dlvm_version)}."
        if answer.dlvm_version
        else ""
    )
    rows = [_choices((answer.dlvm_version,), "status")] if answer.dlvm_version else []
    return kit.message([kit.section(text + near), *rows])


def _only_dated(answer: answers.OtherProduct) -> kit.Message:
    text = (
        f"{kit.code(answer.query[:100])} is {kit.escape(answer.product)}, and only Deep Learning VM versions can be"
        f" watched. {kit.code(f'/dlvm {answer.dates_command}')} shows its dates"
    )
    plain = f"/dlvm subscribe {answer.dlvm_version}"
    near = f"; {kit.code(plain)} watches the Deep Learning VM version of that number" if answer.dlvm_version else ""
    verb, _, name = answer.dates_command.partition(" ")
    return kit.message([kit.section(f"{text}{near}."), _choices((name,), verb)])


def _choices(names: Sequence[str], verb: str) -> kit.Block:
    """A button for each name; it asks again with the same verb."""
    return kit.actions(
        kit.button(name, f"ask_{number}", f"{verb} {name}", description=f"{verb.capitalize()} {format_title(name)}")
        for number, name in enumerate(names[:5])
    )


def _typed(names: Sequence[str], verb: str) -> str:
    return "Or type " + _or(tuple(f"/dlvm {verb} {name}" for name in names[:5])) + "."


def _or(names: Sequence[str]) -> str:
    return " or ".join(map(kit.code, names))


def _and(names: Sequence[str]) -> str:
    *first, last = map(kit.code, names)
    return f"{', '.join(first)} and {last}" if first else last
