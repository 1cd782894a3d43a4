"""A running server with the first recipes, for tests in a browser."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from playwright.sync_api import Page

from app.core.config import Settings
from app.core.security import create_access_token, read_access_token
from tests.databases import SqliteDatabases
from tests.factories import PASSWORD, Account, sign_in, sign_up
from tests.log_secrets import JWT_SECRET
from tests.processes import make_settings, run
from tests.server import uvicorn


@dataclass(frozen=True)
class Site:
    """A server, and an API client with which tests prepare data."""

    url: str
    api: httpx2.Client

    def account(self, **names: str) -> Account:
        """Create an account."""
        return sign_up(self.api, **names)

    def superuser(self) -> Account:
        """Return the account that owns the first recipes."""
        email = Settings.model_fields["first_superuser"].default
        return Account(1, email, PASSWORD, sign_in(self.api, email, PASSWORD))

    def enter(self, page: Page, account: Account) -> None:
        """Sign the account in by a cookie, which is faster than the form."""
        claims = read_access_token(account.token, JWT_SECRET)
        assert claims is not None
        session = claims._replace(session_id=account.email)
        token = create_access_token(session, JWT_SECRET, timedelta(hours=1))
        page.context.add_cookies([{"name": "session", "value": token, "url": self.url}])


@contextlib.contextmanager
def running_site(databases: SqliteDatabases, folder: Path) -> Iterator[Site]:
    """Run a server with the first recipes."""
    url = databases.create()
    known = {"jwt_secret": JWT_SECRET, "first_superuser_password": PASSWORD}
    settings = make_settings(url, folder / "data", log_level="WARNING", **known)
    done = run(settings, sys.executable, "-m", "app.initial_data")
    assert done.returncode == 0, done.stdout
    with uvicorn(settings, folder) as server, server.client() as api:
        assert urlsplit(server.url).hostname == "127.0.0.1"
        yield Site(server.url, api)
