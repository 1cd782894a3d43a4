"""Fixtures of the tests in a browser. One server serves all tests of a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium, opened
from tests.browser.site import Site, running_site
from tests.browser.stored_recipes import StoredRecipes, store_recipes
from tests.databases import SqliteDatabases


# Of the package, not of the session: while it runs, no other test could run an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="package")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    with running_site(sqlite_databases, folder) as running:
        yield running


@pytest.fixture
def javascript() -> bool:
    """Whether the browser runs scripts; a test may override it."""
    return True


@pytest.fixture
def reader(browser: Browser, site: Site, javascript: bool) -> Iterator[Page]:
    """The page of a first-time visitor."""
    with opened(browser, site.url, java_script_enabled=javascript) as page:
        yield page


@pytest.fixture(scope="package")
def stored(site: Site) -> StoredRecipes:
    """The recipes of an account that the tests of this process share."""
    return store_recipes(site)


@pytest.fixture
def cook(reader: Page, stored: StoredRecipes) -> Page:
    """The page of the owner of `stored`, who has signed in."""
    stored.site.enter(reader, stored.account)
    return reader
