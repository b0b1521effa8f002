"""Sister products of Deep Learning VM with support dates of their own, identified by a name prefix."""

from msgspec import Struct

DEEP_LEARNING_VM = "Deep Learning VM"
"""Title of the product whose version names have no prefix."""
FRAMEWORK_SUPPORT_POLICY = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"


class Product(Struct, frozen=True):
    """A sister product."""

    prefix: str
    title: str
    image_with_article: str
    """One of its images in a sentence: `a Workbench image`."""
    publishes_availability: bool = True
    """True if it publishes the end of availability, not only the end of patches."""


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
"""Sister products by prefix, in display order."""


def add_prefix(product: str, name: str) -> str:
    """Return the version name with its product's prefix, `dlc:pytorch-2.4`. Deep Learning VM has no prefix."""
    return f"{product}:{name}" if product in PRODUCTS else name


def split_prefix(name: str) -> tuple[str, str]:
    """Return the prefix and the rest of a name. The prefix is empty for Deep Learning VM."""
    prefix, colon, rest = name.partition(":")
    return (prefix, rest) if colon and prefix in PRODUCTS else ("", name)
