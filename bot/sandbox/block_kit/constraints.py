"""What must hold of an object of Block Kit as a whole, beyond what fits under its keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from bot.sandbox.block_kit.schema import CHOICES

Piece = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Demand:
    """What must hold of an object as a whole; `page` is where Slack says so."""

    kinds: tuple[str, ...]
    says: str
    holds: Callable[[Piece], bool]
    page: str


def _distinct(names: Sequence[object]) -> bool:
    given = [name for name in names if name]
    return len(given) == len(set(map(str, given)))


def _elements(block: Piece) -> list[Piece]:
    """The elements of a block that a person can act on."""
    single = [block[key] for key in ("accessory", "element") if isinstance(block.get(key), Mapping)]
    return single + [one for one in listed(block, "elements") if "action_id" in one]


def listed(piece: Piece, key: str) -> list[Piece]:
    """The objects in a list under a key; none where it is something else."""
    value = piece.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []


def _choices(menu: Piece) -> list[Piece]:
    grouped = [option for group in listed(menu, "option_groups") for option in listed(group, "options")]
    return listed(menu, "options") + grouped


def _chosen_exist(menu: Piece) -> bool:
    one = menu.get("initial_option")
    chosen = listed(menu, "initial_options") + ([one] if isinstance(one, Mapping) else [])
    return all(option in _choices(menu) for option in chosen)


def _inputs(view: Piece) -> list[Piece]:
    return [block for block in listed(view, "blocks") if block.get("type") == "input"]


def _reads(read: Callable[[str], object], key: str) -> Callable[[Piece], bool]:
    def holds(piece: Piece) -> bool:
        try:
            return key not in piece or read(str(piece[key])) is not None
        except ValueError:
            return False

    return holds


_STATIC = ("static_select", "multi_static_select")
_OPTIONS_PAGE = "/reference/block-kit/composition-objects/option-object"
_ELEMENTS_PAGE = "/reference/block-kit/block-elements/"

DEMANDS = (
    Demand(
        ("section",),
        "section needs text or fields",
        lambda section: "text" in section or "fields" in section,
        "/reference/block-kit/blocks/section-block",
    ),
    Demand(
        ("message", "modal", "home"),
        "block_id must be unique",
        lambda whole: _distinct([block.get("block_id") for block in listed(whole, "blocks")]),
        "/reference/block-kit/blocks",
    ),
    Demand(
        ("section", "actions", "input"),
        "action_id must be unique in its block",
        lambda block: _distinct([element.get("action_id") for element in _elements(block)]),
        "/reference/block-kit/blocks/actions-block",
    ),
    Demand(
        ("modal",),
        "submit is required when there is an input block",
        lambda view: "submit" in view or not _inputs(view),
        "/reference/views/modal-views",
    ),
    Demand(
        ("modal", "home"),
        "only one element may have focus_on_load",
        lambda view: (
            sum(bool(e.get("focus_on_load")) for block in listed(view, "blocks") for e in _elements(block)) <= 1
        ),
        _ELEMENTS_PAGE,
    ),
    Demand(
        _STATIC,
        "needs either options or option_groups",
        lambda menu: ("options" in menu) != ("option_groups" in menu),
        _ELEMENTS_PAGE + "select-menu-element",
    ),
    Demand(
        (*_STATIC, *CHOICES),
        "initial options must be among the options",
        _chosen_exist,
        _ELEMENTS_PAGE + "select-menu-element",
    ),
    Demand(
        (*_STATIC, *CHOICES, "overflow"),
        "values of options must differ",
        lambda menu: _distinct([option.get("value") for option in _choices(menu)]),
        _OPTIONS_PAGE,
    ),
    Demand(
        (*_STATIC, "overflow"),
        "option texts must be plain_text outside checkboxes and radio buttons",
        lambda menu: all(
            not isinstance(option.get("text"), Mapping) or option["text"].get("type") == "plain_text"
            for option in _choices(menu)
        ),
        _OPTIONS_PAGE,
    ),
    Demand(
        ("plain_text_input",),
        "min_length must not be over max_length",
        lambda written: int(written.get("min_length", 0)) <= int(written.get("max_length", 3_000)),
        _ELEMENTS_PAGE + "plain-text-input-element",
    ),
    Demand(
        ("timepicker",),
        "initial_time must be HH:mm",
        _reads(time.fromisoformat, "initial_time"),
        _ELEMENTS_PAGE + "time-picker-element",
    ),
    Demand(
        ("datepicker",),
        "initial_date must be YYYY-MM-DD",
        _reads(date.fromisoformat, "initial_date"),
        _ELEMENTS_PAGE + "date-picker-element",
    ),
)
