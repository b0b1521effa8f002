"""`python -m tests.benchmarks.generous run …`: dlvm, whose limits nobody reaches; it counts requests as ever.

One person asks thousands of times a second here, which limits are there to end.
"""

from functools import partial
from unittest import mock

from bot.bootstrap import listeners
from bot.slack.listeners.rate_limit import Allowance, Limits

_EVERYTHING = Allowance(at_once=1e9, a_minute=1e9)
limits = partial(Limits, _EVERYTHING, _EVERYTHING)


if __name__ == "__main__":
    from bot.cli.main import main

    with mock.patch.object(listeners, "Limits", limits):
        main()
