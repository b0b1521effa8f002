"""Access requests: a person without permission asks one with permission to allow a command."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from sqlmodel import Session

from bot import answers
from bot.service.access import audit
from bot.service.access.permissions import Permissions
from bot.service.place import Place
from storage import access_requests, channels, installations, outbox
from storage.database import Database
from storage.facts import DLVM, AccessRequest, MessageKind, OutboxEntry, PermissionRule, Reminder


class RequestOutcome(Struct, frozen=True):
    """The decision on a request, and the place at which to execute its command."""

    answer: answers.AccessDecision
    place: Place | None = None
    """The requested channel with the person who allowed it, or None if nothing is left to execute."""


class AccessRequests:
    """Sends access requests and stores the decisions on them."""

    def __init__(self, database: Database, permissions: Permissions) -> None:
        self._database = database
        self._permissions = permissions

    def ask(self, command: str, place: Place, now: datetime) -> answers.AccessRequested:
        """Ask a person with permission by direct message. An unanswered request isn't sent twice.

        The answer names no approver if nobody with permission is known.
        """
        approvers = (person for person in self._list_approvers(place) if person not in {"", place.user_id})
        approver = next(approvers, "")
        if not approver:
            return answers.AccessRequested("", command)

        def save(session: Session) -> answers.AccessRequested:
            earlier = access_requests.find_open(session, place.workspace_id, place.channel_id, place.user_id, command)
            if earlier is not None:
                return answers.AccessRequested(earlier.approver, command, is_repeat=True)
            new = AccessRequest(0, place.workspace_id, place.channel_id, place.user_id, approver, command, now)
            request = access_requests.add(session, new)
            _enqueue_message(session, request, approver, MessageKind.ACCESS_REQUEST, now)
            audit.record(session, place, now, "request", before=approver, after=command)
            return answers.AccessRequested(approver, command)

        return self._database.run(save)

    def decide(self, request_id: int, place: Place, now: datetime, *, granted: bool) -> RequestOutcome | answers.Answer:
        """Store the decision of a person who may change the requested channel. The first decision counts."""
        with self._database.read_only() as session:
            request = access_requests.find(session, place.workspace_id, request_id)
        if request is None:
            return answers.InvalidRequest("This request no longer exists.")
        channel_place = Place(place.workspace_id, request.channel_id, place.user_id)
        denied = self._permissions.check(channel_place, now)
        if denied is not None:
            return denied

        def save(session: Session) -> RequestOutcome:
            if not access_requests.resolve(session, place.workspace_id, request_id, now, granted=granted):
                resolved = access_requests.find(session, place.workspace_id, request_id) or request
                return RequestOutcome(_to_answer(resolved, granted=resolved.granted, is_late=True))
            _enqueue_message(session, request, request.requested_by, MessageKind.ACCESS_ANSWER, now)
            action = "allow" if granted else "decline"
            audit.record(session, channel_place, now, action, before=request.requested_by, after=request.command)
            return RequestOutcome(_to_answer(request, granted=granted), channel_place if granted else None)

        return self._database.run(save)

    def _list_approvers(self, place: Place) -> Iterator[str]:
        """Yield people with permission, best choice first; the requester and empty ids can be among them.

        The order: named people, the channel's creator, members of named groups, people who subscribed the channel,
        and the person who installed the bot. A creator counts unless only named people may change the channel, and
        subscribers count only if anyone may.
        """
        rule = self._permissions.find_rule(place)
        managers = rule.workspace.managers
        yield from (manager for manager in managers if not manager.startswith("S"))
        if rule.workspace.permission_rule is not PermissionRule.NAMED:
            yield rule.creator
        for group in (manager for manager in managers if manager.startswith("S")):
            yield from self._permissions.directory.list_group_members(place.workspace_id, group)
        with self._database.read_only() as session:
            may_anyone = rule.workspace.permission_rule is PermissionRule.ANYONE
            subscribers = channels.list_subscribers(session, place.workspace_id, place.channel_id) if may_anyone else ()
            installation = installations.find(session, rule.workspace.enterprise_id, place.workspace_id)
        yield from (person for person in subscribers if person.startswith(("U", "W")))
        if installation is not None:
            yield installation.installed_by


def build_message(session: Session, entry: OutboxEntry) -> answers.Message | None:
    """Return the direct message of an outbox entry about a request, or None if it is no longer needed."""
    reminder = entry.reminder
    request = access_requests.find(session, reminder.workspace_id, reminder.subject_id)
    if request is None:
        return None
    if reminder.kind is MessageKind.ACCESS_ANSWER:
        return answers.AccessDecisionMessage(
            workspace_id=request.workspace_id,
            channel_id=reminder.channel_id,
            delivery_id=entry.delivery_id,
            answered_by=request.approver,
            subject_channel_id=request.channel_id,
            command=request.command,
            is_granted=request.granted,
        )
    if request.resolved_at is not None:
        return None
    return answers.AccessRequestMessage(
        workspace_id=request.workspace_id,
        channel_id=reminder.channel_id,
        delivery_id=entry.delivery_id,
        request_id=request.request_id,
        requested_by=request.requested_by,
        subject_channel_id=request.channel_id,
        command=request.command,
    )


def _to_answer(request: AccessRequest, *, granted: bool, is_late: bool = False) -> answers.AccessDecision:
    return answers.AccessDecision(request.requested_by, request.channel_id, request.command, granted, is_late)


def _enqueue_message(
    session: Session, request: AccessRequest, recipient: str, kind: MessageKind, now: datetime
) -> None:
    subject = str(request.request_id)
    reminder = Reminder(request.workspace_id, recipient, DLVM, "", None, now.date(), 0, kind, subject)
    outbox.add(session, reminder, now)
