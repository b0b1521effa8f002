"""Rules between the fields of a Block Kit object, or between its blocks, which a JSON Schema can't express."""

from collections.abc import Callable, Iterable, Iterator

from bot.sandbox.models import Json


def find_conflicts(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Find the broken rules of a valid payload and everything inside it, each with its JSON pointer."""
    if isinstance(value, dict):
        yield from ((message, pointer) for message, is_broken in _RULES if is_broken(value))
        for key, field in value.items():
            yield from find_conflicts(field, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from find_conflicts(item, f"{pointer}/{index}")


def _list_elements(block: Json) -> list[Json]:
    """Return the elements in a block, of which a person can act on some."""
    return [*block.get("elements", ()), *(block[key] for key in ("accessory", "element") if key in block)]


def _list_options(menu: Json) -> list[Json]:
    groups = [menu, *menu.get("option_groups", ())]
    return [option for group in groups for option in group.get("options", ())]


def _list_initial_options(menu: Json) -> list[Json]:
    return [*menu.get("initial_options", ()), *(menu[key] for key in ("initial_option",) if key in menu)]


def _count_focused(view: Json) -> int:
    elements = (element for block in view.get("blocks", ()) for element in _list_elements(block))
    return sum(bool(element.get("focus_on_load")) for element in elements)


def _has_duplicates(objects: Iterable[Json], key: str) -> bool:
    values = [item[key] for item in objects if key in item]
    return len(values) != len(set(values))


_RULES: tuple[tuple[str, Callable[[Json], bool]], ...] = (
    ("block_id must be unique", lambda payload: _has_duplicates(payload.get("blocks", ()), "block_id")),
    ("action_id must be unique in its block", lambda block: _has_duplicates(_list_elements(block), "action_id")),
    ("only one element can have focus_on_load", lambda view: _count_focused(view) > 1),
    ("values of options must differ", lambda menu: _has_duplicates(_list_options(menu), "value")),
    (
        "initial options must be among the options",
        lambda menu: any(
            option not in options for option in _list_initial_options(menu) if (options := _list_options(menu))
        ),
    ),
    (
        "min_length can't be over max_length",
        lambda field: "min_length" in field and field["min_length"] > field.get("max_length", 3_000),
    ),
)
"""The message of each rule, and whether an object of any type breaks it."""
