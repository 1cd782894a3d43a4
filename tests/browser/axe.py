"""Run axe-core, which finds violations of the accessibility guidelines."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},  # Of WCAG 2.2, so it is not on by itself yet.
    "resultTypes": ["violations"],
}


# The rules that depend on the colours and on the width.
_OF_LOOKS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]},
    "resultTypes": ["violations"],
}


def violations(page: Page, *, again: bool = False) -> list[str]:
    """Return each place of the page that violates WCAG 2.2 AA or a best practice, and how.

    `again`: check only the rules that another scheme or width may violate.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    result: dict[str, Any] = page.evaluate(
        "options => axe.run(options)", _OF_LOOKS if again else _OPTIONS
    )
    return [
        f"{found['id']}: {node['target']}: {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]
