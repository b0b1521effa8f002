"""Products with support dates of their own: Deep Learning VM and those related to it."""

from msgspec import Struct

from storage.facts import DLVM

FRAMEWORK_SUPPORT_POLICY = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"


class Product(Struct, frozen=True):
    """A product with support dates of its own."""

    name: str
    """Prefix of its version names: `dlc`. Names of Deep Learning VM versions have no prefix."""
    title: str
    image_with_article: str
    """One of its images in a sentence: `a Workbench image`."""
    publishes_availability: bool = True
    """True if it publishes the end of availability, not only the end of patches."""
    has_image_families: bool = False
    """True if its images are in image families, which resolve to the newest image until patches end."""
    can_subscribe: bool = False


DEEP_LEARNING_VM = Product(
    DLVM, "Deep Learning VM", "a Deep Learning VM image", has_image_families=True, can_subscribe=True
)

_RELATED = (
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

RELATED_PRODUCTS = {product.name: product for product in _RELATED}
"""Products other than Deep Learning VM by name, in display order."""

PRODUCTS = {DLVM: DEEP_LEARNING_VM, **RELATED_PRODUCTS}


def add_prefix(product: str, name: str) -> str:
    """Return the version name with its product's prefix, `dlc:pytorch-2.4`. Deep Learning VM has no prefix."""
    return f"{product}:{name}" if product in RELATED_PRODUCTS else name


def split_prefix(name: str) -> tuple[str, str]:
    """Return the prefix and the rest of a name. The prefix is empty for Deep Learning VM."""
    prefix, colon, rest = name.partition(":")
    return (prefix, rest) if colon and prefix in RELATED_PRODUCTS else ("", name)
