"""PUBLIC_URL: every address that leaves the server is made from it, also below a path."""

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from app.observability.request_log import ACCESS
from tests.factories import API, create_recipe, create_user
from tests.web.browser import on_one_database

pytestmark = on_one_database

SITE = "https://example.com"
PATH = "/recipes-app"


@pytest.fixture(params=["", PATH])
def root(request: pytest.FixtureRequest) -> str:
    """The path of PUBLIC_URL."""
    path: str = request.param
    return path


@pytest.fixture
def client(settings: Settings, root: str) -> Iterator[TestClient]:
    """A client on the server's side of a proxy."""
    given = dict(settings) | {"public_url": SITE + root}
    # Neither the scheme nor the port that a request names counts.
    app = create_app(Settings.model_validate(given))
    with TestClient(app, base_url="http://127.0.0.1:1337") as client:
        yield client


def test_headers_and_problems_begin_at_its_path(client: TestClient, root: str) -> None:
    user = create_user(client)
    made = client.post(f"{root}{API}/recipes", json={"label": "Pie"}, headers=user.headers)
    assert made.headers["location"] == f"{root}{API}/recipes/{made.json()['id']}"
    assert client.get(made.headers["location"]).json() == made.json()
    create_recipe(client, user)

    first = client.get(f"{root}{API}/recipes", params={"limit": 1})
    following = client.get(first.links["next"]["url"])
    assert first.links["next"]["url"].startswith(f"{root}{API}/recipes?")
    assert len(following.json()["items"]) == 1

    missing = client.get(f"{root}{API}/recipes/999").json()
    assert missing["type"] == f"{root}/problems/not-found"
    assert missing["instance"] == f"{root}{API}/recipes/999"
    assert client.get(missing["type"]).status_code == 200
    batch = {"operations": [{"op": "delete", "id": 999}]}
    failed = client.post(f"{root}{API}/recipes/batch", json=batch, headers=user.headers)
    assert f'"{root}/problems/' in failed.text
    assert '"/problems/' not in failed.text.replace(f'"{root}/problems/', "")


def test_a_proxy_may_have_removed_the_path(client: TestClient, root: str) -> None:
    user = create_user(client)
    made = client.post(f"{API}/recipes", json={"label": "Pie"}, headers=user.headers)
    assert made.headers["location"] == f"{root}{API}/recipes/{made.json()['id']}"
    for path in ("/livez", f"{root}/livez", "/", f"{root}/", f"{root}"):
        assert client.get(path).status_code == 200, path
    if root:
        assert client.get(f"{root}-2/livez").status_code == 404
        assert client.get(f"{root}{root}/livez").status_code == 404


def test_absolute_urls_are_made_from_it(client: TestClient, root: str) -> None:
    user = create_user(client)
    recipe = create_recipe(client, user, label="Pie")
    page = f"{SITE}{root}/recipes/{recipe['id']}-pie"
    for path in ("/sitemap.xml", "/feed.xml", "/robots.txt", "/", f"/recipes/{recipe['id']}-pie"):
        # Nor does a proxy's say so.
        said = {"Host": "evil.example:1337", "X-Forwarded-Proto": "http"}
        answer = client.get(root + path, headers=said)
        assert answer.status_code == 200
        assert f"{SITE}{root}/" in answer.text, path
        assert "1337" not in answer.text, path
        if path != "/robots.txt":
            assert page in answer.text
    accept = {"Accept": "application/ld+json"}
    document = client.get(f"{root}{API}/recipes/{recipe['id']}", headers=accept).json()
    assert document["url"] == f"{SITE}{root}{API}/recipes/{recipe['id']}"


def test_limits_hold_below_the_path(client: TestClient, root: str) -> None:
    user = create_user(client)
    large = {"label": "x" * 2**20}
    refused = client.post(f"{root}{API}/recipes", json=large, headers=user.headers)
    assert refused.status_code == 413
    body = json.dumps({"operations": []}) + " " * 2**20
    headers = {**user.headers, "Content-Type": "application/json"}
    batch = client.post(f"{root}{API}/recipes/batch", content=body, headers=headers)
    assert batch.status_code != 413


def test_the_documentation_works_below_the_path(client: TestClient, root: str) -> None:
    document = client.get(f"{root}{API}/openapi.json").json()
    assert document.get("servers", [{"url": ""}]) == [{"url": root}]
    flow = document["components"]["securitySchemes"]["password"]["flows"]["password"]
    assert flow["tokenUrl"] == f"{root}{API}/auth/login"
    for path in ("/docs", "/redoc"):
        page = client.get(root + path)
        assert f"{root}{API}/openapi.json" in page.text
        files = [text.partition('"')[0] for text in page.text.split('src="')[1:]]
        files += [text.partition('"')[0] for text in page.text.split('href="')[1:]]
        assert files
        for file in files:
            assert file.startswith(f"{root}/"), file
            assert client.get(file).status_code == 200, file


def test_answers_say_that_it_is_https(client: TestClient, root: str) -> None:
    answer = client.get(f"{root}/livez")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_probes_are_not_logged(
    client: TestClient, root: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client.get(f"{root}/livez")
    client.get(f"{root}/nothing")
    ACCESS.flush()
    lines = [line for line in capfd.readouterr().err.splitlines() if "app.access" in line]
    assert [line.partition("GET ")[2].split()[0] for line in lines] == [f"{root}/nothing"]


def test_its_host_is_served(settings: Settings, root: str) -> None:
    given = dict(settings) | {"public_url": SITE + root, "environment": "production"}
    given |= {"jwt_secret": "a secret of more than thirty-two bytes"}
    with TestClient(create_app(Settings.model_validate(given)), base_url=SITE) as client:
        assert client.get(f"{root}{API}/recipes").status_code == 200
        refused = client.get(f"{root}{API}/recipes", headers={"Host": "evil.example"})
        assert refused.status_code == 400
        assert refused.json()["type"] == f"{root}/problems/malformed-request"
