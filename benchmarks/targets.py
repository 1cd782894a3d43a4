"""The service and the reference servers, ready to be started with their databases."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import data
from benchmarks.load import RefusedError, fetch, request_bytes
from benchmarks.servers import ROOT, Target, running

ONE = f"/api/v1/recipes/{data.READ_ID}"
GET_ONE = request_bytes("GET", ONE)
GET_LIST = request_bytes("GET", "/api/v1/recipes")
GET_HOME = request_bytes("GET", "/")
EMAIL = "cook@example.com"
JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def sign_up(email: str, password: str) -> bytes:
    """Return the request that creates an account."""
    body = json.dumps({"email": email, "password": password}).encode()
    return request_bytes("POST", "/api/v1/auth/signup", body, JSON)


def log_in(email: str, password: str, *headers: tuple[str, str]) -> bytes:
    """Return the request that exchanges a password for a token."""
    body = urlencode({"username": email, "password": password}).encode()
    return request_bytes("POST", "/api/v1/auth/login", body, FORM, *headers)


class Targets:
    """Creates targets in a folder. Each one that writes has a copy of the same database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = secrets.token_urlsafe(48)
        self.password = secrets.token_urlsafe(16)
        self.seed = self._database("seed")
        self.post = b""

    def prepare(self, core: int) -> None:
        """Let the service migrate a database and store one recipe, and copy that recipe."""
        target = self._service("seed", self.seed)
        migration = subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=ROOT,
            env={**os.environ, **target.environment},
            capture_output=True,
            text=True,
        )
        if migration.returncode:
            raise RefusedError(f"the migration failed:\n{migration.stderr[-2000:]}")
        with running(target, core, self.folder, GET_HOME) as server:
            fetch(server.port, sign_up(EMAIL, self.password))
            login = log_in(EMAIL, self.password)
            token = json.loads(fetch(server.port, login))["access_token"]
            body = json.dumps(data.recipe()).encode()
            bearer = ("Authorization", f"Bearer {token}")
            self.post = request_bytes("POST", "/api/v1/recipes", body, JSON, bearer)
            fetch(server.port, self.post)
        data.multiply(self.seed)

    def service(self, name: str = "ours") -> Target:
        """Return the service, configured as in production."""
        return self._service(name, data.copy(self.seed, self._database(name)))

    def plain(self) -> Target:
        """Return the plain stack with the same rows."""
        database = data.copy(self.seed, self._database("plain"))
        data.rewrite_timestamps(database)
        environment = {"BENCH_DATABASE_URL": f"sqlite:///{database}"}
        return Target("plain", "benchmarks.references.plain:app", environment)

    def fixed(self, name: str, body: bytes) -> Target:
        """Return a server of fixed bytes: `bare` or `constant`."""
        path = self.folder / "body.json"
        path.write_bytes(body)
        environment = {"BENCH_BODY": str(path), "BENCH_PATH": ONE}
        return Target(name, f"benchmarks.references.{name}:app", environment)

    def _service(self, name: str, database: Path) -> Target:
        environment = {
            "DATABASE_URL": f"sqlite:///{database}",
            "DATA_DIR": str(database.parent),
            "ENVIRONMENT": "production",
            "JWT_SECRET": self.secret,
        }
        return Target(name, "app.main:create_app", environment, factory=True)

    def _database(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder / "recipes.db"
