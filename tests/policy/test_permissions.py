"""Who may change what: every standing against every rule."""

import pytest

from bot.policy import permissions
from bot.policy.permissions import Person, Refusal, Role
from storage.facts import PermissionRule

ROLES = {
    "terminal": Person("", Role.COMMAND_LINE),
    "admin": Person("UADMIN", Role.ADMIN),
    "member": Person("UMEMBER", Role.MEMBER),
    "creator": Person("UMADE", Role.MEMBER),
    "named": Person("UNAMED", Role.MEMBER),
    "in the group": Person("UGROUP", Role.MEMBER, frozenset({"SOPS"})),
    "in another group": Person("UOTHER", Role.MEMBER, frozenset({"SX"})),
    "guest": Person("UGUEST", Role.GUEST),
    "named guest": Person("UNAMED", Role.GUEST),
    "guest in the group": Person("UGUEST", Role.GUEST, frozenset({"SOPS"})),
    "stranger": Person("USTRANGER", Role.EXTERNAL),
    "named stranger": Person("UNAMED", Role.EXTERNAL),
    "unsaid": Person("UUNSAID", Role.UNKNOWN),
    "unsaid creator": Person("UMADE", Role.UNKNOWN),
    "unsaid named": Person("UNAMED", Role.UNKNOWN),
}
NAMED = ("UNAMED", "SOPS")
G, S, C, N, A, U = (
    Refusal.GUEST,
    Refusal.EXTERNAL,
    Refusal.NOT_CREATOR,
    Refusal.NOT_NAMED,
    Refusal.NOT_ADMIN,
    Refusal.ROLE_UNKNOWN,
)
TABLE = {
    # role: anyone, creators, named, and saying who may
    "terminal": (None, None, None, None),
    "admin": (None, None, None, None),
    "member": (None, C, N, A),
    "creator": (None, None, N, A),
    "named": (None, None, None, None),
    "in the group": (None, None, None, None),
    "in another group": (None, C, N, A),
    "guest": (G, G, G, G),
    "named guest": (G, G, G, G),
    "guest in the group": (G, G, G, G),
    "stranger": (S, S, S, S),
    "named stranger": (S, S, S, S),
    "unsaid": (U, U, U, U),
    "unsaid creator": (None, None, U, U),
    "unsaid named": (None, None, None, None),
}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_under_every_rule(role: str) -> None:
    person = ROLES[role]
    found = tuple(permissions.check_change(person, managing, NAMED, "UMADE") for managing in PermissionRule)
    assert (*found, permissions.check_permission_change(person, NAMED)) == TABLE[role]


def test_a_channel_whose_maker_is_not_known_was_made_by_nobody_present() -> None:
    assert permissions.check_change(Person("", Role.MEMBER), PermissionRule.CREATORS, (), "") is Refusal.NOT_CREATOR
