"""Listeners for Slack's events about workspaces and channels."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct
from slack_bolt import Ack, BoltRequest, BoltResponse

from bot.service.workspaces.events import SlackEvent, WorkspaceEvents
from bot.slack.listeners.requests import Body, parse_workspace_id
from storage.facts import Health

HEALTH_BY_EVENT = {
    "channel_archive": Health.ARCHIVED,
    "group_archive": Health.ARCHIVED,
    "channel_deleted": Health.UNREACHABLE,
    "group_deleted": Health.UNREACHABLE,
    "channel_left": Health.NEEDS_INVITE,
    "group_left": Health.NEEDS_INVITE,
}

EVENTS = (
    *HEALTH_BY_EVENT,
    "channel_unarchive",
    "group_unarchive",
    "channel_rename",
    "group_rename",
    "member_joined_channel",
    "channel_id_changed",
    "channel_shared",
    "channel_unshared",
    "app_uninstalled",
    "tokens_revoked",
    "team_access_granted",
    "team_access_revoked",
)
"""Every event listened to in this module."""


class WorkspaceEventListeners(Struct, frozen=True):
    """Listeners for events about workspaces and channels, and middleware that registers new workspaces."""

    workspaces: WorkspaceEvents
    register_workspace: Callable[[str, str], None]
    now: Callable[[], datetime]
    wake: Callable[[], None]

    def register_request(self, request: BoltRequest, call_next: Callable[[], BoltResponse]) -> BoltResponse:
        """Register the workspace of a request, which can be new if an organisation installed the bot."""
        self.register_workspace(request.context.enterprise_id or "", parse_workspace_id(request.body))
        return call_next()

    def mark_unreachable(self, ack: Ack, body: Body, event: Body) -> None:
        """Pause a channel that was archived or deleted, or that the bot left."""
        health = HEALTH_BY_EVENT[str(event["type"])]
        self.workspaces.mark_unreachable(self._parse_event(body), str(event["channel"]), health)
        self.wake()
        ack()

    def unarchive(self, ack: Ack, body: Body, event: Body) -> None:
        """Resume a channel that was unarchived."""
        self.workspaces.mark_unarchived(self._parse_event(body), str(event["channel"]))
        self.wake()
        ack()

    def rename(self, ack: Ack, body: Body, event: Body) -> None:
        """Store a channel's new name."""
        channel = event["channel"]
        self.workspaces.rename_channel(self._parse_event(body), str(channel["id"]), str(channel["name"]))
        ack()

    def join(self, ack: Ack, body: Body, event: Body) -> None:
        """Handle a new channel member, which can be the bot."""
        invited_by = str(event.get("inviter") or "")
        self.workspaces.handle_join(self._parse_event(body), str(event["channel"]), str(event["user"]), invited_by)
        self.wake()
        ack()

    def change_id(self, ack: Ack, body: Body, event: Body) -> None:
        """Move everything stored about a channel to its new ID."""
        old_id, new_id = str(event["old_channel_id"]), str(event["new_channel_id"])
        self.workspaces.change_channel_id(self._parse_event(body), old_id, new_id)
        ack()

    def share(self, ack: Ack, body: Body, event: Body) -> None:
        """Store whether a channel is shared with another organisation."""
        is_shared = bool(event.get("is_ext_shared", event["type"] == "channel_shared"))
        self.workspaces.set_shared(self._parse_event(body), str(event["channel"]), is_shared=is_shared)
        ack()

    def uninstall(self, ack: Ack, body: Body) -> None:
        """Handle the removal of the app from a workspace."""
        self.workspaces.uninstall(self._parse_event(body))
        ack()

    def revoke_tokens(self, ack: Ack, body: Body, event: Body) -> None:
        """Handle the revocation of the bot's token. Tokens of people are ignored."""
        if event.get("tokens", {}).get("bot"):
            self.workspaces.uninstall(self._parse_event(body))
        ack()

    def grant_access(self, ack: Ack, body: Body, event: Body) -> None:
        """Register workspaces for which an organisation approved the app."""
        self.workspaces.grant_workspaces(self._parse_event(body), _parse_team_ids(event))
        self.wake()
        ack()

    def revoke_access(self, ack: Ack, body: Body, event: Body) -> None:
        """Handle the removal of the app from workspaces of an organisation."""
        self.workspaces.revoke_workspaces(self._parse_event(body), _parse_team_ids(event))
        ack()

    def _parse_event(self, body: Body) -> SlackEvent:
        authorization = (body.get("authorizations") or [{}])[0]
        now = self.now()
        seconds = body.get("event_time")
        return SlackEvent(
            event_id=str(body.get("event_id") or ""),
            workspace_id=parse_workspace_id(body),
            received_at=now,
            happened_at=datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else now,
            enterprise_id=str(authorization.get("enterprise_id") or body.get("enterprise_id") or ""),
            is_org_wide=bool(authorization.get("is_enterprise_install")),
        )


def _parse_team_ids(event: Body) -> tuple[str, ...]:
    return tuple(str(team_id) for team_id in event.get("team_ids") or ())
