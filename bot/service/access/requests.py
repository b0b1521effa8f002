"""Somebody who may not change a channel asks one who may; the answer is told, and what was allowed is done."""

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

MAX_COMMAND_LENGTH = 1_000


class RequestOutcome(Struct, frozen=True):
    """What is now to be done, at whose place: the one's who allowed it."""

    answer: answers.AccessDecision
    place: Place | None = None
    """None where nothing is to be done."""


class AccessRequests:
    """Takes requests and answers to them."""

    def __init__(self, database: Database, permissions: Permissions) -> None:
        self._database = database
        self._permissions = permissions

    def ask(self, command: str, place: Place, now: datetime) -> answers.AccessRequested:
        """Asks one who may change the channel, by direct message; the same is asked once until it is answered."""
        asked_of = next(self._list_approvers(place), "")
        if not asked_of:
            return answers.AccessRequested("", command)

        def work(session: Session) -> answers.AccessRequested:
            before = access_requests.find_open(session, place.workspace_id, place.channel_id, place.user_id, command)
            if before is not None:
                return answers.AccessRequested(before.approver, command, is_repeat=True)
            new = AccessRequest(0, place.workspace_id, place.channel_id, place.user_id, asked_of, command, now)
            asking = access_requests.add(session, new)
            _enqueue_message(session, asking, asked_of, MessageKind.ACCESS_REQUEST, now)
            audit.record(session, place, now, "request", before=asked_of, after=command)
            return answers.AccessRequested(asked_of, command)

        return self._database.run(work)

    def decide(self, request_id: int, place: Place, now: datetime, *, granted: bool) -> RequestOutcome | answers.Answer:
        """Notes the answer of somebody who may change the channel asked about; the first answer counts."""
        with self._database.read_only() as session:
            asking = access_requests.find(session, place.workspace_id, request_id)
        if asking is None:
            return answers.InvalidRequest("dlvm does not know this request any more.")
        there = Place(place.workspace_id, asking.channel_id, place.user_id)
        refused = self._permissions.check(there, now)
        if refused is not None:
            return refused

        def work(session: Session) -> RequestOutcome:
            if not access_requests.resolve(session, place.workspace_id, request_id, now, granted=granted):
                found = access_requests.find(session, place.workspace_id, request_id) or asking
                return RequestOutcome(_to_answer(found, granted=found.granted, late=True))
            _enqueue_message(session, asking, asking.requested_by, MessageKind.ACCESS_ANSWER, now)
            what = "allow" if granted else "decline"
            audit.record(session, there, now, what, before=asking.requested_by, after=asking.command)
            return RequestOutcome(_to_answer(asking, granted=granted), there if granted else None)

        return self._database.run(work)

    def _list_approvers(self, place: Place) -> Iterator[str]:
        """People who may, likeliest first: named ones, members of named groups, the channel's maker, its installer."""
        rule = self._permissions.find_rule(place)
        named = [who for who in rule.workspace.managers if not who.startswith("S")]
        groups = [who for who in rule.workspace.managers if who.startswith("S")]
        yield from (who for who in named if who != place.user_id)
        if rule.workspace.permission_rule is not PermissionRule.NAMED and rule.creator not in {"", place.user_id}:
            yield rule.creator
        for group in groups:
            members = self._permissions.directory.list_group_members(place.workspace_id, group)
            yield from (who for who in members if who != place.user_id)
        with self._database.read_only() as session:
            anyone = rule.workspace.permission_rule is PermissionRule.ANYONE
            found = channels.list_subscribers(session, place.workspace_id, place.channel_id) if anyone else ()
            installation = installations.find(session, rule.workspace.enterprise_id, place.workspace_id)
        yield from (who for who in found if who.startswith(("U", "W")) and who != place.user_id)
        if installation is not None and installation.installed_by not in {"", place.user_id}:
            yield installation.installed_by


def build_message(session: Session, entry: OutboxEntry, now: datetime) -> answers.Message | None:
    """The note of an entry about an asking; None where it is moot."""
    reminder = entry.reminder
    asking = access_requests.find(session, reminder.workspace_id, int(reminder.version))
    if asking is None:
        return None
    if reminder.kind is MessageKind.ACCESS_ANSWER:
        return answers.AccessDecisionMessage(
            workspace_id=asking.workspace_id,
            channel_id=reminder.channel_id,
            delivery_id=entry.delivery_id,
            answered_by=asking.approver,
            subject_channel_id=asking.channel_id,
            command=asking.command,
            is_granted=asking.granted,
            decided_at=asking.resolved_at or now,
        )
    if asking.resolved_at is not None:
        return None
    return answers.AccessRequestMessage(
        workspace_id=asking.workspace_id,
        channel_id=reminder.channel_id,
        delivery_id=entry.delivery_id,
        request_id=asking.request_id,
        requested_by=asking.requested_by,
        subject_channel_id=asking.channel_id,
        command=asking.command,
        day=now.date(),
    )


def _to_answer(request: AccessRequest, *, granted: bool, late: bool = False) -> answers.AccessDecision:
    return answers.AccessDecision(request.requested_by, request.channel_id, request.command, granted, late)


def _enqueue_message(session: Session, request: AccessRequest, person: str, kind: MessageKind, now: datetime) -> None:
    outbox.add(
        session,
        Reminder(request.workspace_id, person, DLVM, str(request.request_id), None, now.date(), 0, kind),
        now,
    )
