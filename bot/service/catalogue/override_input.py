"""Validation of requested overrides, and the sentences and commands shown about them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.policy.durations import format_date
from bot.policy.lifecycle import MILESTONE_NAMES
from bot.policy.overrides import apply_overrides, find_in_force, list_affected_rows, page_agrees
from bot.policy.products import DEEP_LEARNING_VM
from bot.service.versions import resolve
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import DLVM, ImageFamily, Milestone, Override

MILESTONE_ARGUMENTS = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "end_of_patch",
    Milestone.END_OF_AVAILABILITY: "end_of_availability",
}

FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2100, 12, 31)
"""Range of days an override can set, both included."""

SAMPLE_DAY = date(2026, 6, 30)

MAX_REASON_LENGTH, MAX_NAME_LENGTH = 300, 80
"""Characters."""


class OverrideRequest(Struct, frozen=True):
    """A request to override dates of a version, as typed."""

    version: str
    days: Mapping[Milestone, date]
    reason: str
    set_by: str
    until: date | None = None
    family: str = ""


class InvalidOverrideError(Exception):
    """An override that can't be set or ended: one sentence, and a hint with a command that works."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def resolve_version(text: str, snapshot: CatalogueSnapshot) -> str:
    """Return the canonical name of a version. Raise InvalidOverrideError if the text names anything else."""
    resolution = resolve.resolve_name(text, snapshot, "status")
    if isinstance(resolution, resolve.FoundVersion) and resolution.product is DEEP_LEARNING_VM:
        version = snapshot.find(resolution.version.name)
        if version is None or len(version.families) == len(resolution.version.families):
            return resolution.version.name
        family = resolution.version.families[0].family
        raise InvalidOverrideError(
            f"{text[:80]!r} names only some image families of {version.name}.",
            f"Name the version, and add the family: dlvm catalogue override {version.name} … --family {family}",
        )
    similar = (getattr(resolution, field, ()) for field in ("suggestions", "neighbours", "versions"))
    names = next(filter(None, similar), ())
    hint = f"Similar versions: {', '.join(names)}." if names else 'To list all versions: dlvm ask "list all"'
    raise InvalidOverrideError(f"No framework version is named {text[:80]!r}.", hint)


def build_overrides(
    request: OverrideRequest, version: str, rows: Sequence[ImageFamily], active: Sequence[Override], now: datetime
) -> tuple[Override, ...]:
    """Return the requested overrides, not yet stored. Raise InvalidOverrideError if one is invalid."""
    reason, set_by = " ".join(request.reason.split()), " ".join(request.set_by.split())
    example = format_set_command(version, request.days)
    _check_texts(reason, set_by, example)
    if request.until is not None and request.until < now.date():
        raise InvalidOverrideError(
            f"--until {request.until} is in the past. It is the last day of the override.",
            f"Omit it, or use: {example} --until {date(now.year + 1, 12, 31)}",
        )
    family = _find_family(request.family, version, rows, example)
    requested = tuple(
        Override(0, DLVM, version, family, milestone, day, reason, set_by, now, request.until)
        for milestone, day in request.days.items()
    )
    _check_overrides(requested, rows, active)
    return requested


def _check_texts(reason: str, set_by: str, example: str) -> None:
    if not reason:
        raise InvalidOverrideError("An override needs a reason, which is shown with the date.", example)
    for option, text, max_length in (("--reason", reason, MAX_REASON_LENGTH), ("--by", set_by, MAX_NAME_LENGTH)):
        if len(text) > max_length or not text.isprintable():
            raise InvalidOverrideError(f"{option} must be one line of at most {max_length} characters.", example)
    if not set_by:
        raise InvalidOverrideError("--by is empty. Give a name, or omit the option.", example)


def _find_family(name: str, version: str, rows: Sequence[ImageFamily], example: str) -> str:
    """Return the family of a row by its name, also as printed. Return an empty string for an empty name."""
    if not name:
        return ""
    for row in rows:
        if name in {row.family, row.family_as_printed}:
            return row.family
    families = ", ".join(row.family for row in rows)
    raise InvalidOverrideError(
        f"{name[:100]!r} isn’t an image family of {version}. Its families: {families}.",
        f"{example} --family {rows[0].family}" if rows else "",
    )


