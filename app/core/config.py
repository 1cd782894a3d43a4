"""Settings: from the environment and `.env`, checked at start."""

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
from app.core.secrets import is_known_to_all, kept_secret

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
    """One attribute is one environment variable of the same name in upper case."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # The first, since others are checked by it.
    environment: Literal["development", "production"] = "development"
    data_dir: Path = ROOT / "data"
    database_url: str = ""
    """`sqlite:///file` or `postgresql://…`; empty means `recipes.db` in the data folder."""
    database_wait_seconds: float = Field(default=60, ge=0)
    """How long prestart.sh waits for the database to answer."""
    jwt_secret: SecretStr = SecretStr("")
    access_token_minutes: int = Field(default=480, ge=1, le=MAX_TOKEN_MINUTES)
    first_superuser: str = "admin@example.com"
    first_superuser_password: SecretStr = SecretStr("")
    sample_recipes: bool | None = None
    """Whether a new database gets some recipes; by default only in development."""
    signup: Literal["open", "closed"] = "open"
    require_if_match: bool = False
    """Whether PUT, PATCH and DELETE of a recipe or an account must send If-Match."""
    trash_days: int | None = Field(default=None, ge=1)
    """After so many days in the trash a recipe is removed; by default never."""
    versions_kept: Annotated[int | None, Field(ge=1), BeforeValidator(_none_if_all)] = 100
    """How many versions of a recipe are kept, the current one included; `all` keeps all."""
    account_quota_mb: int = Field(default=1024, ge=0)
    """How many MiB of recipes and versions an account may store; 0 means as many as it likes."""
    public_url: str = ""
    """Where clients find this site: `https://example.com` or `https://example.com/recipes-app`,
    without a slash at the end. Empty: wherever a request says that it was sent to."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, _each(addresses.host)] = ()
    """As given; `served_hosts` tells what they mean."""
    cors_origins: Annotated[tuple[str, ...], NoDecode, _each(addresses.origin)] = ()
    """The web pages of others that may call; none by default."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, _each(addresses.proxy)] = ()
    """Whose `X-Forwarded-For` and `-Proto` are believed."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["", "console", "json"] = ""
    """Empty means lines for people in development and JSON in production; see `logs_json`."""
    slow_statement_ms: int = Field(default=500, ge=1)
    """A statement that takes longer is a warning in the log."""
    metrics_token: SecretStr = SecretStr("")
    """Who sends it as a bearer may read /metrics; without one only this machine itself."""
    web_concurrency: int = Field(default=1, ge=1)
    """How many workers share the connections to the database; gunicorn.conf.py counts them."""
    drain_seconds: float = Field(default=2, ge=0, le=60)
    """How long a server that is asked to stop says so at /readyz before it takes no more."""

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
            # Relative to the repository, wherever a command is started.
            file = f"sqlite:///{ROOT / file.removeprefix('sqlite:///')}"
        values["database_url"] = file
        return values

    @field_validator("database_url")
    @classmethod
    def _database_is_one_of_ours(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        if value in ("sqlite:///", "sqlite:///:memory:"):
            raise ValueError("must name a file; a database in memory is not shared")
        # Else a part of the password passes for the host, which errors show.
        if value.startswith("postgresql") and not _POSTGRES_URL.fullmatch(value):
            raise ValueError("must have @ / ? # in the password as %40 %2F %3F %23")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _secret_is_one(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        secret = value.get_secret_value()
        if secret and len(secret.strip().encode()) < 32:
            raise ValueError("must be at least 32 bytes")
        if _in_production(info) and (not secret or is_known_to_all(secret)):
            fault = "is an example that everybody knows" if secret else "must be set in production"
            make_one = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            raise ValueError(f"{fault}; make one: {make_one}")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _token_cannot_be_guessed(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        token = value.get_secret_value()
        if token and _in_production(info) and len(token.strip().encode()) < 16:
            raise ValueError("must be at least 16 bytes, such as of `openssl rand -hex 32`")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_one(cls, value: str) -> str:
        return addresses.public_url(value) if value else ""

    @field_validator("allowed_hosts", "cors_origins", "trusted_proxies")
    @classmethod
    def _production_names_each(
        cls, value: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        if value == ANY and _in_production(info):
            raise ValueError("must not be * in production; name each that you mean")
        return value

    @property
    def is_production(self) -> bool:
        """Whether others depend on this server."""
        return self.environment == "production"

    @property
    def adds_sample_recipes(self) -> bool:
        """Whether a new database gets some recipes."""
        return not self.is_production if self.sample_recipes is None else self.sample_recipes

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one SQLite file."""
        return self.database_url.startswith("sqlite")

    def storage_quota(self, *, is_superuser: bool) -> int | None:
        """How many bytes an account may store; None: as many as it likes."""
        return None if is_superuser else self.account_quota_mb * 1024**2 or None

    @property
    def database_file(self) -> Path | None:
        """The SQLite file; None for PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.is_sqlite else None

    @property
    def files(self) -> list[Path]:
        """What must belong to the server's user."""
        file = self.database_file
        return [self.data_dir, *([file, file.parent] if file else [])]

    @property
    def served_hosts(self) -> tuple[str, ...]:
        """The hosts to answer to: without a setting any, but in production this machine alone."""
        hosts = self.allowed_hosts or (LOOPBACK if self.is_production else ANY)
        public = urlsplit(self.public_url)
        if hosts == ANY or public.hostname is None:
            return hosts
        return (*hosts, addresses.host(public.hostname))

    @property
    def public_scheme(self) -> str:
        """The scheme of PUBLIC_URL; empty without one."""
        return self.public_url.partition("://")[0]

    @property
    def root_path(self) -> str:
        """The path of PUBLIC_URL, below which all paths of the application are; mostly empty."""
        return urlsplit(self.public_url).path

    @property
    def logs_json(self) -> bool:
        """Whether log lines are JSON, for programs, rather than text for people."""
        return self.log_format == "json" or (self.log_format == "" and self.is_production)

    def signing_secret(self) -> str:
        """The secret that signs tokens; development makes its own, kept in the data folder."""
        return self.jwt_secret.get_secret_value() or self.kept_secret("jwt-secret")

    def kept_secret(self, name: str) -> str:
        """A random secret in a file of the data folder (mode 0600), made at the first call."""
        return kept_secret(self.data_dir / name)


def _in_production(info: ValidationInfo) -> bool:
    return bool(info.data.get("environment") == "production")


@lru_cache
def get_settings() -> Settings:
    """The settings of this process; one line for each that is wrong, which never shows a value."""
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
    except OSError as error:  # Such as a .env that this user cannot read.
        raise SystemExit(f"settings: {os_fault(error)}") from None


_READ_ELSEWHERE = {"HOST", "PORT", "POSTGRES_PASSWORD"}
"""Settings of gunicorn.conf.py and compose.yaml; WEB_CONCURRENCY is one of ours, too."""


def misspelt_settings() -> dict[str, str]:
    """Names in the environment and in .env that are nearly those of a setting, and that one."""
    known = {name.upper() for name in Settings.model_fields} | _READ_ELSEWHERE
    with suppress(OSError):
        given = {*os.environ, *dotenv_values(ROOT / ".env")}
        close = {each: get_close_matches(each.upper(), known, 1, 0.85) for each in sorted(given)}
        return {
            name: found[0] for name, found in close.items() if found and name.upper() not in known
        }
    return {}
