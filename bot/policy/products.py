"""The products beside Deep Learning VM whose framework versions have dates of their own, told apart by a prefix."""

from msgspec import Struct

DEEP_LEARNING_VM = "Deep Learning VM"
"""The product whose names carry no prefix."""
FRAMEWORK_SUPPORT_POLICY = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"


class Product(Struct, frozen=True):
    """A sister product, in words."""

    prefix: str
    title: str
    image_with_article: str
    """What one of its images is, with its article."""
    publishes_availability: bool = True
    """Whether it says until when its images can be used, beside until when they are patched."""


_ALL = (
    Product("dlc", "Deep Learning Containers", "a Deep Learning Containers image"),
    Product("vertex", "Vertex AI prediction", "a Vertex AI prediction container"),
    Product("vertex-train", "Vertex AI training", "a Vertex AI training container"),
    Product("colab", "Colab Enterprise", "a Colab Enterprise runtime"),
    Product("workbench", "Workbench instances", "a Workbench image", publishes_availability=False),
    Product("dlami", "AWS Deep Learning AMIs", "an AWS Deep Learning AMI", publishes_availability=False),
    Product(
        "aws-dlc", "AWS Deep Learning Containers", "an AWS Deep Learning Containers image", publishes_availability=False
    ),
)

PRODUCTS = {product.prefix: product for product in _ALL}
"""By the prefix of their names, in the order they are shown."""


def add_prefix(product: str, name: str) -> str:
    """How a version of a product is called: `dlc:pytorch-2.4`; without a prefix on Deep Learning VM."""
    return f"{product}:{name}" if product in PRODUCTS else name


def split_prefix(name: str) -> tuple[str, str]:
    """The prefix, empty for Deep Learning VM, and what follows it."""
    prefix, colon, rest = name.partition(":")
    return (prefix, rest) if colon and prefix in PRODUCTS else ("", name)
