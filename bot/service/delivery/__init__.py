"""Delivery of due outbox entries to Slack."""
