"""Constraints between the fields of a Block Kit object, or between its blocks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from bot.sandbox.block_kit.schema import CHOICES
from bot.sandbox.block_kit.types import JsonObject


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition for objects of some types, with its documentation page."""

    object_types: tuple[str, ...]
    message: str
    is_met: Callable[[JsonObject], bool]
    docs_page: str


def _are_distinct(values: Sequence[object]) -> bool:
    strings = [str(value) for value in values if value]
    return len(strings) == len(set(strings))


def _list_interactive_elements(block: JsonObject) -> list[JsonObject]:
    """Return the block's elements that a person can act on."""
    single = [block[key] for key in ("accessory", "element") if isinstance(block.get(key), Mapping)]
    return single + [element for element in list_objects(block, "elements") if "action_id" in element]


def list_objects(payload: JsonObject, key: str) -> list[JsonObject]:
    """Return the objects in a field's list. Ignore values of other types."""
    value = payload.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _list_options(menu: JsonObject) -> list[JsonObject]:
    grouped = [option for group in list_objects(menu, "option_groups") for option in list_objects(group, "options")]
    return list_objects(menu, "options") + grouped


def _initial_options_exist(menu: JsonObject) -> bool:
    option = menu.get("initial_option")
    initial = list_objects(menu, "initial_options") + ([option] if isinstance(option, Mapping) else [])
    return all(option in _list_options(menu) for option in initial)


def _list_inputs(view: JsonObject) -> list[JsonObject]:
    return [block for block in list_objects(view, "blocks") if block.get("type") == "input"]


def _parses_with(parse: Callable[[str], object], key: str) -> Callable[[JsonObject], bool]:
    def is_met(element: JsonObject) -> bool:
        try:
            return key not in element or parse(str(element[key])) is not None
        except ValueError:
            return False

    return is_met


_STATIC = ("static_select", "multi_static_select")
_OPTIONS_PAGE = "/reference/block-kit/composition-objects/option-object"
_ELEMENTS_PAGE = "/reference/block-kit/block-elements/"

CONSTRAINTS = (
    Constraint(
        ("section",),
        "section needs text or fields",
        lambda section: "text" in section or "fields" in section,
        "/reference/block-kit/blocks/section-block",
    ),
    Constraint(
        ("message", "modal", "home"),
        "block_id must be unique",
        lambda payload: _are_distinct([block.get("block_id") for block in list_objects(payload, "blocks")]),
        "/reference/block-kit/blocks",
    ),
    Constraint(
        ("section", "actions", "input"),
        "action_id must be unique in its block",
        lambda block: _are_distinct([element.get("action_id") for element in _list_interactive_elements(block)]),
        "/reference/block-kit/blocks/actions-block",
    ),
    Constraint(
        ("modal",),
        "submit is required when there is an input block",
        lambda view: "submit" in view or not _list_inputs(view),
        "/reference/views/modal-views",
    ),
    Constraint(
        ("modal", "home"),
        "only one element may have focus_on_load",
        lambda view: (
            sum(
                bool(e.get("focus_on_load"))
                for block in list_objects(view, "blocks")
                for e in _list_interactive_elements(block)
            )
            <= 1
        ),
        _ELEMENTS_PAGE,
    ),
    Constraint(
        _STATIC,
        "needs either options or option_groups",
        lambda menu: ("options" in menu) != ("option_groups" in menu),
        _ELEMENTS_PAGE + "select-menu-element",
    ),
    Constraint(
        (*_STATIC, *CHOICES),
        "initial options must be among the options",
        _initial_options_exist,
        _ELEMENTS_PAGE + "select-menu-element",
    ),
    Constraint(
        (*_STATIC, *CHOICES, "overflow"),
        "values of options must differ",
        lambda menu: _are_distinct([option.get("value") for option in _list_options(menu)]),
        _OPTIONS_PAGE,
    ),
    Constraint(
        (*_STATIC, "overflow"),
        "option texts must be plain_text outside checkboxes and radio buttons",
        lambda menu: all(
            not isinstance(option.get("text"), Mapping) or option["text"].get("type") == "plain_text"
            for option in _list_options(menu)
        ),
        _OPTIONS_PAGE,
    ),
    Constraint(
        ("plain_text_input",),
        "min_length must not be over max_length",
        lambda element: int(element.get("min_length", 0)) <= int(element.get("max_length", 3_000)),
        _ELEMENTS_PAGE + "plain-text-input-element",
    ),
    Constraint(
        ("timepicker",),
        "initial_time must be HH:mm",
        _parses_with(time.fromisoformat, "initial_time"),
        _ELEMENTS_PAGE + "time-picker-element",
    ),
    Constraint(
        ("datepicker",),
        "initial_date must be YYYY-MM-DD",
        _parses_with(date.fromisoformat, "initial_date"),
        _ELEMENTS_PAGE + "date-picker-element",
    ),
)
