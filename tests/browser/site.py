"""A site to read in: a server of its own, with the recipes of a fresh database."""

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
from tests.leaks import JWT_SECRET
from tests.processes import make_settings, run
from tests.server import uvicorn


@dataclass(frozen=True)
class Site:
    """A server, and a client for what a test prepares by the API."""

    url: str
    api: httpx2.Client

    def account(self, **names: str) -> Account:
        """An account of the test's own."""
        return sign_up(self.api, **names)

    def superuser(self) -> Account:
        """The account that the first recipes belong to."""
        email = Settings.model_fields["first_superuser"].default
        return Account(1, email, PASSWORD, sign_in(self.api, email, PASSWORD))

    def enter(self, page: Page, account: Account) -> None:
        """Let the browser be one in which this account has signed in, quicker than by its form."""
        claims = read_access_token(account.token, JWT_SECRET)
        assert claims is not None
        session = claims._replace(session_id=account.email)
        token = create_access_token(session, JWT_SECRET, timedelta(hours=1))
        page.context.add_cookies([{"name": "session", "value": token, "url": self.url}])


@contextlib.contextmanager
def running_site(databases: SqliteDatabases, folder: Path) -> Iterator[Site]:
    """A site with the first recipes, until the end of the block."""
    url = databases.create()
    known = {"jwt_secret": JWT_SECRET, "first_superuser_password": PASSWORD}
    settings = make_settings(url, folder / "data", log_level="WARNING", **known)
    done = run(settings, sys.executable, "-m", "app.initial_data")
    assert done.returncode == 0, done.stdout
    with uvicorn(settings, folder) as server, server.client() as api:
        assert urlsplit(server.url).hostname == "127.0.0.1"
        yield Site(server.url, api)
