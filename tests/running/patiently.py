"""The dlvm command with patience for its Slack: on a machine with other work, a stand-in answers late."""

from bot.slack import patience
from tests.patience import PATIENT

if __name__ == "__main__":
    patience.USUAL = PATIENT  # before anybody takes it
    from bot.cli import main

    main()
