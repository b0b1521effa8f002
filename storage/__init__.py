"""Persistence: facts, tables and queries. Nothing here imports `bot`."""
