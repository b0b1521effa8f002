"""Fixtures of the use cases, for fault tests."""

from tests.service.conftest import driver, sqlite_driver

__all__ = ["driver", "sqlite_driver"]
