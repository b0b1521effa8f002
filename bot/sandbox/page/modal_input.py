"""Input in modals: a form's values as Slack's state, and the options of external selects."""

from typing import Any

from starlette.datastructures import FormData

from bot.sandbox.models import Json, Modal
from bot.sandbox.slack_requests import SlackRequests

EXTERNAL_SELECTS = ("external_select", "multi_external_select")
"""Menus whose options come from the bot."""

_VALUE_KEYS = {
    "timepicker": "selected_time",
    "datepicker": "selected_date",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}


async def load_options(slack_requests: SlackRequests, modal: Modal) -> None:
    """Load the bot's options for each external select that has none for its search text."""
    for block in _list_input_blocks(modal):
        element, block_id = block["element"], str(block["block_id"])
        if element["type"] not in EXTERNAL_SELECTS or block_id in modal.search_results:
            continue
        search_text = modal.search_terms.get(block_id, "")
        options: list[Json] = []
        if len(search_text) >= element.get("min_query_length", 3):
            options = await slack_requests.fetch_options(modal, block_id, element["action_id"], search_text)
        modal.search_results[block_id] = options
        modal.known_options.setdefault(block_id, []).extend(options)


def apply_form(modal: Modal, form: FormData) -> None:
    """Store a form's values in the modal's state. Forget the search results of a changed search text."""
    state: Json = {}
    for block in _list_input_blocks(modal):
        block_id, element = str(block["block_id"]), block["element"]
        state.setdefault(block_id, {})[element["action_id"]] = _parse_value(modal, block_id, element, form)
        search_text = str(form.get(f"search:{block_id}", ""))
        if element["type"] in EXTERNAL_SELECTS and search_text != modal.search_terms.get(block_id, ""):
            modal.search_terms[block_id] = search_text
            modal.search_results.pop(block_id, None)
    modal.state = state


def find_changed_field(before: Json, after: Json) -> Json | None:
    """Return the action of the first field whose value differs, if any."""
    for block_id, values in after.items():
        for action_id, value in values.items():
            if before.get(block_id, {}).get(action_id) != value:
                return {"block_id": block_id, "action_id": action_id, **value}
    return None


def _list_input_blocks(modal: Modal) -> list[Json]:
    return [block for block in modal.view.get("blocks", []) if block.get("type") == "input"]


def _parse_value(modal: Modal, block_id: str, element: Json, form: FormData) -> Json:
    element_type = str(element["type"])
    value = str(form.get(block_id, "")) or None
    match element_type:
        case "static_select" | "radio_buttons" | "external_select":
            options: list[Any] = _find_options(modal, block_id, element, [value] if value else [])
            return {"type": element_type, "selected_option": options[0] if options else None}
        case "checkboxes" | "multi_static_select" | "multi_external_select":
            values = [str(item) for item in form.getlist(block_id)]
            return {"type": element_type, "selected_options": _find_options(modal, block_id, element, values)}
        case _:
            return {"type": element_type, _VALUE_KEYS.get(element_type, "value"): value}


def _find_options(modal: Modal, block_id: str, element: Json, values: list[str]) -> list[Json]:
    """Return the options with these values, among the element's own and those that the bot has sent."""
    initial = [element["initial_option"]] if "initial_option" in element else []
    options = [
        *initial,
        *element.get("initial_options", ()),
        *element.get("options", ()),
        *modal.known_options.get(block_id, ()),
    ]
    by_value = {option["value"]: option for option in options}
    return [by_value[value] for value in values if value in by_value]
