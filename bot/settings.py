"""Settings: every one read once, from the environment and `.env`, checked, and then never changed.

The table of names, defaults and meanings for people is `describe_settings()`; docs/contract.md and
.env.example are held against it by a guard test.
"""

import hashlib
import hmac
import re
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.zalo_settings import ZaloSettings

Network = IPv4Network | IPv6Network


class SettingsRefused(Exception):
    """The installation's settings cannot be used; the text is one line for the operator."""

    code = "settings_refused"


class Settings(ZaloSettings):
    """One installation's settings. `Settings(...)` reads nothing; `read_settings` does.

    Field names are the setting names in lower case; each description is its documentation.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_ignore_empty=True, hide_input_in_errors=True
    )

    var_dir: Path = Field(Path("var"), description="Folder of everything the program keeps")
    database_url: str = Field(
        "sqlite+aiosqlite:///var/khaihoc.db",
        description="Database: a SQLite file, or `postgresql+asyncpg://USER@HOST/NAME`",
    )
    photo_store: str = Field(
        "var/photos",
        description="Folder of the evidence photos, or s3://bucket/prefix (see the AWS_ variables)",
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address the server listens on")
    port: int = Field(8080, ge=1, le=65535, description="Port the server listens on")
    public_url: str = Field(
        "", description="Address people see, in links and QR codes; empty: `http://HOST:PORT`"
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="At least 32 characters, signs cookies and links; empty: made and kept in "
        "`VAR_DIR/secret_key`",
    )
    timezone: str = Field("Asia/Ho_Chi_Minh", description="Time zone of deadlines and dates")
    default_locale: Literal["vi", "en"] = Field("vi", description="Language of a first contact")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged"
    )
    minimum_age: int = Field(
        16, ge=0, le=120, description="Age in years from which a person makes a declaration"
    )
    notice_delay_seconds: int = Field(
        60, ge=0, le=86400, description="Seconds in which a decision can still be taken back"
    )
    officer_link_minutes: int = Field(
        15, ge=1, le=1440, description="Minutes an invitation or officer link can be used"
    )
    limit_messages: int = Field(
        20, ge=1, description="Messages taken from one person in 10 seconds"
    )
    limit_sessions: int = Field(
        60, ge=1, description="Conversations opened from one address in a minute"
    )
    limit_uploads: int = Field(60, ge=1, description="Photos taken from one person in an hour")
    limit_api: int = Field(600, ge=1, description="API requests taken with one token in a minute")
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Addresses or networks, comma between, whose `X-Forwarded-For` is believed"
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token that may read `/metrics`; empty: only the machine itself may",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port on which a process without the web role answers `/health` and "
        "`/metrics`; 0: it does not",
    )
    photo_max_mb: int = Field(20, ge=1, le=100, description="Largest photo taken, in MB")
    raw_retention_days: int = Field(
        7, ge=1, le=90, description="Days the raw text of a message that failed is kept"
    )
    draft_retention_days: int = Field(
        90, ge=1, le=3650, description="Days a draft nobody touches is kept; consent texts say 90"
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *args: Any, **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what the constructor is given, so that tests do not depend on their machine."""
        return (sources["init_settings"] if "init_settings" in sources else args[0],)

    @model_validator(mode="before")
    @classmethod
    def _stay_in_var_dir(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Let database and photos follow VAR_DIR unless they are placed by name."""
        if "var_dir" not in values:
            return values
        var_dir = values["var_dir"]
        places = {
            "database_url": f"sqlite+aiosqlite:///{var_dir}/khaihoc.db",
            "photo_store": f"{var_dir}/photos",
        }
        return places | values

    @field_validator("log_level", "default_locale", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("trusted_proxies", "zalo_photo_hosts", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("database_url")
    @classmethod
    def _served_database(cls, value: str) -> str:
        if re.fullmatch(r"sqlite\+aiosqlite:///(?!:memory:)[^?]+", value):
            return value
        if not re.fullmatch(r"postgresql\+asyncpg://\S+", value):
            raise ValueError(
                "must be sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME"
            )
        if find_spec("asyncpg") is None:
            raise ValueError("PostgreSQL needs `python3 requirements/install.py server` first")
        return value

    @field_validator("photo_store")
    @classmethod
    def _served_photo_store(cls, value: str) -> str:
        if not value or ("://" in value and not value.startswith("s3://")):
            raise ValueError("must be a folder or s3://bucket/prefix")
        return value

    @field_validator(
        "public_url", "zalo_link", "zalo_bot_api_url", "zalo_oa_api_url", "zalo_oa_oauth_url"
    )
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and parts.netloc
        if value and (not whole or parts.query or parts.fragment):
            raise ValueError("must be like https://khaihoc.example.vn")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError("must be a time zone such as Asia/Ho_Chi_Minh") from unknown
        return value

    @property
    def base_url(self) -> str:
        """Return the address people see, without a slash at its end."""
        if self.public_url:
            return self.public_url
        everywhere = self.host in ("0.0.0.0", "::")
        host = "127.0.0.1" if everywhere else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of deadlines and dates."""
        return ZoneInfo(self.timezone)

    def derive_key(self, purpose: str) -> bytes:
        """Return the 32 byte key for one purpose ("cookie", "log"), unrelated to all the others.

        Raises SettingsRefused while there is no SECRET_KEY (`read_settings` always gives one).
        """
        secret = self.secret_key.get_secret_value()
        if not secret:
            raise SettingsRefused("SECRET_KEY is empty")
        return hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)


def list_settings() -> tuple[str, ...]:
    """Return the names of all fields, each channel's behind the others."""
    channels = ZaloSettings.model_fields
    return (*(name for name in Settings.model_fields if name not in channels), *channels)


def describe_settings() -> str:
    """Return the table of all settings (name, default, meaning) as Markdown, one row a setting."""
    rows = [
        f"| `{name.upper()}` | {_shown(field.default)} | {field.description} |"
        for name in list_settings()
        for field in [Settings.model_fields[name]]
    ]
    return "\n".join(["| setting | default | what |", "|---|---|---|", *rows])


def _shown(default: object) -> str:
    text = default.get_secret_value() if isinstance(default, SecretStr) else default
    if isinstance(text, tuple):
        text = ",".join(map(str, text))
    return f"`{text}`" if text != "" else ""
