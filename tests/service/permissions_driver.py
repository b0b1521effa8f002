"""A desk where Slack says who people are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot import answers
from bot.bootstrap.core import talking
from bot.commands.dispatcher import Seen
from bot.policy.permissions import Person, Standing
from bot.service.place import Place
from storage import audit_log
from storage.database import Database
from storage.facts import Change, Schedule
from tests.service.driver import Desk, RecordingSender, at, opened

NOW = at("2026-11-23 12:00")
ANA, BEN, GUEST, ADMIN = (Place("T1", "C1", user) for user in ("UANA", "UBEN", "UGUEST", "UADMIN"))


@dataclass
class SaidPeople:
    """Slack as told: by default everybody is a member."""

    standings: dict[str, Standing] = field(
        default_factory=lambda: {"UGUEST": Standing.GUEST, "UADMIN": Standing.ADMIN, "USTRANGER": Standing.STRANGER}
    )
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    creators: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def person(self, place: Place, groups: tuple[str, ...]) -> Person:
        inside = frozenset(g for g in groups if place.user_id in self.groups.get(g, ()))
        return Person(place.user_id, self.standings.get(place.user_id, Standing.MEMBER), inside)

    def members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        return self.groups.get(group, ())

    def creator(self, place: Place) -> str:
        return self.creators.get(place.channel_id, "")

    def public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(self.open) & frozenset(channel_ids)


def governed(database: Database, people: SaidPeople) -> Desk:
    """The desk; channels that Slack says are open are public."""
    opened(database)

    def look(place: Place) -> Seen:
        return Seen(answers.Reach.OK, is_public=place.channel_id in people.open)

    conversation, _ = talking(database, Schedule(), look, people)
    return Desk(database, conversation, RecordingSender())


def audited(desk: Desk, channel_id: str = "C1", workspace_id: str = "T1") -> list[Change]:
    """What was changed there, oldest first."""
    with desk.database.reading() as session:
        return list(reversed(audit_log.of_channels(session, workspace_id, (channel_id,), skip=0, limit=99)))
