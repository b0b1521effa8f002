"""Settings, read once from the environment and `.env` and validated together. Secrets stay hidden."""

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

from bot.catalogue.page import PAGE_URL
from bot.policy.post_outcomes import AmbiguityPolicy

OFF = "off"
"""Value of a URL setting whose page is not fetched."""

_CHANNEL_ID = re.compile(r"(?:[TE][A-Z0-9]{4,}/)?[CG][A-Z0-9]{4,}")

_TYPE_ERRORS = {
    "PORT": "PORT is not a port number between 1 and 65535.",
    "DLVM_ON_AMBIGUOUS": "DLVM_ON_AMBIGUOUS is neither resend nor hold.",
    "DLVM_KEEP_SENT_DAYS": (
        "DLVM_KEEP_SENT_DAYS is not a number of at least 90: with fewer days, reminders could repeat."
    ),
    "DLVM_HOUR": "DLVM_HOUR is not a time of day: write it like 09:30.",
}


class SettingsError(Exception):
    """Invalid settings, with one sentence for each problem."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """Every setting with its default."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: str = ""
    slack_client_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = "sqlite:///var/dlvm.db"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    host: str = "0.0.0.0"  # noqa: S104 - platforms route to the container's outer address
    dlvm_zone: str = "UTC"
    dlvm_hour: time = time(9, 0)
    dlvm_on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND
    dlvm_keep_sent_days: Annotated[int, Field(ge=90, le=36_500)] = 90
    dlvm_catalogue_url: str = PAGE_URL
    dlvm_catalogue_hosts: str = "cloud.google.com"
    dlvm_catalogue_file: Path | None = None
    dlvm_notes_url: str = "https://cloud.google.com/feeds/deep-learning-vm-release-notes.xml"
    dlvm_policy_url: str = "https://docs.cloud.google.com/deep-learning-vm/docs/framework-support-policy"
    dlvm_operator_channel: str = ""
    dlvm_keys: SecretStr | None = None
    log_level: str = "INFO"

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        name = info.field_name or ""
        prefix, kind = ("xoxb-", "a bot token") if name == "slack_bot_token" else ("xapp-", "an app-level token")
        if value is not None and not value.get_secret_value().startswith(prefix):
            raise _build_error(f"{name.upper()} is not {kind}: those begin with {prefix}.")
        return value

    @field_validator("slack_signing_secret")
    @classmethod
    def _check_signing_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:  # noqa: PLR2004 - Slack's secrets have 32 characters
            raise _build_error("SLACK_SIGNING_SECRET is too short: Slack shows 32 characters under Basic Information.")
        return value

    @field_validator("dlvm_keys")
    @classmethod
    def _check_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if not all(map(_is_fernet_key, _split_keys(value))):
            raise _build_error(
                "DLVM_KEYS contains something that is not a key: create keys with dlvm keys new, and separate them"
                " with commas."
            )
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _normalise_slack_api_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise _build_error("SLACK_API_URL is not a web address: write it like https://slack.com/api/.")
        return value if value.endswith("/") else f"{value}/"

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
            raise _build_error(
                "DATABASE_URL is not a database dlvm supports: write it like sqlite:///var/dlvm.db"
                " or postgresql://user@host/name."
            )
        return value

    @field_validator("dlvm_zone")
    @classmethod
    def _check_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise _build_error(f"DLVM_ZONE is not a time zone: {value!r}; write it like Europe/Berlin.")
        return value

    @field_validator("log_level")
    @classmethod
    def _normalise_log_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise _build_error("LOG_LEVEL is not one of DEBUG, INFO, WARNING, ERROR.")
        return value.upper()

    @field_validator("dlvm_catalogue_url", "dlvm_notes_url", "dlvm_policy_url")
    @classmethod
    def _normalise_page_url(cls, value: str, info: ValidationInfo) -> str:
        parts, name = urlsplit(value), info.field_name or ""
        example = cls.model_fields[name].default
        if value.lower() != OFF and (parts.scheme != "https" or not parts.hostname):
            raise _build_error(f"{name.upper()} is neither off nor an https address: write it like {example}.")
        return OFF if value.lower() == OFF else value

    @field_validator("dlvm_catalogue_file")
    @classmethod
    def _check_catalogue_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise _build_error(f"DLVM_CATALOGUE_FILE does not exist: {value}.")
        return value

    @field_validator("dlvm_operator_channel")
    @classmethod
    def _check_operator_channel(cls, value: str) -> str:
        if value and not _CHANNEL_ID.fullmatch(value):
            raise _build_error(
                "DLVM_OPERATOR_CHANNEL is not a channel ID: write it like C0123456789, or with its workspace like"
                " T0123456789/C0123456789. Slack shows the ID at the end of a channel’s details."
            )
        return value

    @model_validator(mode="after")
    def _check_combination(self) -> Self:
        if bool(self.slack_client_id) != bool(self.slack_client_secret):
            raise _build_error(
                "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together, and one is missing:"
                " find both under Basic Information."
            )
        if self.has_oauth:
            return self._check_oauth()
        if self.slack_bot_token is None and (self.slack_app_token or self.slack_signing_secret):
            raise _build_error(
                "SLACK_BOT_TOKEN is missing, but other Slack settings are set. Find it under OAuth & Permissions."
            )
        if self.slack_bot_token is not None and not (self.slack_app_token or self.slack_signing_secret):
            raise _build_error(
                "SLACK_BOT_TOKEN alone is not enough: add SLACK_APP_TOKEN for Socket Mode,"
                " or SLACK_SIGNING_SECRET for HTTP."
            )
        return self

    def _check_oauth(self) -> Self:
        if self.slack_signing_secret is None:
            raise _build_error("SLACK_SIGNING_SECRET is missing: OAuth needs HTTP. Find it under Basic Information.")
        if self.slack_app_token is not None:
            raise _build_error(
                "SLACK_APP_TOKEN and SLACK_CLIENT_ID exclude each other: OAuth needs HTTP, not Socket Mode."
            )
        if not self.encryption_keys:
            raise _build_error("DLVM_KEYS is missing: tokens are stored encrypted. Create a key with dlvm keys new.")
        return self

    @property
    def should_fetch_catalogue(self) -> bool:
        """True if the catalogue page is polled."""
        return self.dlvm_catalogue_url != OFF

    @property
    def should_fetch_release_notes(self) -> bool:
        """True if the release notes are polled, which requires the catalogue page to be polled."""
        return self.should_fetch_catalogue and self.dlvm_notes_url != OFF

    @property
    def should_fetch_support_policy(self) -> bool:
        """True if the policy page is polled, which requires the catalogue page to be polled."""
        return self.should_fetch_catalogue and self.dlvm_policy_url != OFF

    @property
    def catalogue_hosts(self) -> tuple[str, ...]:
        """The allowed hosts of the catalogue page, including their subdomains, in lower case."""
        return tuple(filter(None, (host.strip().lower() for host in self.dlvm_catalogue_hosts.split(","))))

    @property
    def has_slack(self) -> bool:
        """True if the settings hold a bot token or let workspaces install the bot."""
        return self.slack_bot_token is not None or self.has_oauth

    @property
    def has_oauth(self) -> bool:
        """True if workspaces install the bot by OAuth."""
        return bool(self.slack_client_id)

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """The keys for stored tokens. The first encrypts, and all of them decrypt."""
        return _split_keys(self.dlvm_keys)

    @property
    def is_slack_api_real(self) -> bool:
        """True if SLACK_API_URL points to Slack rather than to a stand-in."""
        host = urlsplit(self.slack_api_url).hostname or ""
        return host == "slack.com" or host.endswith(".slack.com")


def load() -> Settings:
    """Return the settings of this process. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(tuple(_describe_error(dict(problem)) for problem in error.errors())) from None


def _build_error(message: str) -> PydanticCustomError:
    """Return an error for a validator to raise. `message` must not contain a secret."""
    return PydanticCustomError("setting", "{sentence}", {"sentence": message})


def _split_keys(keys: SecretStr | None) -> tuple[str, ...]:
    return tuple(filter(None, (key.strip() for key in keys.get_secret_value().split(",")))) if keys else ()


def _is_fernet_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32  # noqa: PLR2004 - the length of a Fernet key
    except ValueError:
        return False


def _describe_error(error: dict[str, object]) -> str:
    """Return one sentence for a validation error, without the value, which can be a secret."""
    if error["type"] == "setting":
        return str(error["msg"])
    location = error["loc"]
    name = str(location[0]).upper() if isinstance(location, tuple) and location else "A setting"
    return _TYPE_ERRORS.get(name, f"{name} is not valid: {error['msg']}.")
