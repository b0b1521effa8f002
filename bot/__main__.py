"""`python -m bot` is the dlvm command."""

import gc

# Importing makes much that stays; looking through it for garbage again and again takes a tenth of a short command.
gc.set_threshold(200_000)

from bot.cli import main  # noqa: E402 - after that

__all__ = ["main"]

if __name__ == "__main__":
    main()
