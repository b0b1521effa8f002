"""A reading judged against the last good rows: what may enter, what waits for a person, and what is gone.

A reading whose shape changed, that lost more than a fifth of the rows, or that changes more than five at once is held
back whole; otherwise each cell by itself. Pure: nothing is remembered here.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from bot.catalogue.page.description import Description
from bot.catalogue.validation import first_reading, row_changes
from bot.catalogue.validation import rules as suspicions
from bot.catalogue.validation.difference import difference
from bot.catalogue.validation.reading import Reading, Row, Stranger
from bot.catalogue.validation.row_changes import Rules
from bot.catalogue.validation.verdict import NOTHING_ACCEPTED, ROW, Accepted, Held, Verdict
from storage.facts import ImageFamily, Milestone

MOST_CHANGED = 5
"""Rows that may change in one reading without a person looking at it."""
LARGEST_LOSS = 5
"""More than one row in so many gone is not believed."""


def judge(
    reading: Reading,
    before: Sequence[ImageFamily],
    today: date,
    description: Description,
    *,
    accepted: Accepted = NOTHING_ACCEPTED,
    gone: Collection[str] = (),
) -> Verdict:
    """What may enter of a reading.

    Before are all rows known, with those that vanished earlier, whose families are named in gone; a first reading has
    none, and goes through the gates of the bundled table.
    """
    known = {row.family: row for row in before}
    placed, strangers = _placed(reading, known, description)
    printed = {row.family for row in placed}
    lost = tuple(row for row in before if row.family not in printed and row.family not in gone)
    rules = Rules(today, description, accepted, reading.fingerprint, lost)
    whole = _whole(placed, strangers, reading, before, rules, gone)
    if known:
        families, held = _rows(placed, known, rules)
    else:
        first, remarks = first_reading.check([row for row in placed if isinstance(row, ImageFamily)], description.gap)
        families, held = list(first), list(remarks)
    held += [Held(stranger.family, ROW, stranger.printed, stranger.reason, acceptable=False) for stranger in strangers]
    found = printed | {one.last_good for one in held if one.field == ROW}
    return Verdict(
        product=reading.product,
        fingerprint=reading.fingerprint,
        families=tuple(before) if whole else tuple(families),
        held=tuple(held),
        whole=whole,
        difference=difference(reading, strangers, [row for row in before if row.family not in gone]),
        absent=()
        if whole or strangers or reading.crooked
        else tuple(family for family in known if family not in found),
    )


def _placed(
    reading: Reading, known: dict[str, ImageFamily], description: Description
) -> tuple[list[Row], list[Stranger]]:
    """Rows whose family is known or may be new, and rows that could be any."""
    placed: list[Row] = []
    strangers: list[Stranger] = []
    for row in reading.rows:
        if row.family in known:
            placed.append(row)
        elif isinstance(row, Stranger):
            strangers.append(row)
        elif description.named_after_version and (reason := suspicions.of_name(row)):
            printed = f"{row.label}: {row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"
            strangers.append(Stranger(row.family, row.label, f"{printed}, {row.family_as_printed}", reason))
        else:
            placed.append(row)
    return placed, strangers


def _rows(placed: Iterable[Row], known: dict[str, ImageFamily], rules: Rules) -> tuple[list[ImageFamily], list[Held]]:
    families: list[ImageFamily] = []
    held: list[Held] = []
    for name, rows in _by_family(placed).items():
        row, good = rows[0], known.get(name)
        taken: ImageFamily | None
        if (repeated := _repeated(rows)) is not None and not repeated.acceptable:
            taken, found = good, [repeated]
        elif isinstance(row, Stranger):
            taken = known[name]
            found = [Held(name, "label", row.label, row.reason, known[name].label, acceptable=False)]
        else:
            taken, found = row_changes.against(row, good, rules) if good else row_changes.new(row, rules)
            found += [repeated] if repeated is not None and rules.told(repeated) else []
        families += [taken] if taken is not None else []
        held += found
    return families, held


def _by_family(placed: Iterable[Row]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in placed:
        rows.setdefault(row.family, []).append(row)
    return rows


def _repeated(rows: Sequence[Row]) -> Held | None:
    """A family that is printed twice: harmless where the rows say the same, otherwise neither is believed."""
    if len(rows) == 1:
        return None
    said = {_facts(row) if isinstance(row, ImageFamily) else None for row in rows}
    printed = " and ".join(_dates(row) if isinstance(row, ImageFamily) else row.printed for row in rows)
    reason = "the table prints this family twice"
    if len(said) == 1 and None not in said:
        return Held(rows[0].family, "family", printed, reason)
    return Held(rows[0].family, "family", printed, f"{reason}, and the rows differ", acceptable=False)


def _whole(
    placed: Sequence[Row],
    strangers: Sequence[Stranger],
    reading: Reading,
    before: Sequence[ImageFamily],
    rules: Rules,
    gone: Collection[str],
) -> str:
    """Why a reading is not believed at all."""
    if rules.fingerprint in rules.accepted.readings:
        return ""
    if odd := (*reading.missing, *reading.crooked):
        return f"the shape of the page changed: {odd[0]}"
    if not before:
        return ""
    listed = sum(row.family not in gone for row in before)
    if len(rules.lost) * LARGEST_LOSS > listed:
        return f"{len(rules.lost)} of {listed} rows are gone, more than a fifth"
    known = {row.family: _facts(row) for row in before}
    changed = {row.family for row in placed if isinstance(row, Stranger) or known.get(row.family) != _facts(row)}
    count = len(changed) + len(strangers)
    return f"{count} rows changed at once, more than {MOST_CHANGED}" if count > MOST_CHANGED else ""


def _facts(row: ImageFamily) -> tuple[object, ...]:
    """What a row means, whatever its spelling."""
    dates = (row.date_of(milestone).day for milestone in Milestone)
    return (row.version, row.python, row.os, row.cuda, row.driver, row.patch_version, *dates)


def _dates(row: ImageFamily) -> str:
    return f"{row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"
