"""Single statements run through the driver alone, on one autocommit connection for each thread.

For the most frequent statements, where a session would take several times as long as the database.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.database.engine import PreparedStatement, prepare, set_busy_timeout

IDLE_SECONDS = 1.0
"""A connection idle for longer is pinged before use, in case the server was restarted."""

Rows = Sequence[tuple[Any, ...]]
Values = Mapping[str, object]

_NO_CHANGE = nullcontext()


class AutocommitConnection:
    """Runs single statements outside of any transaction, on a connection of the calling thread."""

    listeners: ClassVar[list[Callable[[str], None]]] = []
    """Called with each statement, because SQLAlchemy's events don't cover them."""

    def __init__(self, engine: sa.Engine, busy_timeout: float) -> None:
        self._engine = engine
        self._busy_timeout = busy_timeout
        self._error = engine.dialect.loaded_dbapi.Error
        self._statements: dict[sa.TextClause, PreparedStatement] = {}
        self._local = threading.local()
        self._connections: WeakSet[_ThreadConnection] = WeakSet()

    def read(self, statement: sa.TextClause, values: Values) -> Rows:
        """Return the rows of a query, with column values as the driver returns them."""
        return self._run_with_retry(statement, values, None)

    def write(self, statement: sa.TextClause, values: Values, wait: float) -> Rows:
        """Run a writing statement and return its rows. Wait up to `wait` seconds for a locked database.

        The statement has to be idempotent, because it is repeated after a lost connection. Never call this within a
        transaction: it would wait for that transaction's lock.
        """
        return self._run_with_retry(statement, values, wait)

    def close(self) -> None:
        """Close every thread's connection. One in use is closed when its statement ends."""
        for connection in list(self._connections):
            connection.close()

    def _run_with_retry(self, statement: sa.TextClause, values: Values, wait: float | None) -> Rows:
        """Run the statement, and once more if the connection was lost."""
        try:
            return self._run(statement, values, wait)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._run(statement, values, wait)

    def _run(self, statement: sa.TextClause, values: Values, wait: float | None) -> Rows:
        prepared = self._statements.get(statement) or self._prepare(statement)
        for listener in self.listeners:
            listener(prepared.text)
        connection: _ThreadConnection | None = None
        try:
            connection = self._get_connection()
            with connection.in_use, self._busy_timeout_of(connection.raw, wait):
                cursor = connection.raw.cursor()
                try:
                    cursor.execute(prepared.text, prepared.bind(values))
                    return cursor.fetchall()  # type: ignore[no-any-return] # a cursor of either driver
                finally:
                    cursor.close()
        except self._error as error:
            is_lost = connection is not None and self._engine.dialect.is_disconnect(error, connection.raw, None)
            if connection is not None and is_lost:
                connection.close()
            raise DBAPIError.instance(
                prepared.text, None, error, self._error, connection_invalidated=is_lost
            ) from error

    def _busy_timeout_of(self, raw: Any, wait: float | None) -> AbstractContextManager[object]:  # noqa: ANN401 - a connection of either driver
        """Set SQLite's busy timeout for one statement. PostgreSQL waits for row locks without one."""
        if wait is None or wait == self._busy_timeout or self._engine.dialect.name != "sqlite":
            return _NO_CHANGE
        return self._change_busy_timeout(raw, wait)

    @contextmanager
    def _change_busy_timeout(self, raw: Any, wait: float) -> Iterator[None]:  # noqa: ANN401 - a connection of either driver
        set_busy_timeout(raw, wait)
        try:
            yield
        finally:
            set_busy_timeout(raw, self._busy_timeout)

    def _get_connection(self) -> "_ThreadConnection":
        """Return this thread's connection, replacing one that was closed or lost."""
        connection: _ThreadConnection | None = getattr(self._local, "connection", None)
        now = time.monotonic()
        if (
            connection is None
            or connection.closed
            or (now - connection.used_at > IDLE_SECONDS and not self._is_alive(connection.raw))
        ):
            connection = self._local.connection = self._connect()  # closes the connection it replaces
        connection.used_at = now
        return connection

    def _connect(self) -> "_ThreadConnection":
        fairy: Any = self._engine.raw_connection()
        raw = fairy.dbapi_connection
        fairy.detach()  # so that it takes no place in the pool
        if self._engine.dialect.name != "sqlite":
            raw.autocommit = True
        connection = _ThreadConnection(raw)
        self._connections.add(connection)
        return connection

    def _is_alive(self, raw: Any) -> bool:  # noqa: ANN401 - a connection of either driver
        try:
            return self._engine.dialect.name == "sqlite" or bool(self._engine.dialect.do_ping(raw))
        except self._error:
            return False

    def _prepare(self, statement: sa.TextClause) -> PreparedStatement:
        prepared = self._statements[statement] = prepare(statement, self._engine.dialect)
        return prepared


class _ThreadConnection:
    """A thread's connection. It is closed when the thread ends."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 - a connection of either driver
        self.raw = raw
        self.used_at = 0.0
        self.closed = False
        self.in_use = threading.Lock()

    def close(self) -> None:
        """Close the connection if it is idle; otherwise its own thread drops it after the statement.

        Safe to call repeatedly and from any thread.
        """
        self.closed = True
        if self.in_use.acquire(blocking=False):
            self.raw.close()
            self.in_use.release()

    def __del__(self) -> None:
        self.close()
