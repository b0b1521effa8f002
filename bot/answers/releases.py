"""The catalogue as others read it: products, their versions as releases, and the rows behind each."""

from datetime import date

from msgspec import Struct

from bot.answers.status import Source
from bot.policy.lifecycle import LifecycleState
from storage.facts import PrintedDate


class ReleaseRow(Struct, frozen=True):
    """A row of the table behind a release."""

    image: str
    label: str
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    listed: bool
    """Whether the table still prints it."""
    source_url: str
    as_of: date


class Release(Struct, frozen=True):
    """A framework version of a product on a day; of rows that differ the earliest dates."""

    name: str
    title: str
    start: date | None
    """The first day, where the product publishes one."""
    state: LifecycleState
    end_of_patch_and_support: date | None
    past_patches: bool
    end_of_availability: date | None
    past_use: bool | None
    """None where the product publishes no end of availability."""
    maintained: bool
    """Known not to be past its end of patches and support."""
    patch_version: str
    """Where the rows print one."""
    rows_differ: bool
    rows: tuple[ReleaseRow, ...]


class PublishedProduct(Struct, frozen=True):
    """A product with all its releases, the one that is patched longest first."""

    name: str
    title: str
    aliases: tuple[str, ...]
    policy_url: str
    source: Source
    releases: tuple[Release, ...]
