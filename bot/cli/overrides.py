"""`dlvm catalogue override` and `overrides`: set, end and list overrides of dates."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from bot.bootstrap import core, delivery
from bot.policy.durations import format_date
from bot.policy.lifecycle import MILESTONE_NAMES
from bot.service.catalogue.override_input import (
    MILESTONE_ARGUMENTS,
    SAMPLE_DAY,
    InvalidOverrideError,
    OverrideRequest,
    format_end_command,
    format_set_command,
)
from bot.service.catalogue.overrides import OverrideResult, Overrides
from bot.settings import Settings
from storage import overrides
from storage.facts import Milestone, Override

MILESTONES_BY_NAME = {
    **{argument: milestone for milestone, argument in MILESTONE_ARGUMENTS.items()},
    **{milestone.value: milestone for milestone in Milestone},
}
"""Both spellings: `end_of_patch` and `end_of_patch_and_support`."""

EXAMPLE_LAST_DAY = date(2099, 12, 31)


def set_override(
    settings: Settings, request: OverrideRequest, arguments: Sequence[str], until: str, *, as_json: bool
) -> int:
    """Override the dates in `arguments` (name=date). Return exit code 2, changing nothing, if they are invalid."""

    def set_dates(use_case: Overrides) -> OverrideResult:
        days = _parse_dates(request.version, arguments)
        example = f"{format_set_command(request.version, days)} --until {EXAMPLE_LAST_DAY}"
        last_day = _parse_day(until, example) if until else None
        return use_case.set(replace(request, days=days, until=last_day), core.now())

    return _run(settings, set_dates, as_json=as_json)


def end_override(
    settings: Settings, version: str, arguments: Sequence[str], family: str, ended_by: str, *, as_json: bool
) -> int:
    """End the overrides of the named dates, or of both dates. Return exit code 2 if there are none."""

    def end_dates(use_case: Overrides) -> OverrideResult:
        example = format_end_command(version, Milestone.END_OF_AVAILABILITY)
        milestones = [_parse_milestone(name, example) for name in arguments]
        return use_case.end(version, milestones, ended_by, core.now(), family=family)

    return _run(settings, end_dates, as_json=as_json)


def list_overrides(settings: Settings, *, include_ended: bool, as_json: bool) -> int:
    """Print the active overrides, or all of them."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        listed = overrides.list_all(session) if include_ended else overrides.list_active(session)
    database.close()
    text = "".join(f"{_format_override(override)}\n" for override in listed) or "No overrides.\n"
    sys.stdout.write(_render_json(listed) if as_json else text)
    return 0


def _run(settings: Settings, action: Callable[[Overrides], OverrideResult], *, as_json: bool) -> int:
    database = core.prepare_database(settings)
    try:
        result = action(delivery.build_overrides(database, settings))
    except InvalidOverrideError as error:
        lines = (error.message, error.hint, "Nothing was changed.")
        sys.stderr.write("".join(f"{line}\n" for line in lines if line))
        return 2
    finally:
        database.close()
    sys.stdout.write(_render_json(result) if as_json else "".join(f"{line}\n" for line in _describe_result(result)))
    return 0


def _parse_dates(version: str, arguments: Sequence[str]) -> dict[Milestone, date]:
    """Parse arguments like `end_of_patch=2026-06-30`."""
    example = format_set_command(version, {})
    if not arguments:
        raise InvalidOverrideError("No date is given.", f"Try: {example}")
    days: dict[Milestone, date] = {}
    for argument in arguments:
        name, _, value = argument.partition("=")
        milestone = _parse_milestone(name, example)
        if milestone in days:
            raise InvalidOverrideError(f"{name} is given twice.", f"Try: {example}")
        days[milestone] = _parse_day(value, format_set_command(version, {milestone: SAMPLE_DAY}))
    return days


def _parse_milestone(name: str, example: str) -> Milestone:
    if name not in MILESTONES_BY_NAME:
        names = " or ".join(MILESTONE_ARGUMENTS.values())
        raise InvalidOverrideError(f"{name[:60]!r} isn't {names}.", f"Try: {example}")
    return MILESTONES_BY_NAME[name]


def _parse_day(text: str, example: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidOverrideError(f"{text[:60]!r} isn't a date like {SAMPLE_DAY}.", f"Try: {example}") from None


def _describe_result(result: OverrideResult) -> Iterator[str]:
    """List the overrides, the effective dates they changed, and whether channels are notified."""
    yield from map(_format_override, result.overrides)
    for change in result.changes:
        after = format_date(change.after) if change.after else "to be determined"
        title = MILESTONE_NAMES[change.milestone]
        yield f"{change.version}: the {title} is now {after} (was {format_date(change.before)})."
    for event in result.filled_in:
        if event.milestone is not None and event.day is not None:
            title = MILESTONE_NAMES[event.milestone]
            yield f"{event.version}: the {title} is now {format_date(event.day)} (was unknown)."
    has_changes = result.changes or result.filled_in
    yield "Subscribed channels are notified at the next tick." if has_changes else "No effective date changed."


def _format_override(override: Override) -> str:
    """Format `pytorch-2.7 end_of_patch=2026-06-30, set by Ada on 25 Nov 2026: reason (page: 1 Jun 2026)`."""
    family = f" for {override.family}" if override.family else ""
    until = f" until {format_date(override.until)}" if override.until else ""
    if override.ended_at:
        status = f"; inactive since {format_date(override.ended_at.date())}: {override.end_reason}"
    else:
        days = [format_date(date.fromisoformat(day)) for day in override.announced_upstream.split(",") if day]
        status = f" (page: {' and '.join(days) or 'no date'})"
    return (
        f"{override.version} {MILESTONE_ARGUMENTS[override.milestone]}={override.day}{family}, set by {override.set_by}"
        f" on {format_date(override.set_at.date())}{until}: {override.reason}{status}"
    )


def _render_json(value: object) -> str:
    from bot.cli.rendering import to_json_value

    return json.dumps(to_json_value(value), indent=1, ensure_ascii=False) + "\n"
