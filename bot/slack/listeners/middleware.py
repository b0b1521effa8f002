"""Middleware that runs before every listener."""

from collections.abc import Callable

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

Next = Callable[[], BoltResponse]


class CallbackMiddleware(Middleware):
    """Passes each request to a callback, without the arguments Bolt builds for functions, which are slow to build."""

    def __init__(self, callback: Callable[[BoltRequest, Next], BoltResponse]) -> None:
        self._callback = callback

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Next) -> BoltResponse:  # noqa: A002, ARG002 - the signature is Bolt's
        """Call the callback."""
        return self._callback(req, next)
