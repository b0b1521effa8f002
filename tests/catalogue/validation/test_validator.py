"""Validation of readings: rows to store, quarantined values with their reasons, and absent families."""

from datetime import date

import pytest
from msgspec.structs import replace

from bot.catalogue.page.rows import PrintedRow
from bot.catalogue.validation import first_reading
from bot.catalogue.validation.verdict import AcceptedValues, Verdict
from storage.facts import PrintedDate
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import (
    BEFORE,
    FLOW_217,
    KNOWN_ISSUES,
    KNOWN_ROWS,
    TORCH_24,
    TORCH_27,
    TORCH_29,
    drop_families,
    find_row,
    replace_cells,
    validate,
)

DATES = ("end_of_patch_and_support", "end_of_availability")


def get_days(verdict: Verdict, family: str) -> tuple[date | None, date | None]:
    row = find_row(verdict, family)
    return row.end_of_patch_and_support.day, row.end_of_availability.day


def get_quarantined(verdict: Verdict) -> set[tuple[str, str]]:
    return {(issue.family, issue.field) for issue in verdict.new_issues}


def accept_cells(verdict: Verdict) -> AcceptedValues:
    return AcceptedValues(cells=frozenset(issue.key for issue in verdict.new_issues))


def test_unchanged_reading_has_no_new_issues() -> None:
    verdict = validate(page_factories.SEED)
    assert verdict.families == BEFORE
    assert (verdict.quarantine_reason, verdict.difference, verdict.absent_families, verdict.new_issues) == (
        "",
        (),
        (),
        (),
    )
    assert len(verdict.issues) == KNOWN_ISSUES


def test_first_reading_is_validated_like_the_bundled_table() -> None:
    verdict = validate(page_factories.SEED, before=())
    assert (verdict.families, verdict.issues) == first_reading.validate_rows(BEFORE)
    assert verdict.quarantine_reason == ""
    assert "the structure of the page changed" in validate(page_factories.SEED[:20], before=()).quarantine_reason


def test_another_spelling_of_a_date_is_no_change() -> None:
    respelled = {TORCH_24: {"end_of_patch": "2025-07-24", "end_of_availability": "July 24, 2026",
                          "image_family": "pytorch-2-4-py310"}}  # fmt: skip
    verdict = validate(replace_cells(respelled))
    assert (verdict.new_issues, verdict.difference, verdict.absent_families) == ((), (), ())
    assert find_row(verdict, TORCH_24).end_of_patch_and_support == PrintedDate("2025-07-24", date(2025, 7, 24))


def test_date_that_moves_within_the_rules_is_stored() -> None:
    later = {TORCH_27: {"end_of_patch": "Jul 13, 2026", "end_of_availability": "Jul 13, 2027"}}
    verdict = validate(replace_cells(later))
    assert verdict.new_issues == ()
    assert get_days(verdict, TORCH_27) == (date(2026, 7, 13), date(2027, 7, 13))
    assert verdict.difference == (
        f"{TORCH_27}: last day of patches and support “April 13, 2026” → “Jul 13, 2026”",
        f"{TORCH_27}: last day these images can be used “April 13, 2027” → “Jul 13, 2027”",
    )


def test_date_that_becomes_to_be_determined_is_withdrawn() -> None:
    verdict = validate(replace_cells({TORCH_27: {"end_of_availability": "To be determined"}}))
    assert get_days(verdict, TORCH_27) == (date(2026, 4, 13), None)
    assert verdict.new_issues == ()


