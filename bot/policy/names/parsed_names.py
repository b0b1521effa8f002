"""What a name can mean: a framework version, several, another product, or nothing."""

from msgspec import Struct, field


class RowFilter(Struct, frozen=True):
    """Words that narrow the rows of a version; empty where nothing was said."""

    python: str = ""
    os: str = ""
    cuda: str = ""
    driver: str = ""
    accelerator: str = ""
    """`cpu` or `gpu`."""


class NamedVersion(Struct, frozen=True):
    """A framework version, with what narrows it to some of its rows."""

    product: str
    framework: str
    number: str
    row_filter: RowFilter = field(default_factory=RowFilter)
    family: str = ""
    """The image family's real name, where one was written."""
    image: str = ""
    """The dated image's name, where one was written."""
    version_date: str = ""


class WholeFramework(Struct, frozen=True):
    """All versions of a framework."""

    product: str
    framework: str


class AllVersions(Struct, frozen=True):
    """All versions of all frameworks."""

    product: str


class BareNumber(Struct, frozen=True):
    """A version without its framework."""

    number: str


class RollingFamily(Struct, frozen=True):
    """A family such as `pytorch-latest-gpu` that moves from version to version."""

    text: str
    framework: str


class OtherProduct(Struct, frozen=True):
    """Something that is understood, and is not a Deep Learning VM framework version."""

    text: str
    product_name: str
    hint_framework: str = ""
    hint_number: str = ""


class SisterVersion(Struct, frozen=True):
    """A version of a sister product by its prefix, `dlc:pytorch-2.4`, or an image of one by its name."""

    text: str
    product: str
    """The prefix."""
    name: str = ""
    """The version as Deep Learning VM would call it, or whatever was written; empty for the whole product."""
    row_filter: RowFilter = field(default_factory=RowFilter)
    image: str = ""
    """The image's or family's name, where one was written: it may stand for one row."""


class Wildcard(Struct, frozen=True):
    """A pattern over canonical names, `pytorch-*`."""

    pattern: str


class UnknownName(Struct, frozen=True):
    """Words that name nothing."""

    text: str


ParsedName = (
    NamedVersion
    | WholeFramework
    | AllVersions
    | BareNumber
    | RollingFamily
    | OtherProduct
    | SisterVersion
    | Wildcard
    | UnknownName
)
