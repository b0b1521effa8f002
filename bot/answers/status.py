"""The status of a version, and its successor."""

from datetime import date

from msgspec import Struct

from bot.answers.bases import MarkedDate
from bot.answers.overrides import OverrideLine
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import DEEP_LEARNING_VM, Product
from storage.facts import Milestone, PrintedDate


class Source(Struct, frozen=True):
    """The source of the dates."""

    url: str
    as_of: date
    unverified_since: date | None = None
    """The day of the last good reading, if the page is polled but was not readable for too long; otherwise None."""
    title: str = ""
    """The title of the source; empty for Google's table of supported framework versions."""
    is_approximate: bool = False
    """True if the source prints no date of its own, so `as_of` is approximate."""


class FamilyStatus(Struct, frozen=True):
    """One table row of a version."""

    family: str
    """The image family; on related products the image, or the identifier that the table has instead."""
    label: str
    patch_version: str
    python: str
    os: str
    cuda: str
    driver: str
    accelerator: str
    state: LifecycleState
    is_last_day: bool
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    start: PrintedDate = PrintedDate("")
    """The first day; empty if the table has none."""
    is_month_only: bool = False
    """True if the table prints a month for the end of patches and support. Its last day counts."""


class Candidate(MarkedDate, frozen=True):
    """A version to upgrade to."""

    version: str
    title: str
    end_of_patch_and_support: date | None
    days_left: int
    """Days until the end of patches and support."""
    families: tuple[str, ...]
    differences: tuple[tuple[str, str, str], ...] = ()
    """(dependency, before, after) for each dependency that changes when upgrading."""


class Advice(Struct, frozen=True):
    """The successor of a version, or the alternatives of Google's documentation if there is none."""

    successor: Candidate | None
    is_newest: bool
    """True if the version is itself the newest supported one of its framework."""
    base: Candidate | None = None
    """The Base image to install the framework on."""
    other_frameworks: tuple[Candidate, ...] = ()
    on_other_products: tuple[Candidate, ...] = ()
    """The newest supported version of the framework on each related product."""


class Subscriber(Struct, frozen=True):
    """A subscribed channel, and the subscription target that covers the version."""

    channel_id: str
    target: str


class RelatedDates(Struct, frozen=True):
    """A version on a related product that ends on other days than on Deep Learning VM."""

    version: str
    """The name with the prefix of the product."""
    product: str
    end_of_patch_and_support: tuple[date, ...]
    """Several if its rows differ; empty if equal to the days on Deep Learning VM."""
    end_of_availability: tuple[date, ...]
    """Several if its rows differ; empty if equal to the days on Deep Learning VM, or not published."""


class Status(Struct, frozen=True):
    """The status of a framework version on a day."""

    version: str
    """The name, with the prefix of its product."""
    title: str
    day: date
    zone: str
    state: LifecycleState | None
    """None if rows of the version are in different states, which `families` lists."""
    furthest_state: LifecycleState
    is_last_day: bool
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    days_left: int | None
    """Days to the next of the two dates: 0 on the day itself, None after the last or if rows differ."""
    rows_differ: bool
    families: tuple[FamilyStatus, ...]
    advice: Advice | None
    """None if these versions don't succeed each other."""
    subscribers: tuple[Subscriber, ...]
    is_subscribed: bool
    source: Source
    remark: str = ""
    """How the query was resolved, such as the row of a dated image; empty if it was the name."""
    overrides: tuple[OverrideLine, ...] = ()
    related_dates: tuple[RelatedDates, ...] = ()
    """Related products on which a Deep Learning VM version ends on other days."""
    product: Product = DEEP_LEARNING_VM
    dlvm_version: str = ""
    """The name of a related product's version on Deep Learning VM; empty if its table has none."""


class Successor(Struct, frozen=True):
    """The successor of a version."""

    version: str
    title: str
    day: date
    state: LifecycleState
    advice: Advice | None
    """None if these versions don't succeed each other."""
    source: Source
    product: Product = DEEP_LEARNING_VM
