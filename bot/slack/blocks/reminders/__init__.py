"""Reminder messages."""
