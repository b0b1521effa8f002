"""Rendering of help, questions back, and unknown versions."""

from collections.abc import Sequence

from bot import answers
from bot.commands.parser import VERBS
from bot.policy.products import split_prefix
from bot.policy.versions import format_title
from bot.slack.blocks import kit, phrases

_OTHER_FEATURES = (
    "*Reminders:* use the buttons on a reminder to mark it migrated, acknowledge, snooze or assign an owner. You can"
    " undo for 10 minutes.\n"
    "*Home:* the Home tab of dlvm shows your channels’ subscriptions and the dates that need a decision.\n"
    "*Check for DLVM images:* this shortcut in the menu of any message shows the status of every image it mentions."
)
_MAX_CHOICES = 5


def render_help(answer: answers.Help) -> kit.Message:
    """Render the help, after the reason if a command was not understood."""
    reason = [kit.section(kit.escape(answer.reason))] if answer.reason else []
    lines = [f"{kit.code(example)}\n   {meaning}" for verb in VERBS for example, meaning in verb.usage.items()]
    names = "Write versions as you like: `pytorch-2.7`, `tf 2.15`, `cu124`, an image family or a full image path."
    return kit.message(
        [
            *reason,
            kit.header("dlvm commands"),
            *kit.paragraphs(lines),
            kit.section(_OTHER_FEATURES),
            kit.context(names),
        ]
    )


def render_which_framework(answer: answers.WhichFramework) -> kit.Message:
    """Render the question which framework a bare number is for."""
    text = f"{kit.code(answer.number)} is a version of more than one framework. Which one do you mean?"
    return _render_question(text, answer.versions, answer.verb)


def render_did_you_mean(answer: answers.DidYouMean) -> kit.Message:
    """Render the suggestions for an unknown name."""
    suggestions = kit.codes(answer.suggestions, " or ")
    text = f"“{kit.escape(answer.query[:80])}” isn’t in the catalogue. Did you mean {suggestions}?"
    return _render_question(text, answer.suggestions, answer.verb)


def _render_question(text: str, names: Sequence[str], verb: str) -> kit.Message:
    commands = kit.codes([f"/dlvm {verb} {name}" for name in names[:_MAX_CHOICES]], " or ")
    return kit.message([kit.section(text), _render_choices(names, verb), kit.context(f"Or type {commands}.")])


def render_not_in_catalogue(answer: answers.NotInCatalogue) -> kit.Message:
    """Render that a version is unknown, with its neighbours and equal versions of related products."""
    text = f"{kit.code(answer.query)} isn’t in {phrases.format_table(answer.query)} (the image might still exist)."
    if answer.neighbours:
        text += f" Closest: {_join_with_and(answer.neighbours)}."
    if answer.related_versions:
        text += f" Related products list it: {_join_with_and(answer.related_versions)}."
    names = (*answer.neighbours, *answer.related_versions)
    product, _ = split_prefix(answer.query)
    command = kit.code(f"/dlvm list {product} all" if product else "/dlvm list all")
    return kit.message(
        [
            kit.section(text),
            *([_render_choices(names, "status")] if names else []),
            kit.context(f"{command} shows every version. {phrases.format_source(answer.source)}"),
        ]
    )


def render_rolling_family(answer: answers.RollingFamily) -> kit.Message:
    """Render that a `latest` family has no dates."""
    text = (
        f"{kit.code(answer.query[:100])} is a rolling family: it points to the newest image, if any, and has no dates."
        " Ask about a version instead."
    )
    choices = [_render_choices(answer.suggestions, "status")] if answer.suggestions else []
    return kit.message([kit.section(text), *choices])


def render_other_product(answer: answers.OtherProduct) -> kit.Message:
    """Render that an image belongs to another product, whose dates are unknown or can't be subscribed to."""
    if answer.dates_command:
        return _render_not_subscribable(answer)
    text = f"{kit.code(answer.query[:100])} is {kit.escape(answer.product)}, which isn’t in Google’s table."
    if not answer.dlvm_version:
        return kit.message([kit.section(text)])
    closest = f"The closest Deep Learning VM version is {kit.code(answer.dlvm_version)}."
    return kit.message([kit.section(f"{text} {closest}"), _render_choices((answer.dlvm_version,), "status")])


def _render_not_subscribable(answer: answers.OtherProduct) -> kit.Message:
    text = (
        f"{kit.code(answer.query[:100])} is {kit.escape(answer.product)}. {phrases.SUBSCRIBABLE}."
        f" {kit.code(f'/dlvm {answer.dates_command}')} shows its dates."
    )
    if answer.dlvm_version:
        text += f" {kit.code(f'/dlvm subscribe {answer.dlvm_version}')} subscribes to the Deep Learning VM version."
    verb, _, name = answer.dates_command.partition(" ")
    return kit.message([kit.section(text), _render_choices((name,), verb)])


def _render_choices(names: Sequence[str], verb: str) -> kit.Block:
    """Render a button for each name, which runs the command with that name."""
    return kit.actions(
        kit.button(name, f"ask_{number}", f"{verb} {name}", description=f"{verb.capitalize()} {format_title(name)}")
        for number, name in enumerate(names[:_MAX_CHOICES])
    )


def _join_with_and(names: Sequence[str]) -> str:
    *first, last = map(kit.code, names)
    return f"{', '.join(first)} and {last}" if first else last
