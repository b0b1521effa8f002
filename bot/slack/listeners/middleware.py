"""What looks at every request before a listener hears it."""

from collections.abc import Callable

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

Next = Callable[[], BoltResponse]


class CallbackMiddleware(Middleware):
    """Hands each request on as it is: what Bolt puts together for a function takes longer than most looks."""

    def __init__(self, callback: Callable[[BoltRequest, Next], BoltResponse]) -> None:
        self._callback = callback

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Next) -> BoltResponse:  # noqa: A002, ARG002 - Bolt's names
        """Bolt's way of asking."""
        return self._callback(req, next)
