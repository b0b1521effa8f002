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
class Wildcard:
    """A pattern over canonical names, `pytorch-*`."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Words that name nothing."""

    text: str


Reading = Named | WholeFramework | Everything | BareNumber | MovingFamily | OtherProduct | Wildcard | Unreadable

PRODUCTS = {
    "dlc": "a Deep Learning Containers image",
    "vertex": "a Vertex AI prediction container",
    "vertex-train": "a Vertex AI training container",
    "colab": "a Colab Enterprise runtime",
    "workbench": "a Workbench image",
    "dlami": "an AWS Deep Learning AMI",
    "aws-dlc": "an AWS Deep Learning Containers image",
}
"""Products with a prefix of their own."""
