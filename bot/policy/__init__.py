"""Judgements about facts on a day: pure, no input or output."""
