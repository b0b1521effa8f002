"""The dlvm command with patience for its Slack: on a machine with other work, a stand-in answers late."""

from bot.slack.client import timeouts
from tests.timeouts import LONG_TIMEOUTS

if __name__ == "__main__":
    timeouts.DEFAULT_TIMEOUTS = LONG_TIMEOUTS  # before anybody takes it
    from bot.cli.main import main

    main()
