"""Judgements about facts on a given day. Pure: no input or output."""
