"""Rendering of exported documents, and of the modals of an import."""

from bot import answers
from bot.slack.blocks import kit, phrases

IMPORT, CONFIRM = "import", "import_confirm"
"""The callback ids of the form and of the confirmation."""

FIELD = "document"
MAX_DOCUMENT_LENGTH = 3_000
"""Slack's limit for the characters of a form field, and of the metadata of a modal."""


def render_export(answer: answers.ChannelExport) -> kit.Message:
    """Render the exported document as code."""
    count = phrases.pluralize(answer.subscription_count, "subscription")
    lines = kit.escape(answer.text.rstrip()).replace("`", "\N{RIGHT SINGLE QUOTATION MARK}").split("\n")
    hint = f"{kit.code('/dlvm import')} imports it, here or in another channel."
    return kit.message([kit.header(f"This channel as YAML ({count})"), *kit.code_blocks(lines), kit.context(hint)])


def render_form_required(_: answers.ImportForm) -> kit.Message:
    """Render the hint for places that can't open a form."""
    command = kit.code("dlvm subscriptions import FILE")
    return kit.message([kit.section(f"Paste the document in the form of `/dlvm import`, or run {command}.")])


def render_form(channel_id: str, text: str = "") -> kit.Block:
    """Render the form to paste a document in. The channel id travels in the metadata."""
    element: kit.Block = {"type": "plain_text_input", "multiline": True, "max_length": MAX_DOCUMENT_LENGTH}
    element |= {"initial_value": text} if text else {}
    hint = "You’ll see the changes before they apply. Settings that the document leaves out stay."
    field = kit.input_block(FIELD, "Document from /dlvm export", element, hint)
    return kit.form("Import", IMPORT, [field], submit="Compare", metadata=channel_id)


def render_confirmation(answer: answers.ImportResult, metadata: str) -> kit.Block:
    """Render the changes, with a button to apply them if there are any."""
    blocks = kit.paragraphs(_list_changes(answer))
    if not answer.has_changes:
        return kit.notice("Changes", CONFIRM, blocks, close="Cancel")
    return kit.form("Changes", CONFIRM, blocks, submit="Apply", metadata=metadata)


def render_done(answer: answers.ImportResult) -> kit.Block:
    """Render the modal with the applied changes."""
    return kit.notice("Imported", "import_done", kit.paragraphs(_list_changes(answer)))


def render_refusal(sentence: str) -> kit.Block:
    """Render the modal with the reason why nothing was applied."""
    return kit.notice("Nothing was changed", "import_refused", [kit.section(kit.escape(sentence))], close="Close")


def render_import(answer: answers.ImportResult) -> kit.Message:
    """Render the changes as a message."""
    title = "Imported" if answer.is_applied else "Changes"
    return kit.message([kit.header(title), *kit.paragraphs(_list_changes(answer))])


def _list_changes(answer: answers.ImportResult) -> list[str]:
    if not answer.has_changes:
        return ["The channel already matches the document. Nothing to change."]
    lines = [f"+ {kit.code(target)} (added)" for target in answer.added]
    lines += [f"− {kit.code(target)} (removed)" for target in answer.removed]
    lines += [f"~ {kit.escape(name)}: {kit.code(old)} → {kit.code(new)}" for name, old, new in answer.settings]
    return [*lines, f"{phrases.pluralize(answer.unchanged, 'subscription')} unchanged."]
