"""What a person who sets a date by hand may get wrong, each in a sentence with what works; and how it is told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.policy import durations
from bot.policy import overrides as policy
from bot.service.catalogue.override_conflicts import TITLES
from bot.service.versions import resolve
from bot.service.versions.snapshot import Known
from storage.facts import DLVM, ImageFamily, Milestone, Override

SHORT = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "end_of_patch",
    Milestone.END_OF_AVAILABILITY: "end_of_availability",
}
"""What is typed for a milestone."""

FIRST, LAST = date(2015, 1, 1), date(2100, 12, 31)
"""Days that the date of a framework version can be."""

SAMPLE = date(2026, 6, 30)

LONGEST_REASON, LONGEST_NAME = 300, 80
"""Characters."""


class Wish(Struct, frozen=True):
    """What somebody wants to hold."""

    version: str
    """As they wrote it."""
    days: Mapping[Milestone, date]
    reason: str
    by: str
    until: date | None = None
    family: str = ""


class MistakenError(Exception):
    """What a person wants does not fit: one sentence, and a hint that works."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


def version_of(text: str, known: Known) -> str:
    """The canonical name of the version that somebody wrote; only a whole version, no image family of it."""
    found = resolve.named(text, known, "status")
    if isinstance(found, resolve.Found):
        whole = known.find(found.version.name)
        if whole is None or len(whole.families) == len(found.version.families):
            return found.version.name
        family = found.version.families[0].family
        raise MistakenError(
            f"{text[:80]!r} names only some image families of {whole.name}.",
            f"Name the version, and the family besides: dlvm catalogue override {whole.name} … --family {family}",
        )
    near = getattr(found, "suggestions", ()) or getattr(found, "neighbours", ()) or getattr(found, "versions", ())
    hint = f"Near it: {', '.join(near)}." if near else 'All of them: dlvm ask "list all"'
    raise MistakenError(f"No framework version is named {text[:80]!r}.", hint)


def made(
    wish: Wish, version: str, rows: Sequence[ImageFamily], holding: Sequence[Override], now: datetime
) -> tuple[Override, ...]:
    """The wish as what is to be in force; raises MistakenError where it does not fit."""
    reason, by = " ".join(wish.reason.split()), " ".join(wish.by.split())
    example = command(version, wish.days)
    _worded(reason, by, example)
    if wish.until is not None and wish.until < now.date():
        raise MistakenError(
            f"--until {wish.until} is behind already: it is the last day that the date by hand holds.",
            f"Leave it out, or: {example} --until {date(now.year + 1, 12, 31)}",
        )
    family = _family(wish.family, version, rows, example)
    found = tuple(
        Override(0, DLVM, version, family, milestone, day, reason, by, now, wish.until)
        for milestone, day in wish.days.items()
    )
    _fits(found, rows, holding)
    return found


def _worded(reason: str, by: str, example: str) -> None:
    if not reason:
        raise MistakenError("A date is set by hand for a reason, which is shown wherever the date is.", example)
    for what, text, longest in (("--reason", reason, LONGEST_REASON), ("--by", by, LONGEST_NAME)):
        if len(text) > longest or not text.isprintable():
            raise MistakenError(f"{what} is one line of at most {longest} characters.", example)
    if not by:
        raise MistakenError("--by is who says so: a name, or leave it out.", example)


def _family(wanted: str, version: str, rows: Sequence[ImageFamily], example: str) -> str:
    if not wanted:
        return ""
    for row in rows:
        if wanted in {row.family, row.family_as_printed}:
            return row.family
    families = ", ".join(row.family for row in rows)
    raise MistakenError(
        f"{wanted[:100]!r} is no image family of {version}. Its families: {families}.",
        f"{example} --family {rows[0].family}" if rows else "",
    )


