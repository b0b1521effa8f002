"""Listeners for Slack's events about workspaces and channels."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Ack, App, BoltRequest, BoltResponse

from bot.service.workspaces.events import SlackEvent, WorkspaceEvents
from bot.slack.listeners.middleware import CallbackMiddleware, Next
from storage.facts import Health

Body = dict[str, Any]

_HEALTH_BY_EVENT = {
    "channel_archive": Health.ARCHIVED,
    "group_archive": Health.ARCHIVED,
    "channel_deleted": Health.UNREACHABLE,
    "group_deleted": Health.UNREACHABLE,
    "channel_left": Health.NEEDS_INVITE,
    "group_left": Health.NEEDS_INVITE,
}

EVENTS = (
    *_HEALTH_BY_EVENT,
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


class WorkspaceEventListeners:
    """Listeners for events about workspaces and channels, and middleware that registers new workspaces."""

    def __init__(
        self,
        workspaces: WorkspaceEvents,
        register_workspace: Callable[[str, str], None],
        now: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._workspaces = workspaces
        self._register_workspace = register_workspace
        self._now = now
        self._wake = wake

    def register(self, app: App) -> None:
        """Register the middleware and the listeners."""
        app.use(CallbackMiddleware(self.register_request))
        for name in _HEALTH_BY_EVENT:
            app.event(name)(self.mark_unreachable)
        for kind in ("channel", "group"):
            app.event(f"{kind}_unarchive")(self.unarchive)
            app.event(f"{kind}_rename")(self.rename)
        app.event("member_joined_channel")(self.join)
        app.event("channel_id_changed")(self.change_id)
        app.event("channel_shared")(self.share)
        app.event("channel_unshared")(self.share)
        app.event("app_uninstalled")(self.uninstall)
        app.event("tokens_revoked")(self.revoke_tokens)
        app.event("team_access_granted")(self.grant_access)
        app.event("team_access_revoked")(self.revoke_access)

    def register_request(self, request: BoltRequest, call_next: Next) -> BoltResponse:
        """Register the workspace of a request, which can be new if an organisation installed the bot."""
        context = request.context
        self._register_workspace(context.enterprise_id or "", str(context.team_id or request.body.get("team_id") or ""))
        return call_next()

    def mark_unreachable(self, ack: Ack, body: Body, event: Body) -> None:
        """Pause a channel that was archived or deleted, or that the bot left."""
        health = _HEALTH_BY_EVENT[str(event["type"])]
        self._workspaces.mark_unreachable(self._parse_event(body), str(event["channel"]), health)
        self._wake()
        ack()

    def unarchive(self, ack: Ack, body: Body, event: Body) -> None:
        """Resume a channel that was unarchived."""
        self._workspaces.mark_unarchived(self._parse_event(body), str(event["channel"]))
        self._wake()
        ack()

    def rename(self, ack: Ack, body: Body, event: Body) -> None:
        """Store a channel's new name."""
        channel = event["channel"]
        self._workspaces.rename_channel(self._parse_event(body), str(channel["id"]), str(channel["name"]))
        ack()

    def join(self, ack: Ack, body: Body, event: Body) -> None:
        """Handle a new channel member, which can be the bot."""
        invited_by = str(event.get("inviter") or "")
        self._workspaces.handle_join(self._parse_event(body), str(event["channel"]), str(event["user"]), invited_by)
        self._wake()
        ack()

    def change_id(self, ack: Ack, body: Body, event: Body) -> None:
        """Move everything stored about a channel to its new ID."""
        old_id, new_id = str(event["old_channel_id"]), str(event["new_channel_id"])
        self._workspaces.change_channel_id(self._parse_event(body), old_id, new_id)
        ack()

    def share(self, ack: Ack, body: Body, event: Body) -> None:
        """Store whether a channel is shared with another organisation."""
        is_shared = bool(event.get("is_ext_shared", event["type"] == "channel_shared"))
        self._workspaces.set_shared(self._parse_event(body), str(event["channel"]), is_shared=is_shared)
        ack()

    def uninstall(self, ack: Ack, body: Body) -> None:
        """Handle the removal of the app from a workspace."""
        self._workspaces.uninstall(self._parse_event(body))
        ack()

    def revoke_tokens(self, ack: Ack, body: Body, event: Body) -> None:
        """Handle the revocation of the bot's token. Tokens of people are ignored."""
        if event.get("tokens", {}).get("bot"):
            self._workspaces.uninstall(self._parse_event(body))
        ack()

    def grant_access(self, ack: Ack, body: Body, event: Body) -> None:
        """Register workspaces for which an organisation approved the app."""
        self._workspaces.grant_workspaces(self._parse_event(body), _parse_team_ids(event))
        self._wake()
        ack()

    def revoke_access(self, ack: Ack, body: Body, event: Body) -> None:
        """Handle the removal of the app from workspaces of an organisation."""
        self._workspaces.revoke_workspaces(self._parse_event(body), _parse_team_ids(event))
        ack()

    def _parse_event(self, body: Body) -> SlackEvent:
        """Return the event with the workspace that installed the app, which isn't always the one that acted.

        The two can differ in channels shared between organisations.
        """
        authorization = (body.get("authorizations") or [{}])[0]
        now = self._now()
        seconds = body.get("event_time")
        return SlackEvent(
            event_id=str(body.get("event_id") or ""),
            workspace_id=str(authorization.get("team_id") or body.get("team_id") or ""),
            received_at=now,
            happened_at=datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else now,
            enterprise_id=str(authorization.get("enterprise_id") or body.get("enterprise_id") or ""),
            is_org_wide=bool(authorization.get("is_enterprise_install")),
        )


def _parse_team_ids(event: Body) -> tuple[str, ...]:
    return tuple(str(team_id) for team_id in event.get("team_ids") or ())
