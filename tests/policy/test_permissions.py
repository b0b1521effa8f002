"""Permissions of every role under every rule."""

import pytest

from bot.policy import permissions
from bot.policy.permissions import Person, Refusal, Role
from storage.facts import PermissionRule

ROLES = {
    "command line": Person("", Role.COMMAND_LINE),
    "admin": Person("UADMIN", Role.ADMIN),
    "member": Person("UMEMBER", Role.MEMBER),
    "creator": Person("UCREATOR", Role.MEMBER),
    "named": Person("UNAMED", Role.MEMBER),
    "in the group": Person("UGROUP", Role.MEMBER, frozenset({"SOPS"})),
    "in another group": Person("UOTHER", Role.MEMBER, frozenset({"SX"})),
    "guest": Person("UGUEST", Role.GUEST),
    "named guest": Person("UNAMED", Role.GUEST),
    "guest in the group": Person("UGUEST", Role.GUEST, frozenset({"SOPS"})),
    "external": Person("UEXTERNAL", Role.EXTERNAL),
    "named external": Person("UNAMED", Role.EXTERNAL),
    "unknown": Person("UUNKNOWN", Role.UNKNOWN),
    "unknown creator": Person("UCREATOR", Role.UNKNOWN),
    "unknown named": Person("UNAMED", Role.UNKNOWN),
}
NAMED = ("UNAMED", "SOPS")
G, E, C, N, A, U = (
    Refusal.GUEST,
    Refusal.EXTERNAL,
    Refusal.NOT_CREATOR,
    Refusal.NOT_NAMED,
    Refusal.NOT_ADMIN,
    Refusal.ROLE_UNKNOWN,
)
TABLE = {
    # role: change a channel under anyone, creators, named; change permissions
    "command line": (None, None, None, None),
    "admin": (None, None, None, None),
    "member": (None, C, N, A),
    "creator": (None, None, N, A),
    "named": (None, None, None, None),
    "in the group": (None, None, None, None),
    "in another group": (None, C, N, A),
    "guest": (G, G, G, G),
    "named guest": (G, G, G, G),
    "guest in the group": (G, G, G, G),
    "external": (E, E, E, E),
    "named external": (E, E, E, E),
    "unknown": (U, U, U, U),
    "unknown creator": (None, None, U, U),
    "unknown named": (None, None, None, None),
}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_checked_under_every_rule(role: str) -> None:
    person = ROLES[role]
    refusals = tuple(permissions.check_change(person, rule, NAMED, "UCREATOR") for rule in PermissionRule)
    assert (*refusals, permissions.check_permission_change(person, NAMED)) == TABLE[role]


def test_channel_without_a_known_creator_has_no_creator() -> None:
    assert permissions.check_change(Person("", Role.MEMBER), PermissionRule.CREATORS, (), "") is Refusal.NOT_CREATOR
