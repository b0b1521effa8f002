"""Reminders on their way: planned, claimed under a lease, settled behind a fence."""

from storage.outbox.history import counts, entries, last_sent, sent_between, supersede
from storage.outbox.planning import plan, plan_channel
from storage.outbox.sending import claim, next_try, settle

__all__ = [
    "claim",
    "counts",
    "entries",
    "last_sent",
    "next_try",
    "plan",
    "plan_channel",
    "sent_between",
    "settle",
    "supersede",
]
