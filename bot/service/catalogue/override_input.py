"""What a person who sets a date by hand may get wrong, each in a sentence with what works; and how it is told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.policy import durations
from bot.policy import overrides as policy
from bot.service.catalogue.override_conflicts import MILESTONE_TITLES
from bot.service.versions import resolve
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import DLVM, ImageFamily, Milestone, Override

MILESTONE_ARGUMENTS = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "end_of_patch",
    Milestone.END_OF_AVAILABILITY: "end_of_availability",
}
"""What is typed for a milestone."""

FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2100, 12, 31)
"""Days that the date of a framework version can be."""

SAMPLE_DAY = date(2026, 6, 30)

MAX_REASON_LENGTH, MAX_NAME_LENGTH = 300, 80
"""Characters."""


class OverrideRequest(Struct, frozen=True):
    """What somebody wants to hold."""

    version: str
    """As they wrote it."""
    days: Mapping[Milestone, date]
    reason: str
    set_by: str
    until: date | None = None
    family: str = ""


class InvalidOverrideError(Exception):
    """What a person wants does not fit: one sentence, and a hint that works."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def resolve_version(text: str, snapshot: CatalogueSnapshot) -> str:
    """The canonical name of the version that somebody wrote; only a whole version, no image family of it."""
    found = resolve.resolve_name(text, snapshot, "status")
    if isinstance(found, resolve.FoundVersion):
        whole = snapshot.find(found.version.name)
        if whole is None or len(whole.families) == len(found.version.families):
            return found.version.name
        family = found.version.families[0].family
        raise InvalidOverrideError(
            f"{text[:80]!r} names only some image families of {whole.name}.",
            f"Name the version, and the family besides: dlvm catalogue override {whole.name} … --family {family}",
        )
    near = getattr(found, "suggestions", ()) or getattr(found, "neighbours", ()) or getattr(found, "versions", ())
    hint = f"Near it: {', '.join(near)}." if near else 'All of them: dlvm ask "list all"'
    raise InvalidOverrideError(f"No framework version is named {text[:80]!r}.", hint)


def build_overrides(
    request: OverrideRequest, version: str, rows: Sequence[ImageFamily], active: Sequence[Override], now: datetime
) -> tuple[Override, ...]:
    """The wish as what is to be in force; raises MistakenError where it does not fit."""
    reason, by = " ".join(request.reason.split()), " ".join(request.set_by.split())
    example = format_set_command(version, request.days)
    _check_texts(reason, by, example)
    if request.until is not None and request.until < now.date():
        raise InvalidOverrideError(
            f"--until {request.until} is behind already: it is the last day that the date by hand holds.",
            f"Leave it out, or: {example} --until {date(now.year + 1, 12, 31)}",
        )
    family = _find_family(request.family, version, rows, example)
    found = tuple(
        Override(0, DLVM, version, family, milestone, day, reason, by, now, request.until)
        for milestone, day in request.days.items()
    )
    _check_overrides(found, rows, active)
    return found


def _check_texts(reason: str, by: str, example: str) -> None:
    if not reason:
        raise InvalidOverrideError("A date is set by hand for a reason, which is shown wherever the date is.", example)
    for what, text, longest in (("--reason", reason, MAX_REASON_LENGTH), ("--by", by, MAX_NAME_LENGTH)):
        if len(text) > longest or not text.isprintable():
            raise InvalidOverrideError(f"{what} is one line of at most {longest} characters.", example)
    if not by:
        raise InvalidOverrideError("--by is who says so: a name, or leave it out.", example)


def _find_family(wanted: str, version: str, rows: Sequence[ImageFamily], example: str) -> str:
    if not wanted:
        return ""
    for row in rows:
        if wanted in {row.family, row.family_as_printed}:
            return row.family
    families = ", ".join(row.family for row in rows)
    raise InvalidOverrideError(
        f"{wanted[:100]!r} is no image family of {version}. Its families: {families}.",
        f"{example} --family {rows[0].family}" if rows else "",
    )


