"""Somebody who may not change a channel asks one who may; the answer is told, and what was allowed is done."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from sqlmodel import Session

from bot import answers
from bot.service.access import audit
from bot.service.access.permissions import Permissions
from bot.service.place import Place
from storage import access_requests, channels, installations, outbox
from storage.database import Database
from storage.facts import DLVM, Asking, Kind, Managing, OutboxEntry, Reminder

LONGEST_COMMAND = 1_000


class Allowed(Struct, frozen=True):
    """What is now to be done, at whose place: the one's who allowed it."""

    settled: answers.Settled
    place: Place | None = None
    """None where nothing is to be done."""


class Askings:
    """Takes requests and answers to them."""

    def __init__(self, database: Database, permissions: Permissions) -> None:
        self._database = database
        self._permissions = permissions

    def ask(self, command: str, place: Place, now: datetime) -> answers.Asked:
        """Asks one who may change the channel, by direct message; the same is asked once until it is answered."""
        asked_of = next(self._who_may(place), "")
        if not asked_of:
            return answers.Asked("", command)

        def work(session: Session) -> answers.Asked:
            before = access_requests.waiting(session, place.workspace_id, place.channel_id, place.user_id, command)
            if before is not None:
                return answers.Asked(before.asked_of, command, again=True)
            new = Asking(0, place.workspace_id, place.channel_id, place.user_id, asked_of, command, now)
            asking = access_requests.add(session, new)
            _tell(session, asking, asked_of, Kind.ASKING, now)
            audit.note(session, place, now, "request", before=asked_of, after=command)
            return answers.Asked(asked_of, command)

        return self._database.run(work)

    def settle(self, asking_id: int, place: Place, now: datetime, *, granted: bool) -> Allowed | answers.Answer:
        """Notes the answer of somebody who may change the channel asked about; the first answer counts."""
        with self._database.reading() as session:
            asking = access_requests.find(session, place.workspace_id, asking_id)
        if asking is None:
            return answers.Mistaken("dlvm does not know this request any more.")
        there = Place(place.workspace_id, asking.channel_id, place.user_id)
        refused = self._permissions.refusal(there, now)
        if refused is not None:
            return refused

        def work(session: Session) -> Allowed:
            if not access_requests.settle(session, place.workspace_id, asking_id, now, granted=granted):
                found = access_requests.find(session, place.workspace_id, asking_id) or asking
                return Allowed(_settled(found, granted=found.granted, late=True))
            _tell(session, asking, asking.asked_by, Kind.GRANTED, now)
            what = "allow" if granted else "decline"
            audit.note(session, there, now, what, before=asking.asked_by, after=asking.command)
            return Allowed(_settled(asking, granted=granted), there if granted else None)

        return self._database.run(work)

    def _who_may(self, place: Place) -> Iterator[str]:
        """People who may, likeliest first: named ones, members of named groups, the channel's maker, its installer."""
        rule = self._permissions.rule(place)
        named = [who for who in rule.workspace.managers if not who.startswith("S")]
        groups = [who for who in rule.workspace.managers if who.startswith("S")]
        yield from (who for who in named if who != place.user_id)
        if rule.workspace.managing is not Managing.NAMED and rule.creator not in {"", place.user_id}:
            yield rule.creator
        for group in groups:
            members = self._permissions.people.members(place.workspace_id, group)
            yield from (who for who in members if who != place.user_id)
        with self._database.reading() as session:
            anyone = rule.workspace.managing is Managing.ANYONE
            found = channels.subscribers(session, place.workspace_id, place.channel_id) if anyone else ()
            installation = installations.find(session, rule.workspace.enterprise_id, place.workspace_id)
        yield from (who for who in found if who.startswith(("U", "W")) and who != place.user_id)
        if installation is not None and installation.installed_by not in {"", place.user_id}:
            yield installation.installed_by


def note(session: Session, entry: OutboxEntry, now: datetime) -> answers.Message | None:
    """The note of an entry about an asking; None where it is moot."""
    reminder = entry.reminder
    asking = access_requests.find(session, reminder.workspace_id, int(reminder.version))
    if asking is None:
        return None
    if reminder.kind is Kind.GRANTED:
        return answers.GrantedNote(
            workspace_id=asking.workspace_id,
            channel_id=reminder.channel_id,
            delivery_id=entry.delivery_id,
            answered_by=asking.asked_of,
            about=asking.channel_id,
            command=asking.command,
            granted=asking.granted,
            settled_at=asking.settled_at or now,
        )
    if asking.settled_at is not None:
        return None
    return answers.AskingNote(
        workspace_id=asking.workspace_id,
        channel_id=reminder.channel_id,
        delivery_id=entry.delivery_id,
        asking_id=asking.asking_id,
        asked_by=asking.asked_by,
        about=asking.channel_id,
        command=asking.command,
        day=now.date(),
    )


def _settled(asking: Asking, *, granted: bool, late: bool = False) -> answers.Settled:
    return answers.Settled(asking.asked_by, asking.channel_id, asking.command, granted, late)


def _tell(session: Session, asking: Asking, person: str, kind: Kind, now: datetime) -> None:
    outbox.put(
        session,
        Reminder(asking.workspace_id, person, DLVM, str(asking.asking_id), None, now.date(), 0, kind),
        now,
    )
