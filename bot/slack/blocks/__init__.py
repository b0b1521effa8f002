"""Rendering of answers as Block Kit, one module a noun. Pure: plain dictionaries in and out."""
