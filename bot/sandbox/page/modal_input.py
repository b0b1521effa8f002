"""What a person fills into a modal: read as Slack's state values, and what the bot offers for menus that ask it."""

from collections.abc import Iterator
from typing import Any

from starlette.datastructures import FormData

from bot.sandbox.models import Json, Modal
from bot.sandbox.slack_requests import SlackRequests
from bot.sandbox.workspace import Workspace

EXTERNAL_SELECTS = ("external_select", "multi_external_select")
"""Menus whose options the bot brings."""

_VALUE_KEYS = {
    "timepicker": "selected_time",
    "datepicker": "selected_date",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}


class OptionLoader:
    """Asks the bot for the options of a modal's menus."""

    def __init__(self, workspace: Workspace, slack_requests: SlackRequests) -> None:
        self._workspace = workspace
        self._slack_requests = slack_requests

    async def load_options(self, modal: Modal) -> None:
        """Brings the options that the modal's menus have not got yet."""
        for block in _list_input_blocks(modal):
            element, block_id = block["element"], str(block["block_id"])
            if element["type"] not in EXTERNAL_SELECTS or block_id in modal.search_results:
                continue
            typed = modal.search_terms.get(block_id, "")
            long_enough = len(typed) >= element.get("min_query_length", 3)
            found = (
                await self._slack_requests.fetch_options(modal, block_id, element["action_id"], typed)
                if long_enough
                else []
            )
            modal.search_results[block_id] = found
            modal.known_options.setdefault(block_id, []).extend(found)


def apply_form(modal: Modal, form: FormData) -> None:
    """Takes what the form holds into the modal's state; another search wants other offers."""
    state: Json = {}
    for block in _list_input_blocks(modal):
        block_id, element = str(block["block_id"]), block["element"]
        state.setdefault(block_id, {})[element["action_id"]] = _parse_value(modal, block_id, element, form)
        typed = str(form.get(f"search:{block_id}", ""))
        if element["type"] in EXTERNAL_SELECTS and typed != modal.search_terms.get(block_id, ""):
            modal.search_terms[block_id] = typed
            modal.search_results.pop(block_id, None)
    modal.state = state


def list_changed_fields(before: Json, after: Json) -> Iterator[tuple[str, Json]]:
    """(block id, action) for each field that is filled otherwise than before."""
    for block_id, values in after.items():
        for action_id, value in values.items():
            if before.get(block_id, {}).get(action_id) != value:
                yield block_id, {"block_id": block_id, "action_id": action_id, **value}


def _list_input_blocks(modal: Modal) -> list[Json]:
    return [block for block in modal.view.get("blocks", []) if block.get("type") == "input"]


def _parse_value(modal: Modal, block_id: str, element: Json, form: FormData) -> Json:
    kind = str(element["type"])
    typed = str(form.get(block_id, "")) or None
    match kind:
        case "static_select" | "radio_buttons" | "external_select":
            chosen: Any = _find_options(modal, block_id, element, [typed] if typed else [])
            return {"type": kind, "selected_option": chosen[0] if chosen else None}
        case "checkboxes" | "multi_static_select" | "multi_external_select":
            values = [str(value) for value in form.getlist(block_id)]
            return {"type": kind, "selected_options": _find_options(modal, block_id, element, values)}
        case _:
            return {"type": kind, _VALUE_KEYS.get(kind, "value"): typed}


def _find_options(modal: Modal, block_id: str, element: Json, values: list[str]) -> list[Json]:
    """The options of those values among what stands there or was ever offered."""
    first = [element["initial_option"]] if "initial_option" in element else []
    there = [
        *first,
        *element.get("initial_options", ()),
        *element.get("options", ()),
        *modal.known_options.get(block_id, ()),
    ]
    by_value = {option["value"]: option for option in there}
    return [by_value[value] for value in values if value in by_value]
