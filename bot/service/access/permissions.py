"""Permission to change channels and teams, by the workspace's rule and what Slack says about the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy.permissions import Person, Refusal, Role, check_change, check_permission_change
from bot.service.access import audit
from bot.service.place import Place
from storage import channels, workspaces
from storage.database import Database
from storage.facts import PermissionRule, Workspace

MAX_MANAGERS = 50
"""People and user groups that a rule names."""


class UserDirectory(Protocol):
    """Slack's answers about people and channels, cached for a short time. A late answer counts as none."""

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:
        """Return the person at the place, with the given groups they are in."""
        ...

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        """Return the ids of the group's members, or nothing if Slack doesn't answer."""
        ...

    def find_creator(self, place: Place) -> str:
        """Return the id of the channel's creator, or an empty string if Slack doesn't answer."""
        ...

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        """Return the channels that Slack says are public."""
        ...


class OfflineDirectory:
    """A directory for a bot without Slack: everyone is a member."""

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:  # noqa: ARG002 - a parameter of UserDirectory
        """Return a member without groups."""
        return Person(place.user_id, Role.MEMBER)

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:  # noqa: ARG002 - a parameter of UserDirectory
        """Return nothing."""
        return ()

    def find_creator(self, place: Place) -> str:  # noqa: ARG002 - a parameter of UserDirectory
        """Return an empty string."""
        return ""

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - a parameter of UserDirectory
        """Return nothing."""
        return frozenset()


class ChannelRule(Struct, frozen=True):
    """The workspace with its permission rule, and the channel's creator."""

    workspace: Workspace
    creator: str


class Permissions:
    """Checks, shows and changes the permission rule of a workspace."""

    def __init__(self, database: Database, directory: UserDirectory) -> None:
        self.directory = directory
        self._database = database

    def check(self, place: Place, now: datetime, command: str = "") -> answers.PermissionDenied | None:
        """Return a denial and write it to the audit log, or None if the person may change the channel.

        `command` is the text after /dlvm that someone else can be asked to allow. Slack is asked outside any
        transaction. The command line, a place without a user, may change everything.
        """
        if not place.user_id:
            return None
        rule = self.find_rule(place)
        person = self._find_person(place, rule.workspace)
        reason = check_change(person, rule.workspace.permission_rule, rule.workspace.managers, rule.creator)
        return self._deny(reason, place, now, command) if reason else None

    def _deny(self, reason: Refusal, place: Place, now: datetime, command: str) -> answers.PermissionDenied:
        attempt = command or "a form"
        self._database.run(lambda s: audit.record(s, place, now, "denied", before=reason.value, after=attempt))
        return answers.PermissionDenied(reason, command if reason is not Refusal.ROLE_UNKNOWN else "")

    def find_rule(self, place: Place) -> ChannelRule:
        """Return the rule for the channel. Slack is asked for an unknown creator only if the rule needs one."""
        with self._database.read_only() as session:
            workspace = workspaces.find(session, place.workspace_id) or Workspace(place.workspace_id)
            channel = channels.find(session, place.workspace_id, place.channel_id)
        creator = channel.creator if channel is not None else ""
        if not creator and workspace.permission_rule is PermissionRule.CREATORS:
            creator = self.directory.find_creator(place)
        return ChannelRule(workspace, creator)

    def show(self, place: Place) -> answers.Permissions:
        """Return the rule of the workspace."""
        rule = self.find_rule(place)
        creator = rule.creator if rule.workspace.permission_rule is PermissionRule.CREATORS else ""
        return answers.Permissions(rule.workspace.permission_rule, rule.workspace.managers, creator=creator)

    def change(
        self, rule: PermissionRule, managers: tuple[str, ...] | None, place: Place, now: datetime
    ) -> answers.Answer:
        """Set the rule of the workspace. None keeps the people and groups that are named."""
        workspace = self.find_rule(place).workspace
        if place.user_id:
            reason = check_permission_change(self._find_person(place, workspace), workspace.managers)
            if reason is not None:
                return self._deny(reason, place, now, "")
        if len(managers or ()) > MAX_MANAGERS:
            return answers.InvalidRequest(
                f"You named {len(managers or ())} at once; the maximum is {MAX_MANAGERS}. Name a user group instead."
            )
        return self._database.run(lambda session: _save_rule(session, rule, managers, place, now))

    def _find_person(self, place: Place, workspace: Workspace) -> Person:
        groups = tuple(manager for manager in workspace.managers if manager.startswith("S"))
        return self.directory.find_person(place, groups)


def _save_rule(
    session: Session, rule: PermissionRule, managers: tuple[str, ...] | None, place: Place, now: datetime
) -> answers.Answer:
    before = workspaces.find(session, place.workspace_id) or Workspace(place.workspace_id)
    after = replace(before, permission_rule=rule, managers=before.managers if managers is None else managers)
    if rule is PermissionRule.NAMED and not after.managers:
        return answers.InvalidRequest(
            "Name at least one person or user group: `/dlvm permissions named @ana @ml-oncall`."
        )
    if after != before:
        workspaces.save(session, after)
        everywhere = replace(place, channel_id=audit.WORKSPACE_WIDE)
        audit.record(session, everywhere, now, "permissions", before=_format_rule(before), after=_format_rule(after))
    return answers.Permissions(after.permission_rule, after.managers, is_changed=after != before)


def _format_rule(workspace: Workspace) -> str:
    return " ".join((workspace.permission_rule.value, *workspace.managers))
