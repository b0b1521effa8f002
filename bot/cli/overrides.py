"""`dlvm catalogue override` and `overrides`: a date set by hand from the terminal, ended, and listed."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from bot.bootstrap import core, delivery
from bot.policy import durations
from bot.service.catalogue.override_conflicts import MILESTONE_TITLES
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
    **{short: milestone for milestone, short in MILESTONE_ARGUMENTS.items()},
    **{milestone.value: milestone for milestone in Milestone},
}
"""What may be typed for one."""

EXAMPLE_LAST_DAY = date(2099, 12, 31)

UNCHANGED = "Nothing was changed."


def set_override(
    settings: Settings, request: OverrideRequest, arguments: Sequence[str], until: str, *, as_json: bool
) -> int:
    """Has the dates hold that the words name; 2 where they do not fit, and then nothing is changed."""

    def work(overriding: Overrides) -> OverrideResult:
        days = _parse_dates(request.version, arguments)
        last = (
            _parse_day(until, f"{format_set_command(request.version, days)} --until {EXAMPLE_LAST_DAY}")
            if until
            else None
        )
        return overriding.set(replace(request, days=days, until=last), core.now())

    return _run(settings, work, as_json=as_json)


def end_override(
    settings: Settings, version: str, arguments: Sequence[str], family: str, ended_by: str, *, as_json: bool
) -> int:
    """Has the page's dates hold again, of the milestones that are named or of both; 2 where nothing of it is set."""

    def work(overriding: Overrides) -> OverrideResult:
        milestones = [
            _parse_milestone(word, format_end_command(version, Milestone.END_OF_AVAILABILITY)) for word in arguments
        ]
        return overriding.end(version, milestones, ended_by, core.now(), family=family)

    return _run(settings, work, as_json=as_json)


def list_overrides(settings: Settings, *, include_ended: bool, as_json: bool) -> int:
    """Prints what is set by hand; with everything, also what was."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        found = overrides.list_all(session) if include_ended else overrides.list_active(session)
    database.close()
    sys.stdout.write(
        _render_json(found) if as_json else "".join(map(_format_override, found)) or "No date is set by hand.\n"
    )
    return 0


def _run(settings: Settings, action: Callable[[Overrides], OverrideResult], *, as_json: bool) -> int:
    database = core.prepare_database(settings)
    try:
        done = action(delivery.build_overrides(database, settings))
    except InvalidOverrideError as mistake:
        sys.stderr.write("".join(f"{said}\n" for said in (mistake.message, mistake.hint, UNCHANGED) if said))
        return 2
    finally:
        database.close()
    sys.stdout.write(_render_json(done) if as_json else "".join(f"{line}\n" for line in _describe_result(done)))
    return 0


def _parse_dates(version: str, arguments: Sequence[str]) -> dict[Milestone, date]:
    """The dates of words like `end_of_patch=2026-06-30`."""
    example = format_set_command(version, {})
    if not arguments:
        raise InvalidOverrideError("Say which date holds.", f"Try: {example}")
    days: dict[Milestone, date] = {}
    for word in arguments:
        name, _, value = word.partition("=")
        milestone = _parse_milestone(name, example)
        if milestone in days:
            raise InvalidOverrideError(f"{name} is named twice.", f"Try: {example}")
        days[milestone] = _parse_day(value, format_set_command(version, {milestone: SAMPLE_DAY}))
    return days


def _parse_milestone(name: str, example: str) -> Milestone:
    if name not in MILESTONES_BY_NAME:
        raise InvalidOverrideError(
            f"{name[:60]!r} is none of {', '.join(MILESTONE_ARGUMENTS.values())}.", f"Try: {example}"
        )
    return MILESTONES_BY_NAME[name]


def _parse_day(text: str, example: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidOverrideError(
            f"{text[:60]!r} is not a date: write it like {SAMPLE_DAY}.", f"Try: {example}"
        ) from None


def _describe_result(result: OverrideResult) -> Iterator[str]:
    """What was set or ended, and who hears of it."""
    for each in result.overrides:
        yield _format_override(each).rstrip()
    for change in result.changes:
        after = durations.format_date(change.after) if change.after else "to be determined"
        yield f"{change.version}: the {MILESTONE_TITLES[change.milestone]} is {after} now, and was {_format_date(change.before)}."
    for event in result.filled_in:
        if event.milestone is not None and event.day is not None:
            yield f"{event.version}: the {MILESTONE_TITLES[event.milestone]} is {_format_date(event.day)} now, and was not known."
    hears = result.changes or result.filled_in
    yield "Channels that watch it are told at the next tick." if hears else "No date that holds is another one by that."


def _format_override(override: Override) -> str:
    """`pytorch-2.7 end_of_patch=2026-06-30, set by Ada on 25 Nov 2026: why`."""
    family = f" for {override.family}" if override.family else ""
    until = f", through {_format_date(override.until)}" if override.until else ""
    ended = f"; over since {_format_date(override.ended_at.date())}: {override.end_reason}" if override.ended_at else ""
    days = [_format_date(date.fromisoformat(day)) for day in override.announced_upstream.split(",") if day]
    page = "" if override.ended_at else f" (the page says {' and '.join(days) or 'no date'})"
    return (
        f"{override.version} {MILESTONE_ARGUMENTS[override.milestone]}={override.day}{family}, set by {override.set_by}"
        f" on {_format_date(override.set_at.date())}{until}: {override.reason}{page}{ended}\n"
    )


def _format_date(day: date) -> str:
    return durations.format_date(day)


def _render_json(value: object) -> str:
    from bot.cli.rendering import to_json_value  # noqa: PLC0415 - beside its only use

    return json.dumps(to_json_value(value), indent=1, ensure_ascii=False) + "\n"
