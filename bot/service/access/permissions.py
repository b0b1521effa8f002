"""Who may change a channel: the workspace's rule, asked of policy with what Slack says of the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import permissions as policy
from bot.policy.permissions import Person, Refusal, Standing
from bot.service.access import audit
from bot.service.place import Place
from storage import audit_log, channels, workspaces
from storage.database import Database
from storage.facts import Change, Managing, Workspace

MOST_MANAGERS = 50


class People(Protocol):
    """What Slack says of people, briefly and from memory where it can; no answer in time is no answer."""

    def person(self, place: Place, groups: tuple[str, ...]) -> Person:
        """Who the person at the place is; which of the groups they are in."""
        ...

    def members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        """Who is in a user group, as far as Slack says."""
        ...

    def creator(self, place: Place) -> str:
        """Who made the channel; empty where Slack does not say."""
        ...

    def public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        """Which of the channels Slack says are public."""
        ...


class Unasked:
    """Stands for Slack where there is none: everybody is a member."""

    def person(self, place: Place, groups: tuple[str, ...]) -> Person:  # noqa: ARG002 - the protocol's
        """A member in no group."""
        return Person(place.user_id, Standing.MEMBER)

    def members(self, workspace_id: str, group: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Nobody."""
        return ()

    def creator(self, place: Place) -> str:  # noqa: ARG002 - the protocol's
        """Nobody known."""
        return ""

    def public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        """None known."""
        return frozenset()


class _Rule(Struct, frozen=True):
    workspace: Workspace
    creator: str


class Permissions:
    """Says who may change what, and changes it."""

    def __init__(self, database: Database, people: People) -> None:
        self.people = people
        self._database = database

    def refusal(self, place: Place, now: datetime, command: str = "") -> answers.Denied | None:
        """Why the person at the place may not change it, written down; None where they may.

        `command` is the text after /dlvm that another can be asked to allow. Slack is asked about the person
        outside any transaction.
        """
        if not place.user_id:
            return None
        rule = self.rule(place)
        person = self._person(place, rule.workspace)
        why = policy.change(person, rule.workspace.managing, rule.workspace.managers, rule.creator)
        return self._denied(why, place, now, command) if why else None

    def _denied(self, why: Refusal, place: Place, now: datetime, command: str) -> answers.Denied:
        what = command or "a form"
        self._database.run(lambda s: audit.note(s, place, now, "denied", before=why.value, after=what))
        return answers.Denied(why, command if why is not Refusal.UNSAID else "")

    def rule(self, place: Place) -> _Rule:
        """What holds at the place; the creator only where it matters."""
        with self._database.reading() as session:
            workspace = workspaces.find(session, place.workspace_id) or Workspace(place.workspace_id)
            channel = channels.find(session, place.workspace_id, place.channel_id)
        creator = channel.creator if channel is not None else ""
        if not creator and workspace.managing is Managing.CREATORS:
            creator = self.people.creator(place)
        return _Rule(workspace, creator)

    def show(self, place: Place) -> answers.Permissions:
        """Who may change what."""
        rule = self.rule(place)
        creator = rule.creator if rule.workspace.managing is Managing.CREATORS else ""
        return answers.Permissions(rule.workspace.managing, rule.workspace.managers, creator=creator)

    def change(
        self, managing: Managing, managers: tuple[str, ...] | None, place: Place, now: datetime
    ) -> answers.Answer:
        """Sets who may change; None keeps who is named."""
        rule = self.rule(place)
        if place.user_id:
            why = policy.say_who_may(self._person(place, rule.workspace), rule.workspace.managers)
            if why is not None:
                return self._denied(why, place, now, "")
        if len(managers or ()) > MOST_MANAGERS:
            return answers.Mistaken(f"That names {len(managers or ())}; at most {MOST_MANAGERS}: name a user group.")
        return self._database.run(lambda session: _set(session, managing, managers, place, now))

    def _person(self, place: Place, workspace: Workspace) -> Person:
        groups = tuple(who for who in workspace.managers if who.startswith("S"))
        return self.people.person(place, groups)


def _set(
    session: Session, managing: Managing, managers: tuple[str, ...] | None, place: Place, now: datetime
) -> answers.Answer:
    before = workspaces.find(session, place.workspace_id) or Workspace(place.workspace_id)
    after = replace(before, managing=managing, managers=before.managers if managers is None else managers)
    if managing is Managing.NAMED and not after.managers:
        return answers.Mistaken("Name at least one person or user group: `/dlvm permissions named @ana @ml-oncall`.")
    if after != before:
        workspaces.save(session, after)
        change = Change(place.workspace_id, "", place.user_id, "permissions", now, _written(before), _written(after))
        audit_log.add(session, change)
    return answers.Permissions(after.managing, after.managers, changed=after != before)


def _written(workspace: Workspace) -> str:
    return " ".join((workspace.managing.value, *workspace.managers))
