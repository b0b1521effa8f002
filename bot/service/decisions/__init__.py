"""Decisions about reminders: acknowledge, snooze, migrate, assign an owner, undo."""
