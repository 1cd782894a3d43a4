"""Pictures of the pages, for people who look at the repository: see scripts/screenshots."""

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Page

from app.core.config import ROOT
from tests.browser.chromium import MISSING, chromium, find_chromium, opened
from tests.browser.site import running_site
from tests.databases import SqliteDatabases

FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
ENOUGH = 1200
SCHEMES = ("light", "dark")
READ = {"home": "/", "list": "/recipes?q=chiken", "recipe": "/recipes/4"}
WRITTEN = {"edit": "/recipes/4/edit"}


def main() -> int:
    """Make them all."""
    if not find_chromium():
        print(MISSING, file=sys.stderr)  # noqa: T201 - A script tells people what it lacks.
        return 1
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        running_site(SqliteDatabases(Path(name)), Path(name)) as site,
        chromium() as browser,
    ):
        superuser = site.superuser()
        for (size, (width, height)), scheme in product(SIZES.items(), SCHEMES):
            viewport = {"width": width, "height": height}
            with opened(browser, site.url, viewport=viewport, color_scheme=scheme) as page:
                for shown, path in READ.items():
                    take(page, path, f"{shown}-{size}-{scheme}")
                site.enter(page, superuser)
                for shown, path in WRITTEN.items():
                    take(page, path, f"{shown}-{size}-{scheme}")
    return 0


def take(page: Page, path: str, name: str) -> None:
    """Picture one page: as much of it as says how it looks."""
    page.goto(path)
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    page.screenshot(
        path=FOLDER / f"{name}.png",
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": min(height, ENOUGH)},
    )


if __name__ == "__main__":
    sys.exit(main())