def _fits(wanted: Sequence[Override], rows: Sequence[ImageFamily], holding: Sequence[Override]) -> None:
    """Whether the days can be, say something else than the page, and leave the two dates in order."""
    newest = max((each.override_id for each in holding), default=0)
    numbered = [replace(one, override_id=newest + number) for number, one in enumerate(wanted, start=1)]
    then = [*(each for each in holding if not any(same(each, one) for one in wanted)), *numbered]
    for one in numbered:
        _is_a_day(one)
        _says_something(one, policy.covered(one, rows, then), holding)
    for row in policy.effective(rows, then):
        if any(policy.holding(row, one.milestone, then) == one for one in numbered):
            _in_order(row, wanted)


def _is_a_day(one: Override) -> None:
    if not FIRST <= one.day <= LAST:
        raise MistakenError(f"{one.day} is not a day from {FIRST} to {LAST}.", command(one.version, {}))


def _says_something(one: Override, covered: Sequence[ImageFamily], holding: Sequence[Override]) -> None:
    if not policy.page_agrees(one, covered):
        return
    held = any(same(each, one) for each in holding)
    raise MistakenError(
        f"The page says {durations.plain_date(one.day)} itself as the {TITLES[one.milestone]} of {one.version}:"
        " there is nothing to set.",
        f"To have the page’s date hold again: {ending(one.version, one.milestone)}" if held else "",
    )


def _in_order(row: ImageFamily, wanted: Sequence[Override]) -> None:
    patch, availability = row.end_of_patch_and_support.day, row.end_of_availability.day
    if patch is None or availability is None or patch <= availability:
        return
    if len(wanted) == 1:
        days = dict.fromkeys(Milestone, wanted[0].day)
    else:
        days = {Milestone.END_OF_PATCH_AND_SUPPORT: availability, Milestone.END_OF_AVAILABILITY: patch}
    raise MistakenError(
        f"The last day these images can be used, {durations.plain_date(availability)}, would be before the last day of"
        f" patches and support, {durations.plain_date(patch)} ({row.family}).",
        f"Set both: {command(row.version, days)}",
    )


def same(one: Override, other: Override) -> bool:
    """Whether they are about the same date of the same rows, so that the newer one replaces the other."""
    return (one.version, one.family, one.milestone) == (other.version, other.family, other.milestone)


def none_held(version: str, milestones: Sequence[Milestone], family: str, held: Sequence[Override]) -> tuple[str, str]:
    """Why there is nothing to end, and what there is."""
    what = " and ".join(f"the {TITLES[each]}" for each in milestones) or "no date"
    where = f" for the image family {family[:100]}" if family else ""
    sentence = f"{what[0].upper()}{what[1:]} of {version} is {'not ' if milestones else ''}set by hand{where}."
    if held:
        return sentence, f"What is: {ending(version, held[0].milestone)}"
    return sentence, "What is set by hand: dlvm catalogue overrides"


def command(version: str, days: Mapping[Milestone, date]) -> str:
    """What can be copied to set the days, or any."""
    wished = days or {Milestone.END_OF_PATCH_AND_SUPPORT: SAMPLE}
    said = " ".join(f"{SHORT[milestone]}={day}" for milestone, day in wished.items())
    return f'dlvm catalogue override {version} {said} --reason "the Compute API says so"'


def ending(version: str, milestone: Milestone) -> str:
    """What can be copied to have the page's date hold again."""
    return f"dlvm catalogue override {version} {SHORT[milestone]} --end"


def set_remark(override: Override) -> str:
    """How a date is told that somebody set."""
    until = f", and holds through {durations.plain_date(override.until)}" if override.until else ""
    return f"Set by hand by {override.set_by}{until}: {_stopped(override.reason)}"


def end_remark(ended: Iterable[Override], who: str) -> str:
    """How a date is told that somebody no longer sets."""
    setters = " and ".join(dict.fromkeys(each.set_by for each in ended))
    whose = "their own word" if setters == who else f"what {setters} had set by hand"
    return f"{who[0].upper()}{who[1:]} ended {whose}: the page’s date holds again."


def over_remark(override: Override) -> str:
    """How a date is told that was set for a while which is over."""
    last = f" through {durations.plain_date(override.until)}" if override.until else ""
    return f"What {override.set_by} had set by hand held{last}: the page’s date holds again."


def _stopped(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
