"""Rendering of reminder messages and other messages that dlvm sends on its own."""
