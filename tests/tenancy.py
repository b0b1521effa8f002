"""Every statement on a workspace's data names its workspace: checked on every statement of every test.

A statement that touches a table with a `workspace_id` must compare that column with a value, or write it. What may
look at every workspace is listed here with its reason; migrations may look at everything.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FrameType

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

import storage.tables
from storage.database import Database
from storage.database.autocommit import AutocommitConnection

ROOT = Path(storage.tables.__file__).parents[2]
WORKSPACE_TABLES = frozenset(
    name for name, table in SQLModel.metadata.tables.items() if "workspace_id" in table.columns
)
"""Tables whose rows belong to a workspace."""

_LOOP = "the delivery loop serves every workspace in turn"
_OPERATOR = "for the operator, who sees every workspace"
_OWN_ENTRY = "by the key of one entry, which the loop claimed under its lease"
ALLOWED = {
    "storage.outbox.planning.plan": "a schedule is shared by channels of every workspace",
    "storage.outbox.planning.plan_channel": "the same statements; a nearer rung only supersedes in its own channel",
    "storage.outbox.enqueue.announce_date_change": "a date moves for everybody",
    "storage.outbox.enqueue.announce_event": "what happens to a version is told to everybody who watches it",
    "storage.outbox.enqueue.plan_weekly_summaries": "a schedule is shared by channels of every workspace",
    "storage.outbox.claims.get_next_attempt_time": _LOOP,
    "storage.outbox.claims.claim": _LOOP,
    "storage.outbox.claims.list_due": _LOOP,
    "storage.outbox.settlement.settle": _OWN_ENTRY,
    "storage.outbox.settlement.release": _OWN_ENTRY,
    "storage.outbox.settlement.record_lookup_miss": _OWN_ENTRY,
    "storage.outbox.history.count_by_state": _OPERATOR,
    "storage.outbox.history.count_possible_duplicates": _OPERATOR,
    "storage.outbox.administration.list_by_state": _OPERATOR,
    "storage.outbox.administration.find": _OPERATOR,
    "storage.outbox.administration.retry": _OPERATOR,
    "storage.outbox.administration.drop": _OPERATOR,
    "storage.outbox.administration.prune": "what was sent long ago is deleted everywhere",
    "storage.workspaces.list_all": "for the chores, which go from workspace to workspace",
    "storage.workspaces.list_suspended": "for the chores, which ask Slack about each",
    "storage.installations.list_all": "tokens are checked at start, and keys rotated, for all",
    "storage.channels.list_unchecked_since": "the daily check of channels covers every workspace",
    "storage.channels.list_due_for_health_check": "the retry of paused channels covers every workspace",
    "storage.channels.list_unhealthy": _OPERATOR,
    "storage.channels.wants_weekly": "a schedule is shared by channels of every workspace",
    "storage.outbox.settlement.list_possible_duplicates": _OPERATOR,
    "storage.outbox.history.supersede_milestone": "a date that no longer holds, holds in no workspace",
    "storage.outbox.rate_limits.get_next_free_time": _LOOP,
    "storage.outbox.rate_limits.delete_expired_rate_limits": "rate limits that ended long ago are deleted everywhere",
    "storage.outbox.claims.has_due": _LOOP,
    "storage.outbox.claims.has_due_in_session": _LOOP,
    "storage.outbox.claims.get_next_message_time": "the sandbox jumps to the next message of its one workspace",
    "storage.decisions.list_for_milestone": "a date moves for everybody, so every decision about it is looked at",
    "storage.operator_notes.list_sent_messages": _OPERATOR,
}
"""Functions of storage that look at every workspace at once, by module and name, each with its reason."""

_NAMES = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|USING|,)\s+\"?(" + "|".join(sorted(WORKSPACE_TABLES)) + r")\b", re.IGNORECASE
)
_VALUE = r"(?:\?|:\w+|%\(\w+\)s(?:::\w+)?|\(\s*(?:\?|%\(|:\w|__\[POSTCOMPILE))"
_BOUND = re.compile(rf"\bworkspace_id\"?\s*(?:=|IN)\s*{_VALUE}", re.IGNORECASE)
_PAIR = re.compile(rf"\([^()]*\bworkspace_id\b[^()]*\)\s*(?:=|IN)\s*{_VALUE}", re.IGNORECASE)
_WRITTEN = re.compile(r"^\s*INSERT\s+INTO\s+\w+\s*\([^)]*\bworkspace_id\b[^)]*\)\s*VALUES", re.IGNORECASE)
_SHAPING = re.compile(r"^\s*(?:CREATE|ALTER|DROP|PRAGMA|EXPLAIN|ANALYZE|VACUUM)\b", re.IGNORECASE)


class TenancyError(AssertionError):
    """A statement that could touch another workspace's rows."""


@lru_cache(maxsize=2_000)
def is_bound_to_workspace(statement: str) -> bool:
    """Whether the statement leaves tenants' tables alone, or is bound to a workspace."""
    if _SHAPING.match(statement) or not _NAMES.search(statement):
        return True
    return any(pattern.search(statement) for pattern in (_BOUND, _PAIR, _WRITTEN))


@contextmanager
def enforce() -> Iterator[None]:
    """While it lasts, a statement that names no workspace raises where it is executed."""
    event.listen(sa.Engine, "before_cursor_execute", _check_executed)
    AutocommitConnection.listeners.append(_check)
    try:
        yield
    finally:
        event.remove(sa.Engine, "before_cursor_execute", _check_executed)
        AutocommitConnection.listeners.remove(_check)


def _check_executed(_: object, __: object, statement: str, *___: object) -> None:
    _check(statement)


def _check(statement: str) -> None:
    if is_bound_to_workspace(statement):
        return
    places = list(_places(sys._getframe()))
    if any(allowed for _, allowed in places) or not places:
        return
    raise TenancyError(f"{places[0][0]} names no workspace: {' '.join(statement.split())[:400]}")


def _places(frame: FrameType | None) -> Iterator[tuple[str, bool]]:
    """Functions of ours on the stack, the innermost first, up to a test's own; whether each may see everything."""
    while frame is not None:
        path = frame.f_code.co_filename
        if _is_in(path, "tests") and path != __file__:
            return
        if _is_in(path, "storage") or _is_in(path, "bot"):
            module = str(frame.f_globals.get("__name__", ""))
            name = f"{module}.{frame.f_code.co_name}"
            if module in {Database.__module__, AutocommitConnection.__module__}:  # which runs what others ask for
                frame = frame.f_back
                continue
            yield name, name in ALLOWED or module.startswith("storage.migrations")
        frame = frame.f_back


@lru_cache(maxsize=5_000)
def _is_in(filename: str, folder: str) -> bool:
    return Path(filename).is_relative_to(ROOT / folder)
