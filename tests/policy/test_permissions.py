"""Who may change what: every standing against every rule."""

import pytest

from bot.policy import permissions
from bot.policy.permissions import Person, Refusal, Standing
from storage.facts import Managing

ROLES = {
    "terminal": Person("", Standing.TERMINAL),
    "admin": Person("UADMIN", Standing.ADMIN),
    "member": Person("UMEMBER", Standing.MEMBER),
    "creator": Person("UMADE", Standing.MEMBER),
    "named": Person("UNAMED", Standing.MEMBER),
    "in the group": Person("UGROUP", Standing.MEMBER, frozenset({"SOPS"})),
    "in another group": Person("UOTHER", Standing.MEMBER, frozenset({"SX"})),
    "guest": Person("UGUEST", Standing.GUEST),
    "named guest": Person("UNAMED", Standing.GUEST),
    "guest in the group": Person("UGUEST", Standing.GUEST, frozenset({"SOPS"})),
    "stranger": Person("USTRANGER", Standing.STRANGER),
    "named stranger": Person("UNAMED", Standing.STRANGER),
    "unsaid": Person("UUNSAID", Standing.UNSAID),
    "unsaid creator": Person("UMADE", Standing.UNSAID),
    "unsaid named": Person("UNAMED", Standing.UNSAID),
}
NAMED = ("UNAMED", "SOPS")
G, S, C, N, A, U = (
    Refusal.GUEST,
    Refusal.STRANGER,
    Refusal.NOT_CREATOR,
    Refusal.NOT_NAMED,
    Refusal.NOT_ADMIN,
    Refusal.UNSAID,
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
    found = tuple(permissions.change(person, managing, NAMED, "UMADE") for managing in Managing)
    assert (*found, permissions.say_who_may(person, NAMED)) == TABLE[role]


def test_a_channel_whose_maker_is_not_known_was_made_by_nobody_present() -> None:
    assert permissions.change(Person("", Standing.MEMBER), Managing.CREATORS, (), "") is Refusal.NOT_CREATOR
