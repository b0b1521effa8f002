"""Composition root: builds the running bot from the settings."""
