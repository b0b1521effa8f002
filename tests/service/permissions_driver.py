"""A driver with a fake user directory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot import answers
from bot.answers import ChannelLook
from bot.bootstrap.use_cases import build_use_cases
from bot.policy.permissions import Person, Role
from bot.service.place import Place
from storage import audit_log
from storage.database import Database
from storage.facts import AuditEntry, Schedule
from tests.service.driver import Driver, RecordingSender, open_driver, utc

NOW = utc("2026-11-23 12:00")
ANA, BEN, GUEST, ADMIN = (Place("T1", "C1", user) for user in ("UANA", "UBEN", "UGUEST", "UADMIN"))


@dataclass
class FakeUserDirectory:
    """A user directory in which users are members by default."""

    roles: dict[str, Role] = field(
        default_factory=lambda: {"UGUEST": Role.GUEST, "UADMIN": Role.ADMIN, "USTRANGER": Role.EXTERNAL}
    )
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    creators: dict[str, str] = field(default_factory=dict)
    public_channels: set[str] = field(default_factory=set)

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:
        user_groups = frozenset(g for g in groups if place.user_id in self.groups.get(g, ()))
        return Person(place.user_id, self.roles.get(place.user_id, Role.MEMBER), user_groups)

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        return self.groups.get(group, ())

    def find_creator(self, place: Place) -> str:
        return self.creators.get(place.channel_id, "")

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(self.public_channels) & frozenset(channel_ids)


def open_with_directory(database: Database, people: FakeUserDirectory) -> Driver:
    """Return a driver in which the directory's public channels are public."""
    open_driver(database)

    def look_up(place: Place) -> ChannelLook:
        return ChannelLook(answers.ChannelReach.OK, is_public=place.channel_id in people.public_channels)

    return Driver(database, build_use_cases(database, Schedule(), look_up, people), RecordingSender())


def list_audit_entries(driver: Driver, channel_id: str = "C1", workspace_id: str = "T1") -> list[AuditEntry]:
    """Return the channel's audit entries, oldest first."""
    with driver.database.read_only() as session:
        return list(reversed(audit_log.list_for_channels(session, workspace_id, (channel_id,), skip=0, limit=99)))
