"""Single statements by the driver alone, each thread on a connection of its own that it keeps.

For what is asked and written most, where a session would take several times as long as the database.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.database import engine as engines

IDLE_SECONDS = 1.0
"""Seconds after which a connection is looked at before it is used: the server may be another one by now."""

Rows = Sequence[tuple[Any, ...]]
Values = Mapping[str, object]

_NOTHING = nullcontext()


class AutocommitConnection:
    """Runs statements outside of any transaction: each is one by itself."""

    listeners: ClassVar[list[Callable[[str], None]]] = []
    """Told of each statement, of which SQLAlchemy's events know nothing."""

    def __init__(self, engine: sa.Engine, busy_timeout: float) -> None:
        self._engine = engine
        self._busy_timeout = busy_timeout
        self._error = engine.dialect.loaded_dbapi.Error
        self._statements: dict[sa.TextClause, engines.PreparedStatement] = {}
        self._mine = threading.local()
        self._held: WeakSet[_Held] = WeakSet()

    def read(self, statement: sa.TextClause, values: Values) -> Rows:
        """The rows, columns as the driver gives them."""
        return self._twice(statement, values, None)

    def write(self, statement: sa.TextClause, values: Values, wait: float) -> Rows:
        """The rows that a statement returns which writes; waits so many seconds for a locked database.

        It must be one that may be run twice, and not be called within a transaction, for which it would wait.
        """
        return self._twice(statement, values, wait)

    def close(self) -> None:
        """Closes every thread's connection; one that is in use when its statement is done."""
        for held in list(self._held):
            held.close()

    def _twice(self, statement: sa.TextClause, values: Values, wait: float | None) -> Rows:
        """Once more where the connection was lost: the server may be there again, or another one in its place."""
        try:
            return self._run(statement, values, wait)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._run(statement, values, wait)

    def _run(self, statement: sa.TextClause, values: Values, wait: float | None) -> Rows:
        prepared = self._statements.get(statement) or self._prepared(statement)
        for tell in self.listeners:
            tell(prepared.text)
        held: _Held | None = None
        try:
            held = self._mine_now()
            with held.in_use, self._waiting(held.raw, wait):
                cursor = held.raw.cursor()
                try:
                    cursor.execute(prepared.text, prepared.bind(values))
                    return cursor.fetchall()  # type: ignore[no-any-return] # either driver's
                finally:
                    cursor.close()
        except self._error as error:
            lost = held is not None and self._engine.dialect.is_disconnect(error, held.raw, None)
            if lost and held is not None:
                held.close()
            told = DBAPIError.instance(prepared.text, None, error, self._error, connection_invalidated=lost)
            raise told from error

    def _waiting(self, raw: Any, wait: float | None) -> AbstractContextManager[object]:  # noqa: ANN401 - either driver's
        """How long this SQLite connection waits for others; PostgreSQL waits by itself."""
        if wait is None or wait == self._busy_timeout or self._engine.dialect.name != "sqlite":
            return _NOTHING
        return self._longer(raw, wait)

    @contextmanager
    def _longer(self, raw: Any, wait: float) -> Iterator[None]:  # noqa: ANN401 - the same
        engines.set_busy_timeout(raw, wait)
        try:
            yield
        finally:
            engines.set_busy_timeout(raw, self._busy_timeout)

    def _mine_now(self) -> "_Held":
        """This thread's own, which commits each statement by itself; one that was idle is looked at first."""
        held: _Held | None = getattr(self._mine, "held", None)
        now = time.monotonic()
        if held is None or held.ended or (now - held.used_at > IDLE_SECONDS and not self._lives(held.raw)):
            held = self._mine.held = self._made()  # the one before is closed with it
        held.used_at = now
        return held

    def _made(self) -> "_Held":
        fairy: Any = self._engine.raw_connection()
        raw = fairy.dbapi_connection
        fairy.detach()  # so that the pool has its place for others
        if self._engine.dialect.name != "sqlite":
            raw.autocommit = True
        held = _Held(raw)
        self._held.add(held)
        return held

    def _lives(self, raw: Any) -> bool:  # noqa: ANN401 - the same
        try:
            return self._engine.dialect.name == "sqlite" or bool(self._engine.dialect.do_ping(raw))
        except self._error:
            return False

    def _prepared(self, statement: sa.TextClause) -> engines.PreparedStatement:
        found = self._statements[statement] = engines.prepare(statement, self._engine.dialect)
        return found


class _Held:
    """A thread's connection, which ends with its thread, or when it is closed by another one and not in use."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 - either driver's
        self.raw = raw
        self.used_at = 0.0
        self.ended = False
        self.in_use = threading.Lock()

    def close(self) -> None:
        """May be called again, and from any thread; its own thread lets go of what was in use."""
        self.ended = True
        if self.in_use.acquire(blocking=False):
            self.raw.close()
            self.in_use.release()

    def __del__(self) -> None:
        self.close()