QUARANTINED_CELLS = [
    ("unreadable", TORCH_27, {"end_of_patch": "Apri1 13, 2026"}, {DATES[0]}, "is not a date", False),
    ("a month alone", TORCH_27, {"end_of_availability": "April 2027"}, {DATES[1]}, "is not a date", False),
    ("not applicable", "common-cpu-debian-11", {"end_of_patch": "Not applicable (N/A)", "patch_version": "Jul 1, 2024"},
     {DATES[0], "patch_version"}, "“Not applicable (N/A)” replaced Jul 1, 2024", True),
    ("blank", TORCH_27, {"end_of_availability": ""}, {DATES[1]}, "an empty cell replaced April 13, 2027", True),
    ("ends before it begins", TORCH_27, {"end_of_availability": "Apr 12, 2026"}, {DATES[1]}, "comes before", False),
    ("gap of six months", TORCH_27, {"end_of_patch": "Oct 13, 2026"}, {DATES[0]}, "182 days apart", True),
    ("moved over 400 days", TORCH_29, {"end_of_patch": "Jun 30, 2030", "end_of_availability": "Jun 30, 2030"},
     set(DATES), "by 695 days", True),
    ("moved into the past", TORCH_29, {"end_of_patch": "Apr 1, 2026"}, {DATES[0]}, "by 856 days", True),
    ("moved to a past day", TORCH_27, {"end_of_patch": "Apr 10, 2026", "end_of_availability": "Apr 10, 2027"},
     set(DATES), "which has passed", True),
    ("another CUDA", TORCH_27, {"accelerator": "CUDA 12.6"}, {"accelerator"}, "CUDA 12.6, the family cu128", True),
    ("no CUDA any more", TORCH_27, {"accelerator": "GPU"}, {"accelerator"}, "the family cu128", True),
    ("no accelerator", TORCH_27, {"accelerator": "2.7.1"}, {"accelerator"}, "isn’t an accelerator", True),
    ("CUDA on a processor", "tf-2-16-cpu-py310", {"accelerator": "GPU (CUDA 12.3)"}, {"accelerator"},
     "the family cpu", True),
    ("another patch version", TORCH_27, {"patch_version": "2.8.1"}, {"patch_version"}, "isn’t a patch version", True),
    ("no patch version", TORCH_27, {"patch_version": "CUDA 12.8"}, {"patch_version"}, "isn’t a patch version", True),
    ("another CUDA as patch", "common-cu118-debian-11-py310", {"patch_version": "CUDA 12.1"}, {"patch_version"},
     "the label cu118", True),
    ("another version", TORCH_27, {"label": "2.8 (Python 3.10)"}, {"label"}, "says PyTorch 2.8", False),
    ("another Python", TORCH_24, {"label": "2.4 (Python 3.12)"}, {"label"}, "the family 3.10", True),
    ("another system", TORCH_27, {"label": "2.7 (Ubuntu 24.04)"}, {"label"}, "the family Ubuntu 22.04", True),
    ("no version", TORCH_27, {"label": "nightly"}, {"label"}, "doesn’t name a pytorch version", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("family", "cells", "fields", "reason", "acceptable"),
    [case[1:] for case in QUARANTINED_CELLS],
    ids=[case[0] for case in QUARANTINED_CELLS],
)
def test_quarantined_cell_keeps_its_last_good_value(
    family: str, cells: dict[str, str], fields: set[str], reason: str, acceptable: bool
) -> None:
    changed = replace_cells({family: cells})
    verdict = validate(changed)
    assert verdict.quarantine_reason == ""
    assert get_quarantined(verdict) == {(family, field) for field in fields}
    assert any(reason in issue.reason for issue in verdict.new_issues)
    assert {issue.acceptable for issue in verdict.new_issues} == {acceptable}
    assert find_row(verdict, family) == KNOWN_ROWS[family]
    assert len(verdict.families) == 52
    assert all(issue.last_good for issue in verdict.new_issues)


@pytest.mark.parametrize(("family", "cells"), [case[1:3] for case in QUARANTINED_CELLS if case[5]],
                         ids=[case[0] for case in QUARANTINED_CELLS if case[5]])  # fmt: skip
def test_accepted_value_is_stored_and_not_reported_again(family: str, cells: dict[str, str]) -> None:
    changed = replace_cells({family: cells})
    first = validate(changed)
    for accepted in (
        accept_cells(first),
        AcceptedValues(readings=frozenset({first.fingerprint})),
    ):
        verdict = validate(changed, accepted=accepted)
        assert verdict.new_issues == ()
        assert find_row(verdict, family) != KNOWN_ROWS[family]
        second = validate(changed, before=verdict.families)
        assert second.new_issues == ()
        assert second.families == verdict.families


def test_unreadable_or_contradictory_values_cannot_be_accepted() -> None:
    changed = replace_cells({TORCH_27: {"end_of_patch": "soon"}, TORCH_24: {"end_of_availability": "Jul 1, 2025"}})
    first = validate(changed)
    everything = replace(accept_cells(first), readings=frozenset({first.fingerprint}))
    verdict = validate(changed, accepted=everything)
    assert verdict.new_issues == first.new_issues
    assert verdict.families == BEFORE


def test_other_cells_of_a_row_with_a_quarantined_cell_are_stored() -> None:
    verdict = validate(replace_cells({TORCH_27: {"patch_version": "2.7.2", "end_of_availability": "??"}}))
    assert find_row(verdict, TORCH_27).patch_version == "2.7.2"
    assert get_days(verdict, TORCH_27) == get_days(validate(page_factories.SEED), TORCH_27)


def test_date_that_contradicts_a_quarantined_one_is_quarantined() -> None:
    cells = {TORCH_27: {"end_of_patch": "May 1, 2027", "end_of_availability": "May l, 2028"}}
    verdict = validate(replace_cells(cells))
    assert get_quarantined(verdict) == {(TORCH_27, DATES[0]), (TORCH_27, DATES[1])}
    assert find_row(verdict, TORCH_27) == KNOWN_ROWS[TORCH_27]


def test_half_an_accepted_pair_never_gives_contradictory_dates() -> None:
    changed = replace_cells({TORCH_27: {"end_of_patch": "May 1, 2027", "end_of_availability": "Jun 1, 2027"}})
    patch_issue = next(issue for issue in validate(changed).new_issues if issue.field == DATES[0])
    verdict = validate(changed, accepted=AcceptedValues(frozenset({patch_issue.key})))
    assert find_row(verdict, TORCH_27) == KNOWN_ROWS[TORCH_27]


def test_label_that_changes_with_the_dates_is_quarantined() -> None:
    cells = {"tf-2-11-cpu-py37": {"label": "2.11 (Python 3.7)", "end_of_patch": "Nov 15, 2026",
                                  "end_of_availability": "Nov 15, 2027"}}  # fmt: skip
    verdict = validate(replace_cells(cells), today=date(2023, 1, 1))
    assert {issue.reason.partition(",")[0] for issue in verdict.new_issues} >= {"the date moved by 1096 days"}
    cells["tf-2-11-cpu-py37"] |= {"end_of_patch": "Nov 15, 2024", "end_of_availability": "Nov 15, 2025"}
    verdict = validate(replace_cells(cells), today=date(2023, 1, 1))
    assert {issue.reason.partition(",")[0] for issue in verdict.new_issues} == {"the label changed with the date"}


def test_typing_error_fixed_on_the_page_fills_the_date_in() -> None:
    verdict = validate(replace_cells({FLOW_217: {"end_of_availability": "Jul 11, 2026"}}))
    assert get_days(verdict, FLOW_217) == (date(2025, 7, 11), date(2026, 7, 11))
    assert verdict.new_issues == ()


def test_unreadable_date_never_known_is_stored_as_printed() -> None:
    verdict = validate(replace_cells({FLOW_217: {"end_of_availability": "Jul ll, 2026"}}))
    assert find_row(verdict, FLOW_217).end_of_availability.printed == "Jul ll, 2026"
    assert get_quarantined(verdict) == {(FLOW_217, DATES[1])}


def test_end_of_patches_filled_in_with_a_past_day_is_quarantined() -> None:
    unknown = [replace(row, end_of_patch_and_support=PrintedDate("To be determined")) for row in BEFORE]
    families = {issue.family for issue in validate(page_factories.SEED, before=unknown).new_issues}
    assert TORCH_24 in families
    assert TORCH_29 not in families


NEW = PrintedRow("PyTorch versions", "2.11 (Python 3.12 / Ubuntu 24.04)", "2.11.0", "CUDA 13.0", "Mar 1, 2027",
                 "Mar 1, 2028", "pytorch-2-11-cu130-ubuntu-2404-nvidia-590-VERSION_DATE")  # fmt: skip
NEW_FAMILY = "pytorch-2-11-cu130-ubuntu-2404-nvidia-590"


def insert_rows(*rows: PrintedRow) -> list[PrintedRow]:
    index = next(n for n, row in enumerate(page_factories.SEED) if row.section == NEW.section)
    return [*page_factories.SEED[:index], *rows, *page_factories.SEED[index:]]


def test_new_row_is_stored_in_page_order() -> None:
    verdict = validate(insert_rows(NEW))
    assert verdict.new_issues == ()
    assert [row.family for row in verdict.families].index(NEW_FAMILY) == 13
    assert verdict.difference == (f"{NEW_FAMILY}: new row, {NEW.label}, Mar 1, 2027 / Mar 1, 2028",)


def test_new_row_with_a_past_end_is_quarantined_as_a_whole() -> None:
    ended = replace(NEW, end_of_patch="Mar 1, 2026", end_of_availability="Mar 1, 2027")
    verdict = validate(insert_rows(ended))
    assert NEW_FAMILY not in {row.family for row in verdict.families}
    assert get_quarantined(verdict) == {(NEW_FAMILY, "row")}
    accepted = accept_cells(verdict)
    assert get_days(validate(insert_rows(ended), accepted=accepted), NEW_FAMILY) == (date(2026, 3, 1), date(2027, 3, 1))


@pytest.mark.parametrize(
    ("family", "reason"),
    [
        ("pytorch-2-9-cu129-ubuntu-24", "“cu129-ubuntu-24” isn’t a known ending of family names"),
        ("pytorch-2-9-cu129-ubuntu-2404", f"this row was listed as {TORCH_29} before"),
    ],
)
def test_renamed_row_is_quarantined_and_the_old_one_is_not_absent(family: str, reason: str) -> None:
    rows = replace_cells({TORCH_29: {"image_family": family}})
    verdict = validate(rows)
    assert [issue.reason for issue in verdict.new_issues] == [reason]
    assert {row.family: row for row in verdict.families} == {k: v for k, v in KNOWN_ROWS.items() if k != TORCH_29}
    assert verdict.absent_families == ()
    accepted = accept_cells(verdict)
    accepted_verdict = validate(rows, accepted=accepted)
    assert get_days(accepted_verdict, family) == (date(2028, 8, 4), date(2028, 8, 4))
    assert accepted_verdict.absent_families == (TORCH_29,)


@pytest.mark.parametrize(
    ("cells", "expected", "fields"),
    [
        ({"end_of_availability": "Mar 1, 2O28"}, (date(2027, 3, 1), None), {DATES[1]}),
        ({"end_of_availability": "Mar 1, 2026"}, (None, None), {"dates"}),
        ({"end_of_availability": "Mar 9, 2028"}, (None, None), {"dates"}),
        ({"accelerator": "CUDA 12.9"}, (date(2027, 3, 1), date(2028, 3, 1)), {"accelerator"}),
        ({"end_of_patch": "To be determined"}, (None, date(2028, 3, 1)), set()),
    ],
)
def test_new_row_is_stored_without_its_quarantined_values(
    cells: dict[str, str], expected: tuple[date | None, date | None], fields: set[str]
) -> None:
    verdict = validate(insert_rows(replace(NEW, **cells)))
    assert get_days(verdict, NEW_FAMILY) == expected
    assert get_quarantined(verdict) == {(NEW_FAMILY, field) for field in fields}


def test_accepted_gap_of_a_new_row_is_stored() -> None:
    rows = insert_rows(replace(NEW, end_of_availability="Mar 9, 2028"))
    accepted = accept_cells(validate(rows))
    assert get_days(validate(rows, accepted=accepted), NEW_FAMILY) == (date(2027, 3, 1), date(2028, 3, 9))


@pytest.mark.parametrize("availability", ["Mar 9, 2028", "Mar 1, 2026", "Mar 1, 2O28"])
def test_withheld_date_is_not_reported_again(availability: str) -> None:
    rows = insert_rows(replace(NEW, end_of_availability=availability))
    first = validate(rows)
    second = validate(rows, before=first.families)
    assert second.families == first.families
    assert second.new_issues == ()
    assert {issue.printed for issue in second.issues} > {availability}


def test_withheld_date_is_stored_once_accepted() -> None:
    rows = insert_rows(replace(NEW, end_of_availability="Mar 9, 2028"))
    first = validate(rows)
    accepted_verdict = validate(
        rows, before=first.families, accepted=AcceptedValues(frozenset({first.new_issues[0].key}))
    )
    assert get_days(accepted_verdict, NEW_FAMILY) == (date(2027, 3, 1), date(2028, 3, 9))


@pytest.mark.parametrize(
    "row", [replace(NEW, image_family="see below"), replace(NEW, image_family="tf-2-11"), replace(NEW, label="newest")]
)
def test_unidentified_row_is_quarantined_and_no_row_is_absent(row: PrintedRow) -> None:
    verdict = validate([*drop_families(TORCH_24)[:15], row, *drop_families(TORCH_24)[15:]])
    assert verdict.new_issues[0].field == "row"
    assert not verdict.new_issues[0].acceptable
    assert verdict.absent_families == ()
    assert any("unidentified row" in line for line in verdict.difference)
    assert {row.family for row in verdict.families} == set(KNOWN_ROWS) - {TORCH_24}


def test_repeated_family_is_stored_once_if_its_rows_are_equal() -> None:
    twin = next(row for row in page_factories.SEED if row.image_family.startswith("pytorch-2-7"))
    verdict = validate(insert_rows(twin))
    assert {row.family: row for row in verdict.families} == KNOWN_ROWS
    assert [issue.reason for issue in verdict.new_issues] == ["the table lists this family twice"]
    verdict = validate(insert_rows(replace(twin, end_of_patch="Jul 13, 2026", end_of_availability="Jul 13, 2027")))
    assert {row.family: row for row in verdict.families} == KNOWN_ROWS
    assert "the rows differ" in verdict.new_issues[0].reason
    assert validate(insert_rows(NEW, replace(NEW, patch_version="2.11.1"))).families == BEFORE


def test_absent_families_include_those_that_had_vanished() -> None:
    verdict = validate(drop_families(TORCH_24, TORCH_27), gone=(TORCH_27,))
    assert verdict.absent_families == (TORCH_27, TORCH_24)
    assert verdict.quarantine_reason == ""
    assert verdict.difference == (f"{TORCH_24}: no longer listed",)


def test_reading_that_lost_over_a_fifth_of_the_rows_is_quarantined() -> None:
    oldest = [row.family for row in BEFORE][-11:]
    verdict = validate(drop_families(*oldest))
    assert verdict.quarantine_reason == "11 of 52 rows are gone, more than a fifth"
    assert (verdict.families, verdict.absent_families) == (BEFORE, ())
    assert f"{oldest[0]}: no longer listed" in verdict.difference
    assert validate(drop_families(*oldest[1:])).quarantine_reason == ""
    assert validate(drop_families(*oldest), gone=(oldest[0],)).quarantine_reason == ""
    accepted_verdict = validate(
        drop_families(*oldest), accepted=AcceptedValues(readings=frozenset({verdict.fingerprint}))
    )
    assert accepted_verdict.absent_families == tuple(oldest)


def test_reading_that_changes_over_five_rows_is_quarantined() -> None:
    moved = {row.family: {"end_of_patch": "Apr 13, 2027", "end_of_availability": "Apr 13, 2028"}
             for row in BEFORE if row.driver == "580"}  # fmt: skip
    moved[TORCH_27] = {"patch_version": "2.7.2"}
    moved["common-cu128-ubuntu-2204-nvidia-570"] = {"end_of_availability": "?"}
    verdict = validate(replace_cells(moved))
    assert verdict.quarantine_reason == "6 rows changed at once, more than 5"
    assert verdict.families == BEFORE
    assert len(verdict.difference) == 10
    accepted_verdict = validate(
        replace_cells(moved), accepted=AcceptedValues(readings=frozenset({verdict.fingerprint}))
    )
    assert accepted_verdict.quarantine_reason == ""
    assert get_days(accepted_verdict, TORCH_29) == (date(2027, 4, 13), date(2028, 4, 13))
    assert find_row(accepted_verdict, TORCH_27).patch_version == "2.7.2"
    moved.popitem()
    assert validate(replace_cells(moved)).quarantine_reason == ""


def test_reading_without_one_of_the_tables_is_quarantined() -> None:
    verdict = validate([row for row in page_factories.SEED if row.section != "PyTorch versions"])
    assert verdict.quarantine_reason.startswith(
        "the structure of the page changed: there is no table of versions under “PyTorch"
    )
