"""Chromium, as strict as our pages promise to be good."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = f"There is no Chromium: neither $CHROMIUM, nor on PATH {', '.join(NAMES)}."

_ARGUMENTS = [
    "--no-sandbox",  # It needs rights that a container seldom has, and sees our own pages alone.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Whatever a page or the browser asks for elsewhere, it does not get there.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def find_chromium() -> str | None:
    """The Chromium of this machine."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), *NAMES))), None)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. Meanwhile this thread has an event loop, and can run no other."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=_ARGUMENTS)
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(browser: Browser, base_url: str, **options: object) -> Iterator[Page]:
    """An empty page of a reader who has never been here.

    At the end it fails if anything was asked of another site, was missing or was complained about
    by the browser, as what the Content-Security-Policy forbids is.
    """
    faults: list[str] = []
    # Colours that are on their way to others have no contrast that could be measured.
    given = {"base_url": base_url, "reduced_motion": "reduce", **options}
    context = browser.new_context(**given)  # type: ignore[arg-type] # As Playwright names them.
    context.set_default_timeout(20_000)

    def on_request(request: Request) -> None:
        if not request.url.startswith(f"{base_url}/"):
            faults.append(f"asked elsewhere: {request.url}")

    def on_response(response: Response) -> None:
        # A page may be one about an error; what belongs to a page may not.
        if response.status >= 400 and not response.request.is_navigation_request():
            faults.append(f"{response.status}: {urlsplit(response.url).path}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(f"console: {message.text}")

    context.on("request", on_request)
    context.on("response", on_response)
    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(f"script: {error.error}"))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not faults, "\n".join(faults)
