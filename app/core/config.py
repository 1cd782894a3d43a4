"""Settings: from the environment and `.env`, checked at start."""

import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """One attribute is one environment variable of the same name in upper case."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Literal["development", "production"] = "development"
    data_dir: Path = ROOT / "data"
    database_url: str = ""
    """`sqlite:///file` or `postgresql://…`; empty means `recipes.db` in the data folder."""
    database_wait_seconds: float = Field(default=60, ge=0)
    """How long prestart.sh waits for the database to answer."""
    jwt_secret: SecretStr = SecretStr("")
    access_token_minutes: int = Field(default=480, ge=1)
    first_superuser: str = "admin@example.com"
    first_superuser_password: SecretStr = SecretStr("")
    signup: Literal["open", "closed"] = "open"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

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

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.database_url.startswith(
            ("sqlite:///", "postgresql://", "postgresql+psycopg://")
        ):
            raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql://")
        if self.database_url in ("sqlite:///", "sqlite:///:memory:"):
            raise ValueError("DATABASE_URL must name a file; a database in memory is not shared")
        secret = self.jwt_secret.get_secret_value()
        if secret and len(secret.encode()) < 32:
            raise ValueError("JWT_SECRET must be at least 32 bytes")
        if self.environment == "production" and not secret:
            raise ValueError("JWT_SECRET must be set in production")
        return self

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one SQLite file."""
        return self.database_url.startswith("sqlite")

    def signing_secret(self) -> str:
        """The secret that signs tokens; development makes its own, kept in the data folder."""
        return self.jwt_secret.get_secret_value() or self.kept_secret("jwt-secret")

    def kept_secret(self, name: str) -> str:
        """A random secret in a file of the data folder (mode 0600), made at the first call."""
        path = self.data_dir / name
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Several processes may start at once: each writes a file of its own, the first link wins,
        # and no reader ever sees a half-written secret.
        draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        return path.read_text().strip()


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
