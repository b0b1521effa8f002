"""Blocking page fetcher with conditional requests, limited in time and size, for allowed hosts only.

Network failures are never exceptions: the result is a page, "not modified", or "unavailable" with a reason.
"""

import asyncio
import threading
from collections.abc import Coroutine

from bot.catalogue.http.allowed_hosts import AllowedHosts, HostLookup, look_up_host
from bot.catalogue.http.body import Limits
from bot.catalogue.http.results import PAGE_TYPES, FetchResult, Unavailable


class Fetcher:
    """Fetches pages, each with a session of its own: there are only a handful a day."""

    def __init__(
        self,
        version: str,
        *,
        allowed_hosts: AllowedHosts | None = None,
        limits: Limits | None = None,
        lookup: HostLookup = look_up_host,
    ) -> None:
        """Create a fetcher that sends dlvm's version as part of the user agent."""
        user_agent = f"dlvm/{version} (polls the table of Deep Learning VM framework versions every 6 hours)"
        self._client_arguments = (user_agent, allowed_hosts or AllowedHosts(), limits or Limits(), lookup)
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[FetchResult]] = set()
        self._is_stopped = False

    def stop(self) -> None:
        """Cancel running fetches and refuse new ones. Safe to call from any thread."""
        with self._lock:
            self._is_stopped = True
            for task in self._tasks:
                task.get_loop().call_soon_threadsafe(task.cancel)

    def get(
        self, url: str, *, etag: str = "", last_modified: str = "", content_types: tuple[str, ...] = PAGE_TYPES
    ) -> FetchResult:
        """Fetch a page. Call it from a thread without a running event loop."""
        from bot.catalogue.http.client import PageClient  # noqa: PLC0415 - aiohttp is slow to import

        client = PageClient(*self._client_arguments)
        fetch = client.fetch(url, etag=etag, last_modified=last_modified, content_types=content_types)
        return asyncio.run(self._run_unless_stopped(fetch))

    async def _run_unless_stopped(self, fetch: Coroutine[None, None, FetchResult]) -> FetchResult:
        task = asyncio.create_task(fetch)
        with self._lock:
            self._tasks.add(task)
            if self._is_stopped:
                task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return Unavailable("dlvm is shutting down")
        finally:
            with self._lock:
                self._tasks.discard(task)
