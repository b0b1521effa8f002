"""What the cost of rows that miss their target is made of, as a profiler showed it."""

COSTS: dict[str, str] = {}
"""By the row's key."""
