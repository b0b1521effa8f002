"""Pages fetched from the network: conditional requests, bounded in time and size, within one organisation's hosts.

What the network does is never an exception: an answer is fetched, not modified, or unavailable with a reason.
"""

import asyncio
import threading
from collections.abc import Coroutine

from bot.catalogue.http.allowed_hosts import AllowedHosts, HostLookup, look_up_host
from bot.catalogue.http.body import Limits
from bot.catalogue.http.results import PAGE_TYPES, FetchResult, Unavailable


class Fetcher:
    """Fetches pages, each in a session of its own: a few a day."""

    def __init__(
        self,
        version: str,
        *,
        allowed_hosts: AllowedHosts | None = None,
        limits: Limits | None = None,
        lookup: HostLookup = look_up_host,
    ) -> None:
        agent = f"dlvm/{version} (reads the table of Deep Learning VM framework versions a few times a day)"
        self._client_arguments = (agent, allowed_hosts or AllowedHosts(), limits or Limits(), lookup)
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[FetchResult]] = set()
        self._is_stopped = False

    def stop(self) -> None:
        """Breaks off what is under way and begins nothing more; may be called from any thread."""
        with self._lock:
            self._is_stopped = True
            for task in self._tasks:
                task.get_loop().call_soon_threadsafe(task.cancel)

    def get(
        self, url: str, *, etag: str = "", last_modified: str = "", content_types: tuple[str, ...] = PAGE_TYPES
    ) -> FetchResult:
        """Fetches from a thread that runs no event loop."""
        from bot.catalogue.http.client import PageClient  # noqa: PLC0415 - aiohttp is slow to import

        fetching = PageClient(*self._client_arguments).fetch(
            url, etag=etag, last_modified=last_modified, content_types=content_types
        )
        return asyncio.run(self._run_unless_stopped(fetching))

    async def _run_unless_stopped(self, fetching: Coroutine[None, None, FetchResult]) -> FetchResult:
        task = asyncio.create_task(fetching)
        with self._lock:
            self._tasks.add(task)
            if self._is_stopped:
                task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return Unavailable("dlvm was asked to end")
        finally:
            with self._lock:
                self._tasks.discard(task)