def _check_overrides(requested: Sequence[Override], rows: Sequence[ImageFamily], active: Sequence[Override]) -> None:
    """Check that the days are in range, differ from the page, and leave the two dates in order."""
    last_id = max((override.override_id for override in active), default=0)
    numbered = [replace(override, override_id=last_id + number) for number, override in enumerate(requested, start=1)]
    kept = [old for old in active if not any(is_same_target(old, new) for new in numbered)]
    resulting = [*kept, *numbered]
    for override in numbered:
        if not FIRST_DAY <= override.day <= LAST_DAY:
            example = format_set_command(override.version, {})
            raise InvalidOverrideError(f"{override.day} is not between {FIRST_DAY} and {LAST_DAY}.", example)
        _check_differs_from_page(override, list_affected_rows(override, rows, resulting), active)
    for row in apply_overrides(rows, resulting):
        if any(find_in_force(row, override.milestone, resulting) == override for override in numbered):
            _check_date_order(row, requested)


def _check_differs_from_page(override: Override, affected: Sequence[ImageFamily], active: Sequence[Override]) -> None:
    if not page_agrees(override, affected):
        return
    hint = ""
    if any(is_same_target(other, override) for other in active):
        hint = f"To remove the current override: {format_end_command(override.version, override.milestone)}"
    raise InvalidOverrideError(
        f"Google’s page already gives {format_date(override.day)} as the {MILESTONE_NAMES[override.milestone]} of"
        f" {override.version}, so it needs no override.",
        hint,
    )


def _check_date_order(row: ImageFamily, requested: Sequence[Override]) -> None:
    patch, availability = row.end_of_patch_and_support.day, row.end_of_availability.day
    if patch is None or availability is None or patch <= availability:
        return
    if len(requested) == 1:
        days = dict.fromkeys(Milestone, requested[0].day)
    else:
        days = {Milestone.END_OF_PATCH_AND_SUPPORT: availability, Milestone.END_OF_AVAILABILITY: patch}
    raise InvalidOverrideError(
        f"The last day these images can be used, {format_date(availability)}, would be before the last day of"
        f" patches and support, {format_date(patch)} ({row.family}).",
        f"Set both: {format_set_command(row.version, days)}",
    )


def is_same_target(one: Override, other: Override) -> bool:
    """Return True if both override the same date of the same rows, so that the newer replaces the older."""
    return (one.version, one.family, one.milestone) == (other.version, other.family, other.milestone)


def explain_nothing_to_end(
    version: str, milestones: Sequence[Milestone], family: str, active: Sequence[Override]
) -> tuple[str, str]:
    """Return the sentence and hint for a request that matches none of the version's active overrides."""
    date_part = f" for the {' or the '.join(map(MILESTONE_NAMES.__getitem__, milestones))}" if milestones else ""
    family_part = f" for the image family {family[:100]}" if family else ""
    message = f"{version} has no override{date_part}{family_part}."
    if active:
        return message, f"It has this one: {format_end_command(version, active[0].milestone)}"
    return message, "To list all overrides: dlvm catalogue overrides"


def format_set_command(version: str, days: Mapping[Milestone, date]) -> str:
    """Return a command that sets the days, or a sample day if there are none."""
    days = days or {Milestone.END_OF_PATCH_AND_SUPPORT: SAMPLE_DAY}
    arguments = " ".join(f"{MILESTONE_ARGUMENTS[milestone]}={day}" for milestone, day in days.items())
    return f'dlvm catalogue override {version} {arguments} --reason "the Compute API says so"'


def format_end_command(version: str, milestone: Milestone) -> str:
    """Return a command that removes the override of the milestone."""
    return f"dlvm catalogue override {version} {MILESTONE_ARGUMENTS[milestone]} --end"


def format_set_remark(override: Override) -> str:
    """Return the remark for a date changed by a new override."""
    until = f" until {format_date(override.until)}" if override.until else ""
    full_stop = "" if override.reason.endswith((".", "!", "?", "…")) else "."
    return f"Overridden by {override.set_by}{until}: {override.reason}{full_stop}"


def format_end_remark(ended: Iterable[Override], ended_by: str) -> str:
    """Return the remark for a date changed by removing overrides."""
    set_by = " and ".join(dict.fromkeys(override.set_by for override in ended))
    removed = "removed" if set_by == ended_by else f"removed by {ended_by}"
    return f"The override by {set_by} was {removed}. The date on Google’s page applies again."


def format_expiry_remark(override: Override) -> str:
    """Return the remark for a date changed by an expired override."""
    last_day = f" on {format_date(override.until)}" if override.until else ""
    return f"The override by {override.set_by} expired{last_day}. The date on Google’s page applies again."
