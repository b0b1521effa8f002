"""The catalogue for other tools: products, their versions as releases, and the rows of each."""

from datetime import date

from msgspec import Struct

from bot.answers.status import Source
from bot.policy.lifecycle import LifecycleState
from storage.facts import PrintedDate


class ReleaseRow(Struct, frozen=True):
    """A table row of a release."""

    image: str
    label: str
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    listed: bool
    """True while the table lists the row."""
    source_url: str
    as_of: date


class Release(Struct, frozen=True):
    """A framework version of a product on a day. If its rows differ, the earliest dates count."""

    name: str
    title: str
    start: date | None
    """The first day; None if the product does not publish it."""
    state: LifecycleState
    end_of_patch_and_support: date | None
    past_patches: bool
    end_of_availability: date | None
    past_use: bool | None
    """None if the product publishes no end of availability."""
    maintained: bool
    """True if the end of patches and support is known and has not passed."""
    patch_version: str
    """Empty if the rows print none."""
    rows_differ: bool
    rows: tuple[ReleaseRow, ...]


class PublishedProduct(Struct, frozen=True):
    """A product with all its releases, latest end of patches first."""

    name: str
    title: str
    aliases: tuple[str, ...]
    policy_url: str
    source: Source
    releases: tuple[Release, ...]
