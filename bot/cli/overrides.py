"""`dlvm catalogue override` and `overrides`: set, end and list overrides of dates."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import COMMAND_LINE, AsJson, exit_with_error, open_context

if TYPE_CHECKING:
    from bot.service.catalogue.override_input import OverrideRequest
    from bot.service.catalogue.overrides import OverrideResult
    from storage.facts import Milestone, Override

EXAMPLE_LAST_DAY = date(2099, 12, 31)


def override(
    version: Annotated[str, typer.Argument(help="Framework version, e.g. pytorch-2.7.")],
    dates: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[end_of_patch=DATE] [end_of_availability=DATE]", help="Dates to set; names only with --end."
        ),
    ] = None,
    *,
    reason: Annotated[str, typer.Option(help="Reason, shown next to the date.")] = "",
    until: Annotated[str, typer.Option(help="Last day of the override (default: no end).")] = "",
    family: Annotated[str, typer.Option(help="One image family of the version (default: all).")] = "",
    by: Annotated[str, typer.Option(help="Who sets the override; shown with the reason.")] = COMMAND_LINE,
    end: Annotated[bool, typer.Option("--end", help="Remove the override, and use the page's date again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Override a date, or remove an override."""
    from bot.bootstrap import core, delivery
    from bot.cli.rendering import print_json
    from bot.service.catalogue.override_input import InvalidOverrideError, OverrideRequest

    with open_context() as context:
        use_case = delivery.build_overrides(context.database, context.settings)
        try:
            if end:
                result = use_case.end(version, _parse_ended(version, dates or ()), by, core.now(), family=family)
            else:
                request = OverrideRequest(version, _parse_dates(version, dates or ()), reason, by, None, family)
                result = use_case.set(_set_last_day(request, until), core.now())
        except InvalidOverrideError as error:
            exit_with_error(error.message, error.hint, "Nothing was changed.")
    if as_json:
        print_json(result)
    else:
        sys.stdout.writelines(f"{line}\n" for line in _describe_result(result))


def list_overrides(
    *,
    include_ended: Annotated[bool, typer.Option("--all", help="Include ended overrides.")] = False,
    as_json: AsJson = False,
) -> None:
    """List overrides, with who set each one, why, and its last day."""
    from bot.cli.rendering import print_json
    from storage import overrides

    with open_context() as context, context.database.read_only() as session:
        listed = overrides.list_all(session) if include_ended else overrides.list_active(session)
    if as_json:
        print_json(listed)
    else:
        sys.stdout.write("".join(f"{_format_override(override)}\n" for override in listed) or "No overrides.\n")


def _parse_ended(version: str, names: Sequence[str]) -> list[Milestone]:
    """Parse names like `end_of_patch`. None stand for both dates."""
    from bot.service.catalogue.override_input import format_end_command
    from storage.facts import Milestone

    example = format_end_command(version, Milestone.END_OF_AVAILABILITY)
    return [_parse_milestone(name, example) for name in names]


def _set_last_day(request: OverrideRequest, until: str) -> OverrideRequest:
    from msgspec.structs import replace

    from bot.service.catalogue.override_input import format_set_command

    example = f"{format_set_command(request.version, request.days)} --until {EXAMPLE_LAST_DAY}"
    return replace(request, until=_parse_day(until, example)) if until else request


def _parse_dates(version: str, arguments: Sequence[str]) -> dict[Milestone, date]:
    """Parse arguments like `end_of_patch=2026-06-30`."""
    from bot.service.catalogue.override_input import SAMPLE_DAY, InvalidOverrideError, format_set_command

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
    from bot.service.catalogue.override_input import MILESTONE_ARGUMENTS, InvalidOverrideError

    for milestone, argument in MILESTONE_ARGUMENTS.items():
        if name in {argument, milestone.value}:
            return milestone
    names = " or ".join(MILESTONE_ARGUMENTS.values())
    raise InvalidOverrideError(f"{name[:60]!r} isn't {names}.", f"Try: {example}")


def _parse_day(text: str, example: str) -> date:
    from bot.service.catalogue.override_input import SAMPLE_DAY, InvalidOverrideError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidOverrideError(f"{text[:60]!r} isn't a date like {SAMPLE_DAY}.", f"Try: {example}") from None


def _describe_result(result: OverrideResult) -> Iterator[str]:
    """List the overrides, the effective dates they changed, and whether channels are notified."""
    from bot.policy.durations import format_date
    from bot.policy.lifecycle import MILESTONE_NAMES

    yield from map(_format_override, result.overrides)
    for change in result.changes:
        after = format_date(change.after) if change.after else "to be determined"
        title = MILESTONE_NAMES[change.milestone]
        yield f"{change.version}: the {title} is now {after} (was {format_date(change.before)})."
    for filled_in in result.filled_in:
        title = MILESTONE_NAMES[filled_in.milestone]
        yield f"{filled_in.version}: the {title} is now {format_date(filled_in.day)} (was unknown)."
    has_changes = result.changes or result.filled_in
    yield "Subscribed channels are notified at the next tick." if has_changes else "No effective date changed."


def _format_override(override: Override) -> str:
    """Format `pytorch-2.7 end_of_patch=2026-06-30, set by Ada on 25 Nov 2026: reason (page: 1 Jun 2026)`."""
    from bot.policy.durations import format_date
    from bot.service.catalogue.override_input import MILESTONE_ARGUMENTS

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
