"""Parser of the documentation page that lists framework versions."""

PAGE_URL = "https://docs.cloud.google.com/deep-learning-vm/docs/images"
