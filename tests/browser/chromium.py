"""Chromium, and checks that apply to each page that it opens."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = f"There is no Chromium: neither $CHROMIUM, nor on PATH {', '.join(NAMES)}."

_ARGUMENTS = [
    "--no-sandbox",  # Its sandbox needs rights that containers lack, and it opens only our pages.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No other host can be reached.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def find_chromium() -> str | None:
    """Return the path of the Chromium of this machine, if there is one."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), *NAMES))), None)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Launch a browser. Until it is closed, this thread can run no other event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=_ARGUMENTS)
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(browser: Browser, base_url: str, **options: object) -> Iterator[Page]:
    """Open an empty page in a new context.

    At the end, fail if the page requested another site, missed a resource, or made the browser
    report an error, such as a violation of the Content-Security-Policy.
    """
    faults: list[str] = []
    # The contrast of colours in transition cannot be measured.
    given = {"base_url": base_url, "reduced_motion": "reduce", **options}
    context = browser.new_context(**given)  # type: ignore[arg-type] # As Playwright names them.
    context.set_default_timeout(20_000)

    def on_request(request: Request) -> None:
        if not request.url.startswith(f"{base_url}/"):
            faults.append(f"asked elsewhere: {request.url}")

    def on_response(response: Response) -> None:
        # A page may report an error, but its resources must load.
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
