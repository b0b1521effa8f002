"""A channel's document, the form to paste one, and what it changes, drawn."""

from bot import answers
from bot.slack.blocks import kit

IMPORT, CONFIRM = "import", "import_confirm"
"""The callback ids of the form, and of what shows the difference."""

FIELD = "document"
LONGEST = 3_000
"""Characters of a form's field, and of what travels with a form."""


def exported(answer: answers.Exported) -> kit.Message:
    """The answer to `/dlvm export`."""
    count = "1 subscription" if answer.subscriptions == 1 else f"{answer.subscriptions} subscriptions"
    small = f"{kit.code('/dlvm import')} takes it back, here or in another channel."
    blocks = [kit.header(f"This channel as YAML ({count})"), *_code(answer.text), kit.context(small)]
    return kit.message(blocks)


def _code(text: str) -> list[kit.Block]:
    """Lines as code; long documents over several blocks."""
    blocks: list[kit.Block] = []
    held = ""
    for line in text.rstrip().split("\n"):
        escaped = kit.escape(line).replace("`", "\N{RIGHT SINGLE QUOTATION MARK}")[: kit.LONGEST_SECTION - 10]
        if len(held) + len(escaped) > kit.LONGEST_SECTION - 10:
            blocks.append(kit.section(f"```{held}```"))
            held = ""
        held += ("\n" if held else "") + escaped
    return [*blocks, kit.section(f"```{held}```")]


def form_needed(_: answers.ImportForm) -> kit.Message:
    """Where no form can be opened."""
    terminal = kit.code("dlvm subscriptions import FILE")
    return kit.message([kit.section(f"Paste the document into the form of `/dlvm import`, or use {terminal}.")])


def form(channel_id: str, text: str = "") -> kit.Block:
    """The form that a document is pasted into; the channel travels along."""
    element: kit.Block = {
        "type": "plain_text_input",
        "action_id": FIELD,
        "multiline": True,
        "max_length": LONGEST,
    }
    return {
        "type": "modal",
        "callback_id": IMPORT,
        "private_metadata": channel_id,
        "title": kit.plain("Import"),
        "submit": kit.plain("Compare"),
        "close": kit.plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": FIELD,
                "label": kit.plain("The document, as /dlvm export writes it"),
                "hint": kit.plain("Nothing is changed before you have seen the difference. What it leaves out stays."),
                "element": element | ({"initial_value": text} if text else {}),
            }
        ],
    }


def confirm(answer: answers.Imported, metadata: str) -> kit.Block:
    """The difference, to be applied or not."""
    view: kit.Block = {
        "type": "modal",
        "callback_id": CONFIRM,
        "private_metadata": metadata,
        "title": kit.plain("The difference"),
        "close": kit.plain("Cancel"),
        "blocks": kit.paragraphs(lines(answer)),
    }
    return view | ({"submit": kit.plain("Apply")} if answer.changes else {})


def done(answer: answers.Imported) -> kit.Block:
    """What was applied."""
    return {
        "type": "modal",
        "callback_id": "import_done",
        "title": kit.plain("Imported"),
        "close": kit.plain("Done"),
        "blocks": kit.paragraphs(lines(answer)),
    }


def refused(sentence: str) -> kit.Block:
    """Why nothing was applied."""
    return {
        "type": "modal",
        "callback_id": "import_refused",
        "title": kit.plain("Nothing was changed"),
        "close": kit.plain("Close"),
        "blocks": [kit.section(kit.escape(sentence))],
    }


def imported(answer: answers.Imported) -> kit.Message:
    """What a document changes, or has changed, as a message."""
    return kit.message([kit.header("Imported" if answer.applied else "The difference"), *kit.paragraphs(lines(answer))])


def lines(answer: answers.Imported) -> list[str]:
    """Each thing that differs, and what stays."""
    if not answer.changes:
        return ["The channel is as the document says; nothing is to be changed."]
    found = [f"+ {kit.code(target)} is watched" for target in answer.added]
    found += [f"− {kit.code(target)} is watched no longer" for target in answer.removed]
    found += [
        f"~ {kit.escape(name)}: {kit.code(before)} → {kit.code(after)}" for name, before, after in answer.settings
    ]
    kept = "1 subscription stays" if answer.kept == 1 else f"{answer.kept} subscriptions stay"
    return [*found, f"{kept}."]
