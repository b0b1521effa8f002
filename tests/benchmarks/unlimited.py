"""`python -m tests.benchmarks.generous run …`: dlvm, whose limits nobody reaches; it counts requests as ever.

One person asks thousands of times a second here, which limits are there to end.
"""

from functools import partial
from unittest import mock

from bot.bootstrap import listeners
from bot.slack.listeners.rate_limit import Allowance, RateLimiter

_UNLIMITED = Allowance(burst=1e9, per_minute=1e9)
build_limits = partial(RateLimiter, _UNLIMITED, _UNLIMITED)


if __name__ == "__main__":
    from bot.cli.main import main

    with mock.patch.object(listeners, "Limits", build_limits):
        main()
