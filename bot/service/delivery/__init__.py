"""Posting what the outbox holds, once."""
