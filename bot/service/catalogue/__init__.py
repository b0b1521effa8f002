"""Keeping the catalogue up to date."""
