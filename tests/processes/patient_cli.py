"""The dlvm command with patience for its Slack: on a machine with other work, a stand-in answers late."""

from bot.slack.client import timeouts
from tests.timeouts import PATIENT

if __name__ == "__main__":
    timeouts.USUAL = PATIENT  # before anybody takes it
    from bot.cli.main import main

    main()
