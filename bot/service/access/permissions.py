"""Who may change a channel: the workspace's rule, asked of policy with what Slack says of the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import permissions as policy
from bot.policy.permissions import Person, Refusal, Role
from bot.service.access import audit
from bot.service.place import Place
from storage import audit_log, channels, workspaces
from storage.database import Database
from storage.facts import AuditEntry, PermissionRule, Workspace

MAX_MANAGERS = 50


class UserDirectory(Protocol):
    """What Slack says of people, briefly and from memory where it can; no answer in time is no answer."""

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:
        """Who the person at the place is; which of the groups they are in."""
        ...

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        """Who is in a user group, as far as Slack says."""
        ...

    def find_creator(self, place: Place) -> str:
        """Who made the channel; empty where Slack does not say."""
        ...

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        """Which of the channels Slack says are public."""
        ...


class OfflineDirectory:
    """Stands for Slack where there is none: everybody is a member."""

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:  # noqa: ARG002 - the protocol's
        """A member in no group."""
        return Person(place.user_id, Role.MEMBER)

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Nobody."""
        return ()

    def find_creator(self, place: Place) -> str:  # noqa: ARG002 - the protocol's
        """Nobody known."""
        return ""

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        """None known."""
        return frozenset()


class ChannelRule(Struct, frozen=True):
    """The workspace with its permission rule, and the channel's creator."""

    workspace: Workspace
    creator: str


class Permissions:
    """Says who may change what, and changes it."""

    def __init__(self, database: Database, directory: UserDirectory) -> None:
        self.directory = directory
        self._database = database

    def check(self, place: Place, now: datetime, command: str = "") -> answers.PermissionDenied | None:
        """Why the person at the place may not change it, written down; None where they may.

        `command` is the text after /dlvm that another can be asked to allow. Slack is asked about the person
        outside any transaction.
        """
        if not place.user_id:
            return None
        rule = self.find_rule(place)
        person = self._find_person(place, rule.workspace)
        why = policy.check_change(person, rule.workspace.permission_rule, rule.workspace.managers, rule.creator)
        return self._deny(why, place, now, command) if why else None

    def _deny(self, why: Refusal, place: Place, now: datetime, command: str) -> answers.PermissionDenied:
        what = command or "a form"
        self._database.run(lambda s: audit.record(s, place, now, "denied", before=why.value, after=what))
        return answers.PermissionDenied(why, command if why is not Refusal.ROLE_UNKNOWN else "")

    def find_rule(self, place: Place) -> ChannelRule:
        """What holds at the place; the creator only where it matters."""
        with self._database.read_only() as session:
            workspace = workspaces.find(session, place.workspace_id) or Workspace(place.workspace_id)
            channel = channels.find(session, place.workspace_id, place.channel_id)
        creator = channel.creator if channel is not None else ""
        if not creator and workspace.permission_rule is PermissionRule.CREATORS:
            creator = self.directory.find_creator(place)
        return ChannelRule(workspace, creator)

    def show(self, place: Place) -> answers.Permissions:
        """Who may change what."""
        rule = self.find_rule(place)
        creator = rule.creator if rule.workspace.permission_rule is PermissionRule.CREATORS else ""
        return answers.Permissions(rule.workspace.permission_rule, rule.workspace.managers, creator=creator)

    def change(
        self, managing: PermissionRule, managers: tuple[str, ...] | None, place: Place, now: datetime
    ) -> answers.Answer:
        """Sets who may change; None keeps who is named."""
        rule = self.find_rule(place)
        if place.user_id:
            why = policy.check_permission_change(self._find_person(place, rule.workspace), rule.workspace.managers)
            if why is not None:
                return self._deny(why, place, now, "")
        if len(managers or ()) > MAX_MANAGERS:
            return answers.InvalidRequest(
                f"That names {len(managers or ())}; at most {MAX_MANAGERS}: name a user group."
            )
        return self._database.run(lambda session: _save_rule(session, managing, managers, place, now))

    def _find_person(self, place: Place, workspace: Workspace) -> Person:
        groups = tuple(who for who in workspace.managers if who.startswith("S"))
        return self.directory.find_person(place, groups)


def _save_rule(
    session: Session, managing: PermissionRule, managers: tuple[str, ...] | None, place: Place, now: datetime
) -> answers.Answer:
    before = workspaces.find(session, place.workspace_id) or Workspace(place.workspace_id)
    after = replace(before, permission_rule=managing, managers=before.managers if managers is None else managers)
    if managing is PermissionRule.NAMED and not after.managers:
        return answers.InvalidRequest(
            "Name at least one person or user group: `/dlvm permissions named @ana @ml-oncall`."
        )
    if after != before:
        workspaces.save(session, after)
        change = AuditEntry(
            place.workspace_id, "", place.user_id, "permissions", now, _format_rule(before), _format_rule(after)
        )
        audit_log.add(session, change)
    return answers.Permissions(after.permission_rule, after.managers, is_changed=after != before)


def _format_rule(workspace: Workspace) -> str:
    return " ".join((workspace.permission_rule.value, *workspace.managers))
