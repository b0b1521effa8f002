"""What a name can mean: a framework version, several, another product, or nothing."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Words that narrow the rows of a version; empty where nothing was said."""

    python: str = ""
    os: str = ""
    cuda: str = ""
    driver: str = ""
    accelerator: str = ""
    """`cpu` or `gpu`."""


@dataclass(frozen=True, slots=True)
class Named:
    """A framework version, with what narrows it to some of its rows."""

    product: str
    framework: str
    number: str
    narrowing: Narrowing = field(default_factory=Narrowing)
    family: str = ""
    """The image family's real name, where one was written."""
    image: str = ""
    """The dated image's name, where one was written."""
    version_date: str = ""


@dataclass(frozen=True, slots=True)
class WholeFramework:
    """All versions of a framework."""

    product: str
    framework: str


@dataclass(frozen=True, slots=True)
class Everything:
    """All versions of all frameworks."""

    product: str


@dataclass(frozen=True, slots=True)
class BareNumber:
    """A version without its framework."""

    number: str


@dataclass(frozen=True, slots=True)
class MovingFamily:
    """A family such as `pytorch-latest-gpu` that moves from version to version."""

    text: str
    framework: str


@dataclass(frozen=True, slots=True)
class OtherProduct:
    """Something that is understood, and is not a Deep Learning VM framework version."""

    text: str
    product_name: str
    hint_framework: str = ""
    hint_number: str = ""


@dataclass(frozen=True, slots=True)
class Sister:
    """A version of a sister product by its prefix, `dlc:pytorch-2.4`, or an image of one by its name."""

    text: str
    product: str
    """The prefix."""
    name: str = ""
    """The version as Deep Learning VM would call it, or whatever was written; empty for the whole product."""
    narrowing: Narrowing = field(default_factory=Narrowing)
    image: str = ""
    """The image's or family's name, where one was written: it may stand for one row."""


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A pattern over canonical names, `pytorch-*`."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Words that name nothing."""

    text: str


Reading = (
    Named | WholeFramework | Everything | BareNumber | MovingFamily | OtherProduct | Sister | Wildcard | Unreadable
)
