"""Installations, workspace events and channel health."""
