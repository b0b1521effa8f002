"""What Slack tells of workspaces and channels, read and handed on."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Ack, App, BoltRequest, BoltResponse

from bot.service.workspaces.events import Told, Workspaces
from bot.slack.listeners.middleware import Before, Next
from storage.facts import Health

Body = dict[str, Any]

_CLOSING = {
    "channel_archive": Health.ARCHIVED,
    "group_archive": Health.ARCHIVED,
    "channel_deleted": Health.UNREACHABLE,
    "group_deleted": Health.UNREACHABLE,
    "channel_left": Health.NEEDS_INVITE,
    "group_left": Health.NEEDS_INVITE,
}

EVENTS = (
    *_CLOSING,
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
"""All that is listened to here."""


class Events:
    """One method for each thing that Slack tells."""

    def __init__(
        self,
        workspaces: Workspaces,
        arrive: Callable[[str, str], None],
        now: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._workspaces = workspaces
        self._arrive = arrive
        self._now = now
        self._wake = wake

    def register(self, app: App) -> None:
        """Every event, and a look at where each request comes from."""
        app.use(Before(self.arrive))
        for name in _CLOSING:
            app.event(name)(self.close)
        for kind in ("channel", "group"):
            app.event(f"{kind}_unarchive")(self.unarchive)
            app.event(f"{kind}_rename")(self.rename)
        app.event("member_joined_channel")(self.join)
        app.event("channel_id_changed")(self.move)
        app.event("channel_shared")(self.share)
        app.event("channel_unshared")(self.share)
        app.event("app_uninstalled")(self.uninstall)
        app.event("tokens_revoked")(self.revoke)
        app.event("team_access_granted")(self.let_in)
        app.event("team_access_revoked")(self.shut_out)

    def arrive(self, request: BoltRequest, go_on: Next) -> BoltResponse:
        """A request came in: its workspace may be a new one of an organisation that has the bot."""
        context = request.context
        self._arrive(context.enterprise_id or "", str(context.team_id or request.body.get("team_id") or ""))
        return go_on()

    def close(self, ack: Ack, body: Body, event: Body) -> None:
        """A channel was archived or deleted, or the bot is no longer in it."""
        self._workspaces.closed(self._told(body), str(event["channel"]), _CLOSING[str(event["type"])])
        self._wake()
        ack()

    def unarchive(self, ack: Ack, body: Body, event: Body) -> None:
        """A channel is there again."""
        self._workspaces.unarchived(self._told(body), str(event["channel"]))
        self._wake()
        ack()

    def rename(self, ack: Ack, body: Body, event: Body) -> None:
        """A channel has another name."""
        self._workspaces.renamed(self._told(body), str(event["channel"]["id"]), str(event["channel"]["name"]))
        ack()

    def join(self, ack: Ack, body: Body, event: Body) -> None:
        """Somebody, perhaps the bot, came into a channel."""
        invited_by = str(event.get("inviter") or "")
        self._workspaces.joined(self._told(body), str(event["channel"]), str(event["user"]), invited_by)
        self._wake()
        ack()

    def move(self, ack: Ack, body: Body, event: Body) -> None:
        """A channel has another id."""
        self._workspaces.moved(self._told(body), str(event["old_channel_id"]), str(event["new_channel_id"]))
        ack()

    def share(self, ack: Ack, body: Body, event: Body) -> None:
        """A channel is shared with another organisation, or no longer."""
        still = bool(event.get("is_ext_shared", event["type"] == "channel_shared"))
        self._workspaces.shared(self._told(body), str(event["channel"]), is_shared=still)
        ack()

    def uninstall(self, ack: Ack, body: Body) -> None:
        """The app was removed."""
        self._workspaces.uninstalled(self._told(body))
        ack()

    def revoke(self, ack: Ack, body: Body, event: Body) -> None:
        """Tokens are good no more; people's own are none of ours."""
        if event.get("tokens", {}).get("bot"):
            self._workspaces.uninstalled(self._told(body))
        ack()

    def let_in(self, ack: Ack, body: Body, event: Body) -> None:
        """Workspaces of an organisation were given the app."""
        self._workspaces.let_in(self._told(body), _ids(event))
        self._wake()
        ack()

    def shut_out(self, ack: Ack, body: Body, event: Body) -> None:
        """The app was taken away from workspaces of an organisation."""
        self._workspaces.shut_out(self._told(body), _ids(event))
        ack()

    def _told(self, body: Body) -> Told:
        """Where it belongs: in a shared channel that is the workspace which has the app, not the one that acted."""
        held_by = (body.get("authorizations") or [{}])[0]
        now = self._now()
        seconds = body.get("event_time")
        return Told(
            event_id=str(body.get("event_id") or ""),
            workspace_id=str(held_by.get("team_id") or body.get("team_id") or ""),
            now=now,
            happened_at=datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else now,
            enterprise_id=str(held_by.get("enterprise_id") or body.get("enterprise_id") or ""),
            is_org_wide=bool(held_by.get("is_enterprise_install")),
        )


def _ids(event: Body) -> tuple[str, ...]:
    return tuple(str(team_id) for team_id in event.get("team_ids") or ())
