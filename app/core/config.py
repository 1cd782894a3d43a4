"""Settings from the environment and `.env`, validated at start."""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core import addresses
from app.core.private_files import os_fault
from app.core.secrets import is_published, kept_secret

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ANY = ("*",)
MAX_TOKEN_MINUTES = 366 * 24 * 60

_POSTGRES_URL = re.compile(r"[^:]+://([^@/?#]*@)?[^@]*")


def _each(read: Callable[[str], str]) -> BeforeValidator:
    def entries(value: str | Sequence[str]) -> tuple[str, ...]:
        texts = value.split(",") if isinstance(value, str) else value
        given = tuple(text.strip() for text in texts if text.strip())
        return given if given == ANY else tuple(map(read, given))

    return BeforeValidator(entries)


def _none_if_all(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() == "all" else value


class Settings(BaseSettings):
    """Each attribute is the environment variable of the same name in upper case."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # First, since the validators of others use it.
    environment: Literal["development", "production"] = "development"
    data_dir: Path = ROOT / "data"
    database_url: str = ""
    """`sqlite:///file` or `postgresql://…`. Default: `recipes.db` in the data folder."""
    database_wait_seconds: float = Field(default=60, ge=0)
    """How long prestart.sh waits for the database to answer."""
    jwt_secret: SecretStr = SecretStr("")
    access_token_minutes: int = Field(default=480, ge=1, le=MAX_TOKEN_MINUTES)
    first_superuser: str = "admin@example.com"
    first_superuser_password: SecretStr = SecretStr("")
    sample_recipes: bool | None = None
    """Whether a new database gets sample recipes. Default: only in development."""
    signup: Literal["open", "closed"] = "open"
    require_if_match: bool = False
    """Whether PUT, PATCH and DELETE of a recipe or an account must send If-Match."""
    trash_days: int | None = Field(default=None, ge=1)
    """Days after which a recipe in the trash is removed. Default: never."""
    versions_kept: Annotated[int | None, Field(ge=1), BeforeValidator(_none_if_all)] = 100
    """Versions kept of a recipe, including the current one. `all` keeps all."""
    account_quota_mb: int = Field(default=1024, ge=0)
    """MiB of recipes and versions that an account may store. 0: no limit."""
    public_url: str = ""
    """The URL of the site, such as `https://example.com` or `https://example.com/recipes-app`.
    Default: derived from each request."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, _each(addresses.host)] = ()
    """As given; see `served_hosts`."""
    cors_origins: Annotated[tuple[str, ...], NoDecode, _each(addresses.origin)] = ()
    """Origins whose pages may call the API. Default: none."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, _each(addresses.proxy)] = ()
    """Proxies whose `X-Forwarded-For` and `-Proto` are trusted."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["", "console", "json"] = ""
    """Default: console in development, JSON in production. See `logs_json`."""
    slow_statement_ms: int = Field(default=500, ge=0)
    """A statement that takes longer is a warning in the log. 0: every statement."""
    request_timeout_seconds: float = Field(default=10, gt=0, allow_inf_nan=False)
    """Seconds after which a request that waits for the database is a 503."""
    metrics_token: SecretStr = SecretStr("")
    """The bearer token for /metrics. Without it, only this machine may read them."""
    web_concurrency: int = Field(default=1, ge=1)
    """The number of workers that share the database connections. Set by gunicorn.conf.py."""
    drain_seconds: float = Field(default=2, ge=0, le=60)
    """Seconds between failing /readyz and closing the listener when the server stops."""

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, values: dict[str, Any]) -> dict[str, Any]:
        values["log_level"] = str(values.get("log_level") or "INFO").upper()
        data_dir = Path(values.get("data_dir") or ROOT / "data").expanduser()
        values["data_dir"] = data_dir if data_dir.is_absolute() else ROOT / data_dir
        file = values.get("database_url") or f"sqlite:///{values['data_dir'] / 'recipes.db'}"
        if file.startswith("sqlite:///") and file.removeprefix("sqlite:///") not in (
            "",
            ":memory:",
        ):
            # Relative to the repository, whatever the working directory is.
            file = f"sqlite:///{ROOT / file.removeprefix('sqlite:///')}"
        values["database_url"] = file
        return values

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        if value in ("sqlite:///", "sqlite:///:memory:"):
            raise ValueError("must name a file; a database in memory is not shared")
        # Otherwise part of the password is parsed as the host, which errors show.
        if value.startswith("postgresql") and not _POSTGRES_URL.fullmatch(value):
            raise ValueError("must have @ / ? # in the password as %40 %2F %3F %23")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _jwt_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        secret = value.get_secret_value()
        if secret and len(secret.strip().encode()) < 32:
            raise ValueError("must be at least 32 bytes")
        if _in_production(info) and (not secret or is_published(secret)):
            fault = "is a published example" if secret else "must be set in production"
            make_one = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            raise ValueError(f"{fault}; make one: {make_one}")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        token = value.get_secret_value()
        if token and _in_production(info) and len(token.strip().encode()) < 16:
            raise ValueError("must be at least 16 bytes, such as of `openssl rand -hex 32`")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        return addresses.public_url(value) if value else ""

    @field_validator("allowed_hosts", "cors_origins", "trusted_proxies")
    @classmethod
    def _no_wildcard_in_production(
        cls, value: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        if value == ANY and _in_production(info):
            raise ValueError("must not be * in production; name each that you mean")
        return value

    @property
    def is_production(self) -> bool:
        """Whether ENVIRONMENT is production."""
        return self.environment == "production"

    @property
    def adds_sample_recipes(self) -> bool:
        """Whether a new database gets sample recipes."""
        return not self.is_production if self.sample_recipes is None else self.sample_recipes

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def database_file(self) -> Path | None:
        """The path of the SQLite file, or None for PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.is_sqlite else None

    @property
    def files(self) -> list[Path]:
        """The files and folders that must belong to the server's user."""
        file = self.database_file
        return [self.data_dir, *([file, file.parent] if file else [])]

    @property
    def served_hosts(self) -> tuple[str, ...]:
        """The accepted Host values. Default: any; in production only loopback names."""
        hosts = self.allowed_hosts or (LOOPBACK if self.is_production else ANY)
        public = urlsplit(self.public_url)
        if hosts == ANY or public.hostname is None:
            return hosts
        return (*hosts, addresses.host(public.hostname))

    @property
    def public_scheme(self) -> str:
        """The scheme of PUBLIC_URL, or empty."""
        return self.public_url.partition("://")[0]

    @property
    def root_path(self) -> str:
        """The path of PUBLIC_URL, usually empty."""
        return urlsplit(self.public_url).path

    @property
    def logs_json(self) -> bool:
        """Whether log lines are JSON."""
        return self.log_format == "json" or (self.log_format == "" and self.is_production)

    def signing_secret(self) -> str:
        """Return the secret that signs tokens. Development generates one in the data folder."""
        return self.jwt_secret.get_secret_value() or self.kept_secret("jwt-secret")

    def kept_secret(self, name: str) -> str:
        """Return the secret in a file of the data folder, which the first call generates."""
        return kept_secret(self.data_dir / name)


def _in_production(info: ValidationInfo) -> bool:
    return bool(info.data.get("environment") == "production")


@lru_cache
def get_settings() -> Settings:
    """Return the settings, or exit with one line for each invalid one, without its value."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            " ".join(
                [
                    "settings:",
                    *map(str.upper, map(str, each["loc"])),
                    each["msg"].removeprefix("Value error, "),
                ]
            )
            for each in error.errors(include_input=False, include_context=False)
        ]
        raise SystemExit("\n".join(lines)) from None
    except OSError as error:  # For example, .env is not readable.
        raise SystemExit(f"settings: {os_fault(error)}") from None


_READ_ELSEWHERE = {"HOST", "PORT", "POSTGRES_PASSWORD"}
"""Settings of app/serving/address.py and compose.yaml."""


def misspelt_settings() -> dict[str, str]:
    """Return names in the environment and .env that resemble a setting, and that setting."""
    known = {name.upper() for name in Settings.model_fields} | _READ_ELSEWHERE
    with suppress(OSError):
        given = {*os.environ, *dotenv_values(ROOT / ".env")}
        close = {each: get_close_matches(each.upper(), known, 1, 0.85) for each in sorted(given)}
        return {
            name: found[0] for name, found in close.items() if found and name.upper() not in known
        }
    return {}
