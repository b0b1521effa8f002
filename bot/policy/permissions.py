"""Who may change what a channel watches, and who may say who may: pure."""

from enum import StrEnum

from msgspec import Struct

from storage.facts import PermissionRule


class Role(StrEnum):
    """What a person is in the workspace, as Slack says."""

    COMMAND_LINE = "terminal"
    """Nobody in Slack: whoever runs dlvm."""
    ADMIN = "admin"
    """An admin or owner of the workspace."""
    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "stranger"
    """Somebody of another organisation, in a shared channel."""
    UNKNOWN = "unsaid"
    """Slack did not say in time."""


class Person(Struct, frozen=True):
    """Who wants to change something."""

    person_id: str
    role: Role
    groups: frozenset[str] = frozenset()
    """The user groups they are known to be in."""


class Refusal(StrEnum):
    """Why a person may not change something."""

    GUEST = "guest"
    EXTERNAL = "stranger"
    NOT_CREATOR = "not_creator"
    NOT_NAMED = "not_named"
    NOT_ADMIN = "not_admin"
    """Only admins, owners and named people say who may change."""
    ROLE_UNKNOWN = "unsaid"


_OUTSIDERS = {Role.GUEST: Refusal.GUEST, Role.EXTERNAL: Refusal.EXTERNAL}
_MEMBER_REFUSALS = {
    PermissionRule.ANYONE: None,
    PermissionRule.CREATORS: Refusal.NOT_CREATOR,
    PermissionRule.NAMED: Refusal.NOT_NAMED,
}
"""Why being a member is not enough."""
_ALWAYS_ALLOWED = (Role.COMMAND_LINE, Role.ADMIN)


def check_change(person: Person, rule: PermissionRule, managers: tuple[str, ...], creator: str) -> Refusal | None:
    """Why the person may not change a channel; None where they may.

    Guests and people of other organisations never may, named or not. Of whom Slack did not say in time who they
    are might be a guest, so they may only where that is settled otherwise: guests make no channels, and who is
    named was named by somebody who knows them.
    """
    made_it = bool(creator) and person.person_id == creator and rule is not PermissionRule.NAMED
    if person.role in _OUTSIDERS:
        return _OUTSIDERS[person.role]
    if person.role in _ALWAYS_ALLOWED or made_it or _is_named(person, managers):
        return None
    return Refusal.ROLE_UNKNOWN if person.role is Role.UNKNOWN else _MEMBER_REFUSALS[rule]


def check_permission_change(person: Person, managers: tuple[str, ...]) -> Refusal | None:
    """Why the person may not change who may change; None where they may."""
    if person.role in _ALWAYS_ALLOWED:
        return None
    if person.role in _OUTSIDERS:
        return _OUTSIDERS[person.role]
    if _is_named(person, managers):
        return None
    return Refusal.ROLE_UNKNOWN if person.role is Role.UNKNOWN else Refusal.NOT_ADMIN


def check_operator_action(person: Person) -> Refusal | None:
    """Why a person in the operator's channel may not answer for whoever runs the bot; None where they may."""
    if person.role is Role.UNKNOWN:
        return Refusal.ROLE_UNKNOWN
    return _OUTSIDERS.get(person.role)


def _is_named(person: Person, managers: tuple[str, ...]) -> bool:
    return person.person_id in managers or not person.groups.isdisjoint(managers)
