"""Results of parsing a name: a framework version, a group of versions, another product, or nothing known."""

from msgspec import Struct, field


class RowFilter(Struct, frozen=True):
    """Words that limit a version to some of its rows; empty if not given."""

    python: str = ""
    os: str = ""
    cuda: str = ""
    driver: str = ""
    accelerator: str = ""
    """`cpu` or `gpu`."""


class NamedVersion(Struct, frozen=True):
    """A framework version, optionally limited to some of its rows."""

    product: str
    framework: str
    number: str
    row_filter: RowFilter = field(default_factory=RowFilter)
    family: str = ""
    """The image family, if the text named one."""
    image: str = ""
    """The dated image, if the text named one."""
    version_date: str = ""


class WholeFramework(Struct, frozen=True):
    """All versions of a framework."""

    product: str
    framework: str


class AllVersions(Struct, frozen=True):
    """All versions of all frameworks."""

    product: str


class BareNumber(Struct, frozen=True):
    """A version number without a framework."""

    number: str


class RollingFamily(Struct, frozen=True):
    """A family such as `pytorch-latest-gpu` that moves from version to version."""

    text: str
    framework: str


class OtherProduct(Struct, frozen=True):
    """A known name of something other than a Deep Learning VM framework version."""

    text: str
    product_name: str
    hint_framework: str = ""
    hint_number: str = ""


class RelatedVersion(Struct, frozen=True):
    """A version of a related product, named by prefix (`dlc:pytorch-2.4`) or by one of its images."""

    text: str
    product: str
    """The prefix."""
    name: str = ""
    """The version in Deep Learning VM's spelling if possible, otherwise as written; empty for the whole product."""
    row_filter: RowFilter = field(default_factory=RowFilter)
    image: str = ""
    """The image or family, if the text named one. It can stand for a single row."""


class Wildcard(Struct, frozen=True):
    """A pattern over canonical names, `pytorch-*`."""

    pattern: str


class UnknownName(Struct, frozen=True):
    """A text that isn't a known name."""

    text: str


ParsedName = (
    NamedVersion
    | WholeFramework
    | AllVersions
    | BareNumber
    | RollingFamily
    | OtherProduct
    | RelatedVersion
    | Wildcard
    | UnknownName
)
