"""Fixtures of the use cases, for fault tests."""

from tests.service.conftest import desk, lone_desk

__all__ = ["desk", "lone_desk"]
