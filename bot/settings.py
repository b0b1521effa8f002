"""Settings: read once from the environment and `.env`, checked whole, secrets hidden."""

import base64
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES
from bot.policy.post_outcomes import AmbiguityPolicy

DEFAULT_SLACK_API_URL = "https://slack.com/api/"

OFF = "off"
"""The address of a catalogue that is not fetched."""

GOOGLE_CLOUD_HOSTS = ("cloud.google.com",)
"""The hosts that the page may be on, with all below them."""


_CHANNEL_ID = re.compile(r"(?:[TE][A-Z0-9]{4,}/)?[CG][A-Z0-9]{4,}")


class SettingsError(Exception):
    """One clear sentence for each thing that is wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """Every setting, with its default."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: str = ""
    slack_client_secret: SecretStr | None = None
    slack_api_url: str = DEFAULT_SLACK_API_URL
    database_url: str = "sqlite:///var/dlvm.db"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    host: str = "0.0.0.0"  # noqa: S104 - platforms route to the container's outer address
    dlvm_zone: str = "UTC"
    dlvm_hour: time = time(9, 0)
    dlvm_on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND
    dlvm_keep_sent_days: Annotated[int, Field(ge=90, le=36_500)] = 90
    dlvm_catalogue_url: str = DEEP_LEARNING_VM_IMAGES.address
    dlvm_catalogue_hosts: str = ",".join(GOOGLE_CLOUD_HOSTS)
    dlvm_catalogue_file: Path | None = None
    dlvm_notes_url: str = "https://cloud.google.com/feeds/deep-learning-vm-release-notes.xml"
    dlvm_policy_url: str = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"
    dlvm_operator_channel: str = ""
    dlvm_keys: SecretStr | None = None
    log_level: str = "INFO"

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None, info: object) -> SecretStr | None:
        name = str(getattr(info, "field_name", ""))
        prefix, what = ("xoxb-", "bot") if name == "slack_bot_token" else ("xapp-", "app-level")
        if value is not None and not value.get_secret_value().startswith(prefix):
            raise build_error(f"{name.upper()} is not {choose_article(what)} {what} token: those begin with {prefix}.")
        return value

    @field_validator("slack_signing_secret")
    @classmethod
    def _check_signing_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:  # noqa: PLR2004 - Slack's have 32
            raise build_error("SLACK_SIGNING_SECRET is too short: Slack shows 32 characters under Basic Information.")
        return value

    @field_validator("dlvm_keys")
    @classmethod
    def _check_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if not all(map(is_fernet_key, split_keys(value))):
            raise build_error(
                "DLVM_KEYS holds something that is not a key: make one with dlvm keys new; commas between."
            )
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _normalise_slack_api_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise build_error("SLACK_API_URL is not a web address: write it like https://slack.com/api/.")
        return value if value.endswith("/") else f"{value}/"

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
            raise build_error(
                "DATABASE_URL names no engine dlvm knows: write sqlite:///var/dlvm.db or postgresql://user@host/name."
            )
        return value

    @field_validator("dlvm_zone")
    @classmethod
    def _check_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise build_error(f"DLVM_ZONE is not a time zone: {value!r}; write it like Europe/Berlin.")
        return value

    @field_validator("log_level")
    @classmethod
    def _normalise_log_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise build_error("LOG_LEVEL is none of DEBUG, INFO, WARNING, ERROR.")
        return value.upper()

    @field_validator("dlvm_catalogue_url", "dlvm_notes_url", "dlvm_policy_url")
    @classmethod
    def _normalise_page_url(cls, value: str, info: ValidationInfo) -> str:
        parts, name = urlsplit(value), info.field_name or ""
        like = cls.model_fields[name].default
        if value.lower() != OFF and (parts.scheme != "https" or not parts.hostname):
            raise build_error(f"{name.upper()} is neither off nor the address of a page: write it like {like}.")
        return OFF if value.lower() == OFF else value

    @field_validator("dlvm_catalogue_file")
    @classmethod
    def _check_catalogue_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise build_error(f"DLVM_CATALOGUE_FILE names no file: {value} is not there.")
        return value

    @field_validator("dlvm_operator_channel")
    @classmethod
    def _check_operator_channel(cls, value: str) -> str:
        if value and not _CHANNEL_ID.fullmatch(value):
            raise build_error(
                "DLVM_OPERATOR_CHANNEL is not a channel’s id: write it like C0123456789, or with its workspace"
                " T0123456789/C0123456789; Slack shows the id at the end of a channel’s details."
            )
        return value

    @model_validator(mode="after")
    def _check_combination(self) -> Self:
        if bool(self.slack_client_id) != bool(self.slack_client_secret):
            raise build_error(
                "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together, and one is missing:"
                " both stand under Basic Information."
            )
        if self.has_oauth:
            return self._check_oauth()
        if self.slack_bot_token is None and (self.slack_app_token or self.slack_signing_secret):
            raise build_error(
                "SLACK_BOT_TOKEN is missing: the other Slack settings are there. It stands under OAuth & Permissions."
            )
        if self.slack_bot_token is not None and not (self.slack_app_token or self.slack_signing_secret):
            raise build_error(
                "SLACK_BOT_TOKEN alone is not enough: add SLACK_APP_TOKEN for Socket Mode,"
                " or SLACK_SIGNING_SECRET for HTTP."
            )
        return self

    def _check_oauth(self) -> Self:
        if self.slack_signing_secret is None:
            raise build_error("SLACK_SIGNING_SECRET is missing: an app that is installed by OAuth is served over HTTP.")
        if self.slack_app_token is not None:
            raise build_error(
                "SLACK_APP_TOKEN and SLACK_CLIENT_ID exclude each other: OAuth needs HTTP, not Socket Mode."
            )
        if not self.encryption_keys:
            raise build_error("DLVM_KEYS is missing: tokens are stored encrypted. Make a key with dlvm keys new.")
        return self

    @property
    def should_fetch_catalogue(self) -> bool:
        """Whether the page of supported framework versions is read every few hours."""
        return self.dlvm_catalogue_url != OFF

    @property
    def should_fetch_release_notes(self) -> bool:
        """Whether the release notes are read; never where the page itself is not."""
        return self.should_fetch_catalogue and self.dlvm_notes_url != OFF

    @property
    def should_fetch_support_policy(self) -> bool:
        """Whether the policy page is watched; never where the page itself is not read."""
        return self.should_fetch_catalogue and self.dlvm_policy_url != OFF

    @property
    def catalogue_hosts(self) -> tuple[str, ...]:
        """The hosts that the page may be on."""
        return tuple(filter(None, (host.strip().lower() for host in self.dlvm_catalogue_hosts.split(","))))

    @property
    def has_slack(self) -> bool:
        """Whether the settings name a Slack workspace, or let workspaces install the bot."""
        return self.slack_bot_token is not None or self.has_oauth

    @property
    def has_oauth(self) -> bool:
        """Whether workspaces can install the bot by themselves."""
        return bool(self.slack_client_id)

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """The keys that tokens are encrypted with; the first one encrypts."""
        return split_keys(self.dlvm_keys)

    @property
    def is_slack_api_real(self) -> bool:
        """Whether the Web API's address is Slack's own."""
        host = urlsplit(self.slack_api_url).hostname or ""
        return host == "slack.com" or host.endswith(".slack.com")


def load() -> Settings:
    """The settings of this process; raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(tuple(describe_error(dict(each)) for each in error.errors())) from None


def build_error(message: str) -> PydanticCustomError:
    """For a validator to raise."""
    return PydanticCustomError("setting", "{sentence}", {"sentence": message})


def split_keys(keys: SecretStr | None) -> tuple[str, ...]:
    """Keys as they are written in a setting, with commas between."""
    return tuple(filter(None, (key.strip() for key in keys.get_secret_value().split(",")))) if keys else ()


def is_fernet_key(text: str) -> bool:
    """Whether it is 32 bytes in base64, as Fernet has them."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32  # noqa: PLR2004 - the bytes of a key
    except ValueError:
        return False


def choose_article(word: str) -> str:
    """The indefinite one."""
    return "an" if word[0] in "aeiou" else "a"


def describe_error(error: dict[str, object]) -> str:
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
