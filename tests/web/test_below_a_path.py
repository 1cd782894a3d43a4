"""The pages below a path: PUBLIC_URL=https://cook.example/recipes-app."""

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

import app.web
from app.core.config import Settings
from app.main import create_app
from tests.documents import WHOLE
from tests.factories import PASSWORD, create_recipe, create_user
from tests.web.browser import BROWSER, Page, on_one_database, page, send

SITE = "https://cook.example"
ROOT = "/recipes-app"
TEMPLATES = Path(app.web.__file__).parent / "templates"
# After `="`: what leaves the site, a fragment, or this very page.
_OTHER = r'\{\{ (?:url |recipe\["url"\] |site |asset\()|#|"'
_ADDRESS = re.compile(rf'\b(?:href|src|action|formaction)="(?!\{{\{{ root \}}\}}|{_OTHER})')


@pytest.fixture
def browser(settings: Settings) -> Iterator[TestClient]:
    """A browser at a site below a path."""
    given = dict(settings) | {"public_url": f"{SITE}{ROOT}"}
    site = create_app(Settings.model_validate(given))
    with TestClient(site, base_url=SITE) as client:
        yield client


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_each_link_of_a_template_begins_at_the_root(template: Path) -> None:
    lines = template.read_text().splitlines()
    assert [line for line in lines if _ADDRESS.search(line)] == []


@on_one_database
def test_every_link_and_form_is_below_the_path(browser: TestClient) -> None:
    user = create_user(browser)
    for number in range(25):
        create_recipe(browser, user, **WHOLE | {"label": f"Soup {number}"})
    found = sign_in(browser, user.email)
    found.extend([f"{ROOT}/recipes?q=sop", f"{ROOT}/nothing", f"{ROOT}/problems/not-found"])
    seen: set[str] = set()
    forms: set[str] = set()
    while found and len(seen) < 150:
        path = found.popleft()
        if path in seen:
            continue
        seen.add(path)
        answer = browser.get(path, headers=BROWSER, follow_redirects=False)
        assert answer.status_code < 400 or path == f"{ROOT}/nothing", (path, answer.status_code)
        if "location" in answer.headers:
            assert answer.headers["location"].startswith(f"{ROOT}/")
            found.append(answer.headers["location"])
        if answer.headers.get("content-type", "").startswith("text/html") and "/docs" not in path:
            shown = Page(answer)
            forms |= {form.action for form in shown.forms}
            found.extend(addresses(shown))
    assert len(seen) > 100
    assert all(action.startswith(f"{ROOT}/") for action in forms), forms
    assert {f"{ROOT}/recipes", f"{ROOT}/import", f"{ROOT}/logout"} <= forms


def sign_in(browser: TestClient, email: str) -> deque[str]:
    """Sign in from a page that asks for it; return the path that it leads back to."""
    asked = browser.get(f"{ROOT}/recipes/new", headers=BROWSER, follow_redirects=False)
    assert asked.headers["location"] == f"{ROOT}/login?next=/recipes/new"
    shown = page(browser, asked.headers["location"])
    answer = send(browser, shown, f"{ROOT}/login", email=email, password=PASSWORD)
    assert answer.status_code == 303
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if "session=" in each]
    assert cookie.startswith("__Secure-session=")
    attributes = cookie.lower().split("; ")
    assert {"secure", "httponly", f"path={ROOT}"} <= set(attributes)
    assert answer.headers["location"] == f"{ROOT}/recipes/new"
    return deque([f"{ROOT}/recipes/new", ROOT])


def addresses(shown: Page) -> list[str]:
    """What a page links to and loads on this site."""
    own = []
    for _, attributes in shown.elements:
        preview = attributes.get("property") in ("og:url", "og:image") and attributes["content"]
        parts = urlsplit(attributes.get("href") or attributes.get("src") or preview or "")
        if parts.netloc in ("", "cook.example") and parts.path:
            assert parts.path.startswith(f"{ROOT}/"), attributes
            own.append(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return own
