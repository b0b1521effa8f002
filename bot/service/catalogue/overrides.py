"""Dates set by hand: a person's word wins until it is ended or over, and goes the way of every date that moves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from sqlmodel import Session

from bot.policy import changes as moving
from bot.policy import durations
from bot.policy import overrides as policy
from bot.service.catalogue import override_input
from bot.service.catalogue.date_changes import Moves
from bot.service.catalogue.override_input import MistakenError, Wish
from bot.service.reminders.planning import Planning
from bot.service.versions.snapshot import KnownVersions
from storage import catalogue, news, outbox, overrides, sources
from storage.database import Database
from storage.facts import (
    DLVM,
    CatalogueEvent,
    DateChange,
    EventKind,
    ImageFamily,
    Milestone,
    Override,
    Schedule,
)

ANEW = "set anew"
ENDED = "ended by {who}"
OVER = "its last day was {day}"


class Overridden(Struct, frozen=True):
    """What was set or ended by hand, and which dates are others by that."""

    overrides: tuple[Override, ...]
    changes: tuple[DateChange, ...] = ()
    filled_in: tuple[CatalogueEvent, ...] = ()


class Overriding:
    """Sets dates by hand, ends that, and ends what is over."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._planning = Planning(database, known)
        self._moves = Moves(default)

    def set(self, wish: Wish, now: datetime) -> Overridden:
        """Has the wished dates hold from now on; raises MistakenError where they do not fit, and changes nothing."""
        with self._database.reading() as session:
            self._made(session, wish, now)
        self._planning.plan(now)

        def work(session: Session) -> Overridden:
            sources.hold(session)
            made = self._made(session, wish, now)
            before = overrides.in_force(session)
            replaced = [each.override_id for each in before if any(override_input.same(each, one) for one in made)]
            overrides.end(session, replaced, now, ANEW)
            added = tuple(overrides.add(session, one) for one in made)
            return self._changed(session, before, added, now, override_input.set_remark(added[0]))

        return self._database.run(work)

    def end(
        self, version: str, milestones: Sequence[Milestone], who: str, now: datetime, *, family: str = ""
    ) -> Overridden:
        """Has the page's dates hold again: all of the version, or of the milestones and image family that are named."""
        with self._database.reading() as session:
            self._ending(session, version, milestones, family)
        self._planning.plan(now)

        def work(session: Session) -> Overridden:
            sources.hold(session)
            ending = self._ending(session, version, milestones, family)
            return self._ended(session, ending, now, ENDED.format(who=who), override_input.end_remark(ending, who))

        return self._database.run(work)

    def expire(self, now: datetime) -> int:
        """Ends what is over, from the first moment after its last day in UTC; of several processes one does."""
        with self._database.reading() as session:
            found = overrides.over(session, now.date())
        if not found:
            return 0
        self._planning.plan(now)
        return sum(self._database.run(partial(self._expired, override=each, now=now)) for each in found)

    def _expired(self, session: Session, override: Override, now: datetime) -> int:
        sources.hold(session)
        why = OVER.format(day=durations.plain_date(override.until) if override.until else "long ago")
        return len(self._ended(session, (override,), now, why, override_input.over_remark(override)).overrides)

    def _ended(self, session: Session, ending: Iterable[Override], now: datetime, why: str, remark: str) -> Overridden:
        ended = overrides.end(session, [each.override_id for each in ending], now, why)
        if not ended:
            return Overridden(())
        before = sorted((*overrides.in_force(session), *ended), key=lambda each: each.override_id)
        return self._changed(session, before, ended, now, remark)

    def _changed(
        self, session: Session, before: Sequence[Override], about: tuple[Override, ...], now: datetime, remark: str
    ) -> Overridden:
        """What follows from other words being in force than before."""
        rows, holding = catalogue.all(session), overrides.in_force(session)
        last = catalogue.last_reading(session)
        url = last.source_url if last is not None else ""
        held, hold = policy.effective(rows, before), policy.effective(rows, holding)
        changes = self._moves.tell(session, held, hold, now, url, remark)
        for each in holding:
            if each.version == about[0].version:
                overrides.heard(
                    session, each.override_id, policy.said(policy.covered(each, rows, holding), each.milestone)
                )
        told = _filled_in(session, held, hold, now, url, about[0], remark)
        return Overridden(overrides.find(session, [each.override_id for each in about]), changes, told)

    def _made(self, session: Session, wish: Wish, now: datetime) -> tuple[Override, ...]:
        known = self._known.read(session)
        name = override_input.version_of(wish.version, known)
        rows = [row for row in catalogue.all(session) if row.version == name]
        return override_input.made(wish, name, rows, overrides.in_force(session), now)

    def _ending(
        self, session: Session, version: str, milestones: Sequence[Milestone], family: str
    ) -> tuple[Override, ...]:
        name = override_input.version_of(version, self._known.read(session))
        held = [each for each in overrides.in_force(session) if each.version == name]
        found = [each for each in held if not milestones or each.milestone in milestones]
        found = [each for each in found if family in {"", each.family}]
        if not found:
            raise MistakenError(*override_input.none_held(name, milestones, family, held))
        return tuple(found)


def _filled_in(
    session: Session,
    before: Sequence[ImageFamily],
    after: Sequence[ImageFamily],
    now: datetime,
    url: str,
    override: Override,
    remark: str,
) -> tuple[CatalogueEvent, ...]:
    """A date where none was known is no move: those who watch the version hear that it is known now."""
    found = [event for event in moving.events(before, after) if isinstance(event, moving.FilledIn)]
    told = []
    for one in found:
        event = CatalogueEvent(
            event_id=0,
            product=DLVM,
            framework=one.version.partition("-")[0],
            version=one.version,
            kind=EventKind.FILLED_IN,
            found_at=now,
            source_url=url,
            families=one.families,
            milestone=one.milestone,
            day=one.day,
            details={"by": override.set_by, "reason": override.reason, "text": remark},
        )
        told.append(news.add(session, event))
        outbox.announce(session, told[-1], now)
    return tuple(told)
