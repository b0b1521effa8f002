"""`dlvm catalogue override` and `overrides`: a date set by hand from the terminal, ended, and listed."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from bot.bootstrap import core, delivery
from bot.policy import durations
from bot.service.catalogue.override_conflicts import TITLES
from bot.service.catalogue.override_input import SAMPLE, SHORT, MistakenError, Wish, command, ending
from bot.service.catalogue.overrides import Overridden, Overriding
from bot.settings import Settings
from storage import overrides
from storage.facts import Milestone, Override

MILESTONES = {
    **{short: milestone for milestone, short in SHORT.items()},
    **{milestone.value: milestone for milestone in Milestone},
}
"""What may be typed for one."""

SAMPLE_UNTIL = date(2099, 12, 31)

UNCHANGED = "Nothing was changed."


def set_(settings: Settings, wish: Wish, words: Sequence[str], until: str, *, as_json: bool) -> int:
    """Has the dates hold that the words name; 2 where they do not fit, and then nothing is changed."""

    def work(overriding: Overriding) -> Overridden:
        days = _days(wish.version, words)
        last = _day(until, f"{command(wish.version, days)} --until {SAMPLE_UNTIL}") if until else None
        return overriding.set(replace(wish, days=days, until=last), core.now())

    return _run(settings, work, as_json=as_json)


def end(settings: Settings, version: str, words: Sequence[str], family: str, who: str, *, as_json: bool) -> int:
    """Has the page's dates hold again, of the milestones that are named or of both; 2 where nothing of it is set."""

    def work(overriding: Overriding) -> Overridden:
        milestones = [_milestone(word, ending(version, Milestone.END_OF_AVAILABILITY)) for word in words]
        return overriding.end(version, milestones, who, core.now(), family=family)

    return _run(settings, work, as_json=as_json)


def listed(settings: Settings, *, everything: bool, as_json: bool) -> int:
    """Prints what is set by hand; with everything, also what was."""
    database = core.ready(settings)
    with database.reading() as session:
        found = overrides.all(session) if everything else overrides.in_force(session)
    database.close()
    sys.stdout.write(_json(found) if as_json else "".join(map(_line, found)) or "No date is set by hand.\n")
    return 0


def _run(settings: Settings, work: Callable[[Overriding], Overridden], *, as_json: bool) -> int:
    database = core.ready(settings)
    try:
        done = work(delivery.overriding(database, settings))
    except MistakenError as mistake:
        sys.stderr.write("".join(f"{said}\n" for said in (mistake.sentence, mistake.hint, UNCHANGED) if said))
        return 2
    finally:
        database.close()
    sys.stdout.write(_json(done) if as_json else "".join(f"{line}\n" for line in _told(done)))
    return 0


def _days(version: str, words: Sequence[str]) -> dict[Milestone, date]:
    """The dates of words like `end_of_patch=2026-06-30`."""
    example = command(version, {})
    if not words:
        raise MistakenError("Say which date holds.", f"Try: {example}")
    days: dict[Milestone, date] = {}
    for word in words:
        name, _, value = word.partition("=")
        milestone = _milestone(name, example)
        if milestone in days:
            raise MistakenError(f"{name} is named twice.", f"Try: {example}")
        days[milestone] = _day(value, command(version, {milestone: SAMPLE}))
    return days


def _milestone(name: str, example: str) -> Milestone:
    if name not in MILESTONES:
        raise MistakenError(f"{name[:60]!r} is none of {', '.join(SHORT.values())}.", f"Try: {example}")
    return MILESTONES[name]


def _day(text: str, example: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MistakenError(f"{text[:60]!r} is not a date: write it like {SAMPLE}.", f"Try: {example}") from None


def _told(done: Overridden) -> Iterator[str]:
    """What was set or ended, and who hears of it."""
    for each in done.overrides:
        yield _line(each).rstrip()
    for change in done.changes:
        after = durations.plain_date(change.after) if change.after else "to be determined"
        yield f"{change.version}: the {TITLES[change.milestone]} is {after} now, and was {_plain(change.before)}."
    for event in done.filled_in:
        if event.milestone is not None and event.day is not None:
            yield f"{event.version}: the {TITLES[event.milestone]} is {_plain(event.day)} now, and was not known."
    hears = done.changes or done.filled_in
    yield "Channels that watch it are told at the next tick." if hears else "No date that holds is another one by that."


def _line(one: Override) -> str:
    """`pytorch-2.7 end_of_patch=2026-06-30, set by Ada on 25 Nov 2026: why`."""
    family = f" for {one.family}" if one.family else ""
    until = f", through {_plain(one.until)}" if one.until else ""
    ended = f"; over since {_plain(one.ended_at.date())}: {one.ended_why}" if one.ended_at else ""
    days = [_plain(date.fromisoformat(day)) for day in one.upstream.split(",") if day]
    page = "" if one.ended_at else f" (the page says {' and '.join(days) or 'no date'})"
    return (
        f"{one.version} {SHORT[one.milestone]}={one.day}{family}, set by {one.set_by}"
        f" on {_plain(one.set_at.date())}{until}: {one.reason}{page}{ended}\n"
    )


def _plain(day: date) -> str:
    return durations.plain_date(day)


def _json(found: object) -> str:
    from bot.cli.rendering import plain  # noqa: PLC0415 - beside its only use

    return json.dumps(plain(found), indent=1, ensure_ascii=False) + "\n"
