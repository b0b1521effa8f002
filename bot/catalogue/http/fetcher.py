"""Pages fetched from the network: conditional requests, bounded in time and size, within one organisation's hosts.

What the network does is never an exception: an answer is fetched, not modified, or unavailable with a reason.
"""

import asyncio
import threading
from collections.abc import Coroutine

from bot.catalogue.http.allowed_hosts import Lookup, Reach, system_lookup
from bot.catalogue.http.body import Limits
from bot.catalogue.http.results import PAGES, Outcome, Unavailable


class Fetcher:
    """Fetches pages, each in a session of its own: a few a day."""

    def __init__(
        self,
        version: str,
        *,
        reach: Reach | None = None,
        limits: Limits | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        agent = f"dlvm/{version} (reads the table of Deep Learning VM framework versions a few times a day)"
        self._network = (agent, reach or Reach(), limits or Limits(), lookup)
        self._guard = threading.Lock()
        self._under_way: set[asyncio.Task[Outcome]] = set()
        self._stopped = False

    def stop(self) -> None:
        """Breaks off what is under way and begins nothing more; may be called from any thread."""
        with self._guard:
            self._stopped = True
            for task in self._under_way:
                task.get_loop().call_soon_threadsafe(task.cancel)

    def get(self, url: str, *, etag: str = "", last_modified: str = "", kinds: tuple[str, ...] = PAGES) -> Outcome:
        """Fetches from a thread that runs no event loop."""
        from bot.catalogue.http.client import Network  # noqa: PLC0415 - aiohttp is slow to import

        fetching = Network(*self._network).fetch(url, etag=etag, last_modified=last_modified, kinds=kinds)
        return asyncio.run(self._unless_stopped(fetching))

    async def _unless_stopped(self, fetching: Coroutine[None, None, Outcome]) -> Outcome:
        task = asyncio.create_task(fetching)
        with self._guard:
            self._under_way.add(task)
            if self._stopped:
                task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return Unavailable("dlvm was asked to end")
        finally:
            with self._guard:
                self._under_way.discard(task)
