"""The outbox: every message is planned, claimed under a lease, posted, and settled."""

from storage.outbox.administration import drop, find, list_by_state, prune, retry
from storage.outbox.claims import (
    claim,
    get_next_attempt_time,
    get_next_message_time,
    has_due,
    has_due_in_session,
    list_due,
)
from storage.outbox.enqueue import (
    add,
    announce_date_change,
    announce_event,
    plan_weekly_summaries,
    redraw_message,
    supersede_snoozed,
)
from storage.outbox.history import (
    count_by_state,
    count_possible_duplicates,
    get_last_sent,
    has_introduction,
    list_for_channel,
    list_for_message,
    list_sent_between,
    supersede_milestone,
    supersede_versions,
)
from storage.outbox.planning import plan, plan_channel
from storage.outbox.rate_limits import delete_expired_rate_limits, get_next_free_time, record_rate_limit
from storage.outbox.settlement import (
    add_possible_duplicate,
    list_possible_duplicates,
    record_lookup_miss,
    release,
    resume_held,
    settle,
    settle_sent,
)

__all__ = ["add", "add_possible_duplicate", "announce_date_change", "announce_event", "claim", "count_by_state"]
__all__ += ["count_possible_duplicates", "delete_expired_rate_limits", "drop", "find", "get_last_sent"]
__all__ += ["get_next_attempt_time", "get_next_free_time", "get_next_message_time", "has_due", "has_due_in_session"]
__all__ += ["has_introduction", "list_by_state", "list_due", "list_for_channel", "list_for_message"]
__all__ += ["list_possible_duplicates", "list_sent_between", "plan", "plan_channel", "plan_weekly_summaries", "prune"]
__all__ += ["record_lookup_miss", "record_rate_limit", "redraw_message", "release", "resume_held", "retry", "settle"]
__all__ += ["settle_sent", "supersede_milestone", "supersede_snoozed", "supersede_versions"]
