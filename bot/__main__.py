"""`python -m bot` is the dlvm command."""

import atexit
import gc

# Importing makes much that stays: looking through it for garbage, as it grows and once more at the end, takes
# a third of a short command.
gc.set_threshold(1_000_000)
atexit.register(gc.freeze)

from bot.cli.main import main  # noqa: E402 - after that

__all__ = ["main"]

if __name__ == "__main__":
    main()
