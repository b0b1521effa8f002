"""Validation of a reading against the known catalogue."""
