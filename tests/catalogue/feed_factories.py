"""Release notes feeds built by tests, one of them from real release notes."""

import csv
from collections.abc import Iterable
from datetime import date
from html import escape
from itertools import groupby
from pathlib import Path

from bot.policy import durations

ADDRESS = "https://docs.cloud.google.com/deep-learning-vm/docs/release-notes"
FACTS_FILE = Path(__file__).parents[1] / "data" / "release-notes.csv"
"""Shortened real release notes by day and kind, as of 10 April 2026, and one later row."""


def build_entry(title: str, content: str, updated: str = "2025-07-14T00:00:00-07:00") -> str:
    anchor = title.replace(" ", "_").replace(",", "")
    return (
        f"<entry><title>{title}</title><id>tag:google.com,2016:deep-learning-vm-release-notes#{anchor}</id>"
        f'<updated>{updated}</updated><link rel="alternate" href="{ADDRESS}#{anchor}"/>'
        f'<content type="html">{escape(content)}</content></entry>'
    )


def build_feed(*entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Release notes</title>'
        f'<link rel="self" href="{ADDRESS}"/>{"".join(entries)}</feed>'
    )


def format_title(day: date) -> str:
    """Return the title of a day's entry, such as `May 09, 2023`."""
    return f"{durations.MONTHS[day.month - 1]} {day.day:02d}, {day.year}"


def build_item(kind: str, *lines: str) -> str:
    """Return an item: its heading, and a list of the lines."""
    return f"<h3>{kind}</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def build_real_feed() -> str:
    """Return the real release notes as a feed, newest first."""
    with FACTS_FILE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = groupby(rows, key=lambda row: row["date"])
    return build_feed(
        *(build_entry(format_title(date.fromisoformat(day)), "".join(_build_items(group))) for day, group in days)
    )


def _build_items(rows: Iterable[dict[str, str]]) -> Iterable[str]:
    for (kind, milestone), group in groupby(rows, key=lambda row: (row["type"], row["milestone"])):
        heading = [f"{milestone} release"] if milestone else []
        yield build_item(kind, *heading, *(row["text"] for row in group))
