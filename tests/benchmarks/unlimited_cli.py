"""`python -m tests.benchmarks.unlimited_cli run …`: the dlvm command with a rate limit that benchmarks can't reach.

Requests are still counted.
"""

from functools import partial
from unittest import mock

from bot.bootstrap import listeners
from bot.slack.listeners.rate_limit import Allowance, RateLimiter

_UNLIMITED = Allowance(burst=1e9, per_minute=1e9)
build_rate_limiter = partial(RateLimiter, _UNLIMITED, _UNLIMITED)


if __name__ == "__main__":
    from bot.cli.main import main

    with mock.patch.object(listeners, "RateLimiter", build_rate_limiter):
        main()
