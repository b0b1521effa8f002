"""Subscriptions and settings of a channel."""
