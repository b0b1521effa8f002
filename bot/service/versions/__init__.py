"""Queries about framework versions."""
