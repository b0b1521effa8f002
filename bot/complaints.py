"""What is wrong with a setting, as one sentence that never holds its value: that may be a secret."""

import base64

from pydantic import SecretStr
from pydantic_core import PydanticCustomError


def problem(sentence: str) -> PydanticCustomError:
    """For a validator to raise."""
    return PydanticCustomError("setting", "{sentence}", {"sentence": sentence})


def keys_in(keys: SecretStr | None) -> tuple[str, ...]:
    """Keys as they are written in a setting, with commas between."""
    return tuple(filter(None, (key.strip() for key in keys.get_secret_value().split(",")))) if keys else ()


def is_key(text: str) -> bool:
    """Whether it is 32 bytes in base64, as Fernet has them."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32  # noqa: PLR2004 - the bytes of a key
    except ValueError:
        return False


def article(word: str) -> str:
    """The indefinite one."""
    return "an" if word[0] in "aeiou" else "a"


def sentence_of(error: dict[str, object]) -> str:
    """One sentence a problem; never the value, which may be a secret."""
    if error["type"] == "setting":
        return str(error["msg"])
    location = error["loc"]
    name = str(location[0]).upper() if isinstance(location, tuple) and location else "A setting"
    if name == "PORT":
        return "PORT is not a port number between 1 and 65535."
    if name == "DLVM_ON_AMBIGUOUS":
        return "DLVM_ON_AMBIGUOUS is neither resend nor hold."
    if name == "DLVM_KEEP_SENT_DAYS":
        return "DLVM_KEEP_SENT_DAYS is not a number of days of 90 or more: less would let reminders repeat."
    if name == "DLVM_HOUR":
        return "DLVM_HOUR is not a time of day: write it like 09:30."
    return f"{name} can’t be read: {error['msg']}."
