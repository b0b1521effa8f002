"""Notices to the operator, and the review queue."""
