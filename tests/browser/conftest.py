"""What tests in a browser share. One site serves the tests of a process: each has its accounts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium, opened
from tests.browser.shelf import Shelf, fill
from tests.browser.site import Site, running_site
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
    """Whether the reader's browser runs scripts; a test that says so runs without them."""
    return True


@pytest.fixture
def reader(browser: Browser, site: Site, javascript: bool) -> Iterator[Page]:
    """The page of somebody who has never been here."""
    with opened(browser, site.url, java_script_enabled=javascript) as page:
        yield page


@pytest.fixture(scope="package")
def shelf(site: Site) -> Shelf:
    """The recipes of an account, for tests that do not mind what others do with them."""
    return fill(site)


@pytest.fixture
def cook(reader: Page, shelf: Shelf) -> Page:
    """The page of the shelf's account, which has signed in."""
    shelf.site.enter(reader, shelf.account)
    return reader
