"""Processes of tests, forked from one server that has every import loaded and no threads."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running


def get_context() -> ForkServerContext:
    """Return the context to start processes from. They are not measured for coverage, which would double their time."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.child"])
    with _environment_without("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        ensure_running()
    return context


@contextmanager
def _environment_without(*names: str) -> Iterator[None]:
    removed = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(removed)
