"""Use cases: one method, one short transaction."""
