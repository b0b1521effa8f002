"""`python -m bot` is the dlvm command."""

import atexit
import gc

# Imports create many objects that live until exit. Collecting garbage among them, during the imports and at exit,
# takes a third of the time of a short command.
gc.set_threshold(1_000_000)
atexit.register(gc.freeze)

from bot.cli.main import main  # noqa: E402 - after the garbage collector is set up

__all__ = ["main"]

if __name__ == "__main__":
    main()
