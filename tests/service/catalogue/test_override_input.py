"""Refused overrides, with the message and a hint."""

from collections.abc import Iterator
from datetime import date

import pytest

from bot.service.catalogue.override_input import InvalidOverrideError
from storage import catalogue_history, overrides
from storage.facts import DLVM
from tests.service.catalogue.date_driver import (
    AVAILABILITY,
    PAGE_DATE,
    PATCH,
    VERSION,
    build_overrides,
    set_override,
)
from tests.service.driver import Driver, utc


def list_invalid_requests() -> Iterator[tuple[dict[str, object], str, str]]:
    """Yield invalid requests, each with a part of the message and of the hint."""
    yield {"version": "pytorch-2.8"}, "No framework version is named 'pytorch-2.8'", "pytorch-2.7, pytorch-2.9"
    yield {"version": "2.9"}, "No framework version is named '2.9'", "pytorch-2.9, tensorflow-2.9"
    yield {"version": "banana"}, "No framework version is named", 'dlvm ask "list all"'
    yield {"version": "tf 2.17 gpu"}, "only some image families of tensorflow-2.17", "--family"
    yield {"days": {AVAILABILITY: date(2026, 4, 12)}}, "would be before", "end_of_patch=2026-04-12 end_of_avail"
    yield {"days": {PATCH: date(2027, 4, 14)}}, "would be before", "end_of_availability=2027-04-14"
    yield (
        {"days": {PATCH: date(2027, 4, 14), AVAILABILITY: date(2027, 4, 1)}},
        "would be before",
        "end_of_patch=2027-04-01 end_of_availability=2027-04-14",
    )
    yield {"days": {AVAILABILITY: PAGE_DATE}}, "so it needs no override", ""
    yield (
        {"days": {AVAILABILITY: date(1027, 4, 13)}},
        "is not between 2015-01-01 and 2100-12-31",
        "dlvm catalogue override",
    )
    yield {"until": date(2026, 11, 30)}, "is in the past", "--until 2027-12-31"
    yield {"reason": " \n "}, "needs a reason", '--reason "the Compute API says so"'
    yield {"reason": "x" * 301}, "at most 300 characters", "dlvm catalogue override"
    yield {"set_by": "x" * 81}, "at most 80 characters", "dlvm catalogue override"
    yield {"set_by": " "}, "--by is empty", "dlvm catalogue override"
    yield {"family": "tf-2-17-cpu"}, "isn’t an image family of pytorch-2.7", "--family pytorch-2-7-cu128"


@pytest.mark.parametrize(("arguments", "message", "hint"), list(list_invalid_requests()))
def test_invalid_override_is_refused_with_a_hint(
    sqlite_driver: Driver, arguments: dict[str, object], message: str, hint: str
) -> None:
    with pytest.raises(InvalidOverrideError) as error:
        set_override(sqlite_driver, utc("2026-12-01 10:00"), **arguments)  # type: ignore[arg-type] # of several types
    assert message in error.value.message
    assert hint in error.value.hint
    with sqlite_driver.database.read_only() as session:
        assert overrides.list_all(session) == ()
        assert catalogue_history.list_date_changes(session, DLVM, VERSION) == ()


def test_hint_names_the_command_that_ends_the_override(sqlite_driver: Driver) -> None:
    set_override(sqlite_driver, utc("2026-12-01 10:00"))
    with pytest.raises(InvalidOverrideError) as error:
        set_override(sqlite_driver, utc("2026-12-02 10:00"), {AVAILABILITY: PAGE_DATE})
    assert error.value.hint.endswith("dlvm catalogue override pytorch-2.7 end_of_availability --end")
    with pytest.raises(InvalidOverrideError) as other_milestone:
        build_overrides(sqlite_driver).end(VERSION, (PATCH,), "Ada", utc("2026-12-02 10:00"))
    assert other_milestone.value.message == "pytorch-2.7 has no override for the last day of patches and support."
    assert (
        other_milestone.value.hint == "It has this one: dlvm catalogue override pytorch-2.7 end_of_availability --end"
    )
    with pytest.raises(InvalidOverrideError) as other_version:
        build_overrides(sqlite_driver).end("tf 2.17", (), "Ada", utc("2026-12-02 10:00"))
    assert other_version.value.message == "tensorflow-2.17 has no override."
