"""The tenancy check: in every test, each statement on a workspace's data has to name the workspace.

A statement that touches a table with a `workspace_id` has to compare that column with a value, or write it. Functions
that cover all workspaces are listed in ALLOWED with a reason. Migrations are exempt.
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
from storage.outbox import statements

ROOT = Path(storage.tables.__file__).parents[2]
WORKSPACE_TABLES = frozenset(
    name for name, table in SQLModel.metadata.tables.items() if "workspace_id" in table.columns
)
"""Tables whose rows belong to a workspace."""

_LOOP = "the delivery loop serves every workspace"
_OPERATOR = "the operator sees every workspace"
_OWN_ENTRY = "one entry by its id, which the delivery loop claimed"
ALLOWED = {
    "storage.outbox.planning.plan": "a schedule is shared by channels of every workspace",
    "storage.outbox.planning.plan_channel": "its statement is shared with plan, but supersedes only where it planned",
    "storage.outbox.enqueue.announce_date_change": "a date moves for every workspace",
    "storage.outbox.enqueue.announce_event": "an event is announced to every subscriber of its version",
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
    "storage.outbox.administration.prune": "old entries are deleted in every workspace",
    "storage.workspaces.list_all": "maintenance goes from workspace to workspace",
    "storage.workspaces.list_suspended": "maintenance checks each of them with Slack",
    "storage.installations.list_all": "at startup tokens are checked, and keys rotated, in every workspace",
    "storage.channels.list_unchecked_since": "the daily check of channels covers every workspace",
    "storage.channels.list_due_for_health_check": "the retry of paused channels covers every workspace",
    "storage.channels.list_unhealthy": _OPERATOR,
    "storage.channels.wants_weekly": "a schedule is shared by channels of every workspace",
    "storage.outbox.settlement.list_possible_duplicates": _OPERATOR,
    "storage.outbox.history.supersede_milestone": "a withdrawn date applies in no workspace",
    "storage.outbox.rate_limits.get_next_free_time": _LOOP,
    "storage.outbox.rate_limits.delete_expired_rate_limits": "old rate limits are deleted in every workspace",
    "storage.outbox.claims.has_due": _LOOP,
    "storage.outbox.claims.has_due_in_session": _LOOP,
    "storage.outbox.claims.get_next_message_time": "the sandbox jumps to the next message of its one workspace",
    "storage.decisions.list_for_milestone": "a moved date affects the decisions of every workspace",
    "storage.operator_notes.list_sent_messages": _OPERATOR,
}
"""Functions that cover all workspaces, by module and name, with the reason."""

_WORKSPACE_TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|USING|,)\s+\"?(" + "|".join(sorted(WORKSPACE_TABLES)) + r")\b", re.IGNORECASE
)
_VALUE = r"(?:\?|:\w+|%\(\w+\)s(?:::\w+)?|\(\s*(?:\?|%\(|:\w|__\[POSTCOMPILE))"
_COMPARISON = re.compile(rf"\bworkspace_id\"?\s*(?:=|IN)\s*{_VALUE}", re.IGNORECASE)
_TUPLE_COMPARISON = re.compile(rf"\([^()]*\bworkspace_id\b[^()]*\)\s*(?:=|IN)\s*{_VALUE}", re.IGNORECASE)
_INSERT = re.compile(r"^\s*INSERT\s+INTO\s+\w+\s*\([^)]*\bworkspace_id\b[^)]*\)\s*VALUES", re.IGNORECASE)
_SCHEMA_CHANGE = re.compile(r"^\s*(?:CREATE|ALTER|DROP|PRAGMA|EXPLAIN|ANALYZE|VACUUM)\b", re.IGNORECASE)


_EXECUTORS = {Database.__module__, AutocommitConnection.__module__, statements.__name__}
"""Modules that only run the statements of their callers."""


class TenancyError(AssertionError):
    """A statement that could touch another workspace's rows."""


@lru_cache(maxsize=2_000)
def is_bound_to_workspace(statement: str) -> bool:
    """Return True if the statement touches no workspace table, or is bound to a workspace."""
    if _SCHEMA_CHANGE.match(statement) or not _WORKSPACE_TABLE.search(statement):
        return True
    return any(pattern.search(statement) for pattern in (_COMPARISON, _TUPLE_COMPARISON, _INSERT))


@contextmanager
def enforce() -> Iterator[None]:
    """Make each statement that names no workspace raise TenancyError while the context is open."""
    event.listen(sa.Engine, "before_cursor_execute", _check_cursor_execute)
    AutocommitConnection.listeners.append(_check)
    try:
        yield
    finally:
        event.remove(sa.Engine, "before_cursor_execute", _check_cursor_execute)
        AutocommitConnection.listeners.remove(_check)


def _check_cursor_execute(_: object, __: object, statement: str, *___: object) -> None:
    _check(statement)


def _check(statement: str) -> None:
    if is_bound_to_workspace(statement):
        return
    callers = list(_list_callers(sys._getframe()))
    if callers and not any(map(_is_exempt, callers)):
        raise TenancyError(f"{callers[0]} names no workspace: {' '.join(statement.split())[:400]}")


def _list_callers(frame: FrameType | None) -> Iterator[str]:
    """Yield the names of the product's functions on the stack, from the innermost up to the first of a test."""
    while frame is not None:
        path = frame.f_code.co_filename
        if _is_in(path, "tests") and path != __file__:
            return
        module = str(frame.f_globals.get("__name__", ""))
        if (_is_in(path, "storage") or _is_in(path, "bot")) and module not in _EXECUTORS:
            yield f"{module}.{frame.f_code.co_name}"
        frame = frame.f_back


def _is_exempt(caller: str) -> bool:
    return caller in ALLOWED or caller.startswith("storage.migrations")


@lru_cache(maxsize=5_000)
def _is_in(filename: str, folder: str) -> bool:
    return Path(filename).is_relative_to(ROOT / folder)
