"""The dlvm command with long timeouts, because fakes answer late on a busy machine."""

from bot.slack.client import timeouts
from tests.timeouts import LONG_TIMEOUTS

if __name__ == "__main__":
    timeouts.DEFAULT_TIMEOUTS = LONG_TIMEOUTS  # before modules import it by value
    from bot.cli.main import main

    main()