def _check_overrides(wanted: Sequence[Override], rows: Sequence[ImageFamily], active: Sequence[Override]) -> None:
    """Whether the days can be, say something else than the page, and leave the two dates in order."""
    newest = max((each.override_id for each in active), default=0)
    numbered = [replace(one, override_id=newest + number) for number, one in enumerate(wanted, start=1)]
    then = [*(each for each in active if not any(is_same_target(each, one) for one in wanted)), *numbered]
    for one in numbered:
        _check_day(one)
        _check_differs_from_page(one, policy.list_affected_rows(one, rows, then), active)
    for row in policy.apply_overrides(rows, then):
        if any(policy.find_in_force(row, one.milestone, then) == one for one in numbered):
            _check_date_order(row, wanted)


def _check_day(one: Override) -> None:
    if not FIRST_DAY <= one.day <= LAST_DAY:
        raise InvalidOverrideError(
            f"{one.day} is not a day from {FIRST_DAY} to {LAST_DAY}.", format_set_command(one.version, {})
        )


def _check_differs_from_page(one: Override, covered: Sequence[ImageFamily], active: Sequence[Override]) -> None:
    if not policy.page_agrees(one, covered):
        return
    held = any(is_same_target(each, one) for each in active)
    raise InvalidOverrideError(
        f"The page says {durations.format_date(one.day)} itself as the {MILESTONE_TITLES[one.milestone]} of {one.version}:"
        " there is nothing to set.",
        f"To have the page’s date hold again: {format_end_command(one.version, one.milestone)}" if held else "",
    )


def _check_date_order(row: ImageFamily, wanted: Sequence[Override]) -> None:
    patch, availability = row.end_of_patch_and_support.day, row.end_of_availability.day
    if patch is None or availability is None or patch <= availability:
        return
    if len(wanted) == 1:
        days = dict.fromkeys(Milestone, wanted[0].day)
    else:
        days = {Milestone.END_OF_PATCH_AND_SUPPORT: availability, Milestone.END_OF_AVAILABILITY: patch}
    raise InvalidOverrideError(
        f"The last day these images can be used, {durations.format_date(availability)}, would be before the last day of"
        f" patches and support, {durations.format_date(patch)} ({row.family}).",
        f"Set both: {format_set_command(row.version, days)}",
    )


def is_same_target(one: Override, other: Override) -> bool:
    """Whether they are about the same date of the same rows, so that the newer one replaces the other."""
    return (one.version, one.family, one.milestone) == (other.version, other.family, other.milestone)


def explain_nothing_to_end(
    version: str, milestones: Sequence[Milestone], family: str, active: Sequence[Override]
) -> tuple[str, str]:
    """Why there is nothing to end, and what there is."""
    what = " and ".join(f"the {MILESTONE_TITLES[each]}" for each in milestones) or "no date"
    where = f" for the image family {family[:100]}" if family else ""
    sentence = f"{what[0].upper()}{what[1:]} of {version} is {'not ' if milestones else ''}set by hand{where}."
    if active:
        return sentence, f"What is: {format_end_command(version, active[0].milestone)}"
    return sentence, "What is set by hand: dlvm catalogue overrides"


def format_set_command(version: str, days: Mapping[Milestone, date]) -> str:
    """What can be copied to set the days, or any."""
    wished = days or {Milestone.END_OF_PATCH_AND_SUPPORT: SAMPLE_DAY}
    said = " ".join(f"{MILESTONE_ARGUMENTS[milestone]}={day}" for milestone, day in wished.items())
    return f'dlvm catalogue override {version} {said} --reason "the Compute API says so"'


def format_end_command(version: str, milestone: Milestone) -> str:
    """What can be copied to have the page's date hold again."""
    return f"dlvm catalogue override {version} {MILESTONE_ARGUMENTS[milestone]} --end"


def format_set_remark(override: Override) -> str:
    """How a date is told that somebody set."""
    until = f", and holds through {durations.format_date(override.until)}" if override.until else ""
    return f"Set by hand by {override.set_by}{until}: {_add_full_stop(override.reason)}"


def format_end_remark(ended: Iterable[Override], ended_by: str) -> str:
    """How a date is told that somebody no longer sets."""
    setters = " and ".join(dict.fromkeys(each.set_by for each in ended))
    whose = "their own word" if setters == ended_by else f"what {setters} had set by hand"
    return f"{ended_by[0].upper()}{ended_by[1:]} ended {whose}: the page’s date holds again."


def format_expiry_remark(override: Override) -> str:
    """How a date is told that was set for a while which is over."""
    last = f" through {durations.format_date(override.until)}" if override.until else ""
    return f"What {override.set_by} had set by hand held{last}: the page’s date holds again."


def _add_full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
