"""Rules that decide who can change a channel's subscriptions, and who can change these permissions."""

from enum import StrEnum

from msgspec import Struct

from storage.facts import PermissionRule


class Role(StrEnum):
    """A person's role in the workspace, as Slack reports it."""

    COMMAND_LINE = "command_line"
    """The person who runs dlvm, from the command line instead of Slack."""
    ADMIN = "admin"
    """An admin or owner of the workspace."""
    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    """A member of another organisation, in a shared channel."""
    UNKNOWN = "unknown"
    """Slack didn't answer in time."""


class Person(Struct, frozen=True):
    """A person who wants to change a setting."""

    person_id: str
    role: Role
    groups: frozenset[str] = frozenset()
    """IDs of the user groups the person is known to be in."""


class Refusal(StrEnum):
    """Reason why a person can't make a change."""

    GUEST = "guest"
    EXTERNAL = "external"
    NOT_CREATOR = "not_creator"
    NOT_NAMED = "not_named"
    NOT_ADMIN = "not_admin"
    """Only admins, owners and named people can change permissions."""
    ROLE_UNKNOWN = "role_unknown"


_OUTSIDERS = {Role.GUEST: Refusal.GUEST, Role.EXTERNAL: Refusal.EXTERNAL}
_MEMBER_REFUSALS = {
    PermissionRule.ANYONE: None,
    PermissionRule.CREATORS: Refusal.NOT_CREATOR,
    PermissionRule.NAMED: Refusal.NOT_NAMED,
}
"""Refusals of ordinary members, by rule."""
_ALWAYS_ALLOWED = (Role.COMMAND_LINE, Role.ADMIN)


def check_change(person: Person, rule: PermissionRule, managers: tuple[str, ...], creator: str) -> Refusal | None:
    """Return why the person can't change a channel, or None if they can.

    Guests and people of other organisations are always refused, even if they are named. A person whose role is unknown
    could be a guest. They are allowed only if they created the channel, which guests can't, or are named.
    """
    is_creator = bool(creator) and person.person_id == creator and rule is not PermissionRule.NAMED
    if person.role in _OUTSIDERS:
        return _OUTSIDERS[person.role]
    if person.role in _ALWAYS_ALLOWED or is_creator or _is_named(person, managers):
        return None
    return Refusal.ROLE_UNKNOWN if person.role is Role.UNKNOWN else _MEMBER_REFUSALS[rule]


def check_permission_change(person: Person, managers: tuple[str, ...]) -> Refusal | None:
    """Return why the person can't change permissions, or None if they can."""
    if person.role in _OUTSIDERS:
        return _OUTSIDERS[person.role]
    if person.role in _ALWAYS_ALLOWED or _is_named(person, managers):
        return None
    return Refusal.ROLE_UNKNOWN if person.role is Role.UNKNOWN else Refusal.NOT_ADMIN


def check_operator_action(person: Person) -> Refusal | None:
    """Return why a person in the operator's channel can't act for the operator, or None if they can."""
    return Refusal.ROLE_UNKNOWN if person.role is Role.UNKNOWN else _OUTSIDERS.get(person.role)


def _is_named(person: Person, managers: tuple[str, ...]) -> bool:
    return person.person_id in managers or not person.groups.isdisjoint(managers)
