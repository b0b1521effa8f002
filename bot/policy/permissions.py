"""Who may change what a channel watches, and who may say who may: pure."""

from enum import StrEnum

from msgspec import Struct

from storage.facts import Managing


class Standing(StrEnum):
    """What a person is in the workspace, as Slack says."""

    TERMINAL = "terminal"
    """Nobody in Slack: whoever runs dlvm."""
    ADMIN = "admin"
    """An admin or owner of the workspace."""
    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "stranger"
    """Somebody of another organisation, in a shared channel."""
    UNSAID = "unsaid"
    """Slack did not say in time."""


class Person(Struct, frozen=True):
    """Who wants to change something."""

    person_id: str
    standing: Standing
    groups: frozenset[str] = frozenset()
    """The user groups they are known to be in."""


class Refusal(StrEnum):
    """Why a person may not change something."""

    GUEST = "guest"
    STRANGER = "stranger"
    NOT_CREATOR = "not_creator"
    NOT_NAMED = "not_named"
    NOT_ADMIN = "not_admin"
    """Only admins, owners and named people say who may change."""
    UNSAID = "unsaid"


_OUTSIDE = {Standing.GUEST: Refusal.GUEST, Standing.STRANGER: Refusal.STRANGER}
_NOT_ENOUGH = {
    Managing.ANYONE: None,
    Managing.CREATORS: Refusal.NOT_CREATOR,
    Managing.NAMED: Refusal.NOT_NAMED,
}
"""Why being a member is not enough."""
_UNQUESTIONED = (Standing.TERMINAL, Standing.ADMIN)


def change(person: Person, managing: Managing, managers: tuple[str, ...], creator: str) -> Refusal | None:
    """Why the person may not change a channel; None where they may.

    Guests and people of other organisations never may, named or not. Of whom Slack did not say in time who they
    are might be a guest, so they may only where that is settled otherwise: guests make no channels, and who is
    named was named by somebody who knows them.
    """
    made_it = bool(creator) and person.person_id == creator and managing is not Managing.NAMED
    if person.standing in _OUTSIDE:
        return _OUTSIDE[person.standing]
    if person.standing in _UNQUESTIONED or made_it or _is_named(person, managers):
        return None
    return Refusal.UNSAID if person.standing is Standing.UNSAID else _NOT_ENOUGH[managing]


def say_who_may(person: Person, managers: tuple[str, ...]) -> Refusal | None:
    """Why the person may not change who may change; None where they may."""
    if person.standing in _UNQUESTIONED:
        return None
    if person.standing in _OUTSIDE:
        return _OUTSIDE[person.standing]
    if _is_named(person, managers):
        return None
    return Refusal.UNSAID if person.standing is Standing.UNSAID else Refusal.NOT_ADMIN


def operate(person: Person) -> Refusal | None:
    """Why a person in the operator's channel may not answer for whoever runs the bot; None where they may."""
    if person.standing is Standing.UNSAID:
        return Refusal.UNSAID
    return _OUTSIDE.get(person.standing)


def _is_named(person: Person, managers: tuple[str, ...]) -> bool:
    return person.person_id in managers or not person.groups.isdisjoint(managers)
