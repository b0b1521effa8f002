"""The same desks as the use cases have."""

from tests.service.conftest import desk, lone_desk

__all__ = ["desk", "lone_desk"]
