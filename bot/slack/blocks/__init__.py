"""Answers drawn as Block Kit: pure, plain dictionaries, one module a surface."""
