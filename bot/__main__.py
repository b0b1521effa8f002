"""`python -m bot` is the dlvm command."""

import gc

gc.set_threshold(
    200_000
)  # importing makes much that stays; looking through it for garbage again and again takes a tenth

from bot.cli import main  # noqa: E402 - after that

__all__ = ["main"]

if __name__ == "__main__":
    main()
