"""Reminders on their way: planned, claimed under a lease, settled behind a fence, kept as long as they guard."""

from storage.outbox.administration import drop, find, listed, prune, retry
from storage.outbox.claiming import any_due, claim, due, next_message, next_try, waits
from storage.outbox.enqueue import announce, announce_move, plan_weekly, put
from storage.outbox.history import (
    count_possible_repeats,
    counts,
    entries,
    introduced,
    last_sent,
    of_message,
    sent_between,
    supersede,
    void,
)
from storage.outbox.planning import plan, plan_channel
from storage.outbox.rate_limits import forget, limited, next_free
from storage.outbox.redrawing import forget_return, redraw
from storage.outbox.settling import hand_back, looked, note_possible_repeat, possible_repeats, resume, sent, settle

__all__ = [
    "announce",
    "announce_move",
    "any_due",
    "claim",
    "count_possible_repeats",
    "counts",
    "drop",
    "due",
    "entries",
    "find",
    "forget",
    "forget_return",
    "hand_back",
    "introduced",
    "last_sent",
    "limited",
    "listed",
    "looked",
    "next_free",
    "next_message",
    "next_try",
    "note_possible_repeat",
    "of_message",
    "plan",
    "plan_channel",
    "plan_weekly",
    "possible_repeats",
    "prune",
    "put",
    "redraw",
    "resume",
    "retry",
    "sent",
    "sent_between",
    "settle",
    "supersede",
    "void",
    "waits",
]
