"""The feed of release notes as tests write it, and what the real notes said."""

import csv
from collections.abc import Iterable
from datetime import date
from html import escape
from itertools import groupby
from pathlib import Path

from bot.policy import durations

ADDRESS = "https://docs.cloud.google.com/deep-learning-vm/docs/release-notes"
FACTS = Path(__file__).parents[1] / "data" / "release-notes.csv"
"""What real release notes said of versions, by day and kind; in short, as of 10 April 2026, and one row of later."""


def entry(title: str, content: str, updated: str = "2025-07-14T00:00:00-07:00") -> str:
    anchor = title.replace(" ", "_").replace(",", "")
    return (
        f"<entry><title>{title}</title><id>tag:google.com,2016:deep-learning-vm-release-notes#{anchor}</id>"
        f'<updated>{updated}</updated><link rel="alternate" href="{ADDRESS}#{anchor}"/>'
        f'<content type="html">{escape(content)}</content></entry>'
    )


def feed(*entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Release notes</title>'
        f'<link rel="self" href="{ADDRESS}"/>{"".join(entries)}</feed>'
    )


def title(day: date) -> str:
    """As an entry is headed: `May 09, 2023`."""
    return f"{durations.MONTHS[day.month - 1]} {day.day:02d}, {day.year}"


def item(kind: str, *lines: str) -> str:
    """An item of an entry: its heading, and a list."""
    return f"<h3>{kind}</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def real() -> str:
    """The real notes as a feed, newest first."""
    with FACTS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = groupby(rows, key=lambda row: row["date"])
    return feed(*(entry(title(date.fromisoformat(day)), "".join(_items(found))) for day, found in days))


def _items(rows: Iterable[dict[str, str]]) -> Iterable[str]:
    for (kind, milestone), found in groupby(rows, key=lambda row: (row["type"], row["milestone"])):
        heading = [f"{milestone} release"] if milestone else []
        yield item(kind, *heading, *(row["text"] for row in found))
