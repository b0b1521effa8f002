"""A channel's document, the form to paste one, and what it changes, drawn."""

from bot import answers
from bot.slack.blocks import kit

IMPORT, CONFIRM = "import", "import_confirm"
"""The callback ids of the form, and of what shows the difference."""

FIELD = "document"
MAX_DOCUMENT_LENGTH = 3_000
"""Characters of a form's field, and of what travels with a form."""


def render_export(answer: answers.ChannelExport) -> kit.Message:
    """The answer to `/dlvm export`."""
    count = "1 subscription" if answer.subscription_count == 1 else f"{answer.subscription_count} subscriptions"
    small = f"{kit.code('/dlvm import')} takes it back, here or in another channel."
    blocks = [kit.header(f"This channel as YAML ({count})"), *_code(answer.text), kit.context(small)]
    return kit.message(blocks)


def _code(text: str) -> list[kit.Block]:
    """Lines as code; long documents over several blocks."""
    blocks: list[kit.Block] = []
    held = ""
    for line in text.rstrip().split("\n"):
        escaped = kit.escape(line).replace("`", "\N{RIGHT SINGLE QUOTATION MARK}")[: kit.MAX_SECTION_LENGTH - 10]
        if len(held) + len(escaped) > kit.MAX_SECTION_LENGTH - 10:
            blocks.append(kit.section(f"```{held}```"))
            held = ""
        held += ("\n" if held else "") + escaped
    return [*blocks, kit.section(f"```{held}```")]


def render_form_required(_: answers.ImportForm) -> kit.Message:
    """Where no form can be opened."""
    terminal = kit.code("dlvm subscriptions import FILE")
    return kit.message([kit.section(f"Paste the document into the form of `/dlvm import`, or use {terminal}.")])


def render_form(channel_id: str, text: str = "") -> kit.Block:
    """The form that a document is pasted into; the channel travels along."""
    element: kit.Block = {
        "type": "plain_text_input",
        "action_id": FIELD,
        "multiline": True,
        "max_length": MAX_DOCUMENT_LENGTH,
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


def render_confirmation(answer: answers.ImportResult, metadata: str) -> kit.Block:
    """The difference, to be applied or not."""
    view: kit.Block = {
        "type": "modal",
        "callback_id": CONFIRM,
        "private_metadata": metadata,
        "title": kit.plain("The difference"),
        "close": kit.plain("Cancel"),
        "blocks": kit.paragraphs(list_changes(answer)),
    }
    return view | ({"submit": kit.plain("Apply")} if answer.has_changes else {})


def render_done(answer: answers.ImportResult) -> kit.Block:
    """What was applied."""
    return {
        "type": "modal",
        "callback_id": "import_done",
        "title": kit.plain("Imported"),
        "close": kit.plain("Done"),
        "blocks": kit.paragraphs(list_changes(answer)),
    }


def render_refusal(sentence: str) -> kit.Block:
    """Why nothing was applied."""
    return {
        "type": "modal",
        "callback_id": "import_refused",
        "title": kit.plain("Nothing was changed"),
        "close": kit.plain("Close"),
        "blocks": [kit.section(kit.escape(sentence))],
    }


def render_import(answer: answers.ImportResult) -> kit.Message:
    """What a document changes, or has changed, as a message."""
    return kit.message(
        [kit.header("Imported" if answer.is_applied else "The difference"), *kit.paragraphs(list_changes(answer))]
    )


def list_changes(answer: answers.ImportResult) -> list[str]:
    """Each thing that differs, and what stays."""
    if not answer.has_changes:
        return ["The channel is as the document says; nothing is to be changed."]
    found = [f"+ {kit.code(target)} is watched" for target in answer.added]
    found += [f"− {kit.code(target)} is watched no longer" for target in answer.removed]
    found += [
        f"~ {kit.escape(name)}: {kit.code(before)} → {kit.code(after)}" for name, before, after in answer.settings
    ]
    kept = "1 subscription stays" if answer.unchanged == 1 else f"{answer.unchanged} subscriptions stay"
    return [*found, f"{kept}."]
