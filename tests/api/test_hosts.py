"""ALLOWED_HOSTS: the names under which the server answers."""

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests.client import Client
from tests.factories import API
from tests.problems import assert_problem
from tests.processes import make_settings
from tests.web.browser import BROWSER, Page, on_one_database

pytestmark = on_one_database

NAMED = ("recipes.example.com", "*.example.org", "10.0.0.1", "[fd00::1]")

SERVED = [
    *("recipes.example.com", "recipes.example.com:8001", "recipes.example.com:"),
    *("Recipes.EXAMPLE.com", "recipes.example.com.", "recipes.example.com.:443"),
    *("a.example.org", "a.b.example.org:80", "a.example.org."),
    *("10.0.0.1", "10.0.0.1:8001", "[fd00::1]", "[FD00::1]:8001"),
]
REFUSED = [
    *("", " ", ":", ":8001", "*", "localhost", "example.com", "x.recipes.example.com"),
    *("recipes.example.com.evil.example", "evil-recipes.example.com", "recipes.example.comx"),
    *("example.org", ".example.org", "evil-example.org", "*.example.org.evil.example"),
    *("10.0.0.11", "110.0.0.1", "[fd00::2]", "fd00::1", "[fd00::1", "[fd00::1]x"),
    *("recipes.example.com:80:80", "recipes.example.com:http", "recipes.example.com/"),
    *("https://recipes.example.com", "cook@recipes.example.com", "evil.example@10.0.0.1"),
    *("recipes.example.com,evil.example", "recipes.example.com evil.example", "a" * 9000),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return Settings.model_validate(dict(settings) | {"allowed_hosts": NAMED})


def test_the_hosts_named_are_answered(client: TestClient, subtests: pytest.Subtests) -> None:
    for host in SERVED:
        with subtests.test(host):
            assert client.get(f"{API}/recipes", headers={"Host": host}).status_code == 200


def test_another_host_is_refused(client: TestClient, subtests: pytest.Subtests) -> None:
    for host in [*SERVED, *REFUSED]:
        with subtests.test(host[:40]):
            refused = client.get(f"{API}/recipes", headers={"Host": host})
            assert (refused.status_code == 400) == (host in REFUSED)
            if host in REFUSED:
                assert "Host" in assert_problem(refused, 400)["detail"]
                assert "evil" not in refused.text


def test_one_host_is_named_and_not_two(client: TestClient) -> None:
    for hosts in (("recipes.example.com",) * 2, ("recipes.example.com", "evil.example")):
        answer = client.get(f"{API}/recipes", headers=[("Host", host) for host in hosts])
        assert_problem(answer, 400)


def test_nothing_is_done_for_another_host(client: TestClient) -> None:
    body = {"email": "cook@example.com", "password": "seven wooden spoons"}
    elsewhere = {"Host": "evil.example"}
    assert_problem(client.post(f"{API}/auth/signup", json=body, headers=elsewhere), 400)
    here = {"Host": "recipes.example.com"}
    assert client.post(f"{API}/auth/signup", json=body, headers=here).status_code == 201


def test_a_browser_is_told_on_a_page(client: TestClient) -> None:
    answer = client.get("/", headers=BROWSER | {"Host": "evil.example"})
    assert answer.status_code == 400
    assert "Host" in Page(answer).text
    assert client.head("/", headers={"Host": "evil.example"}).content == b""


def test_probes_come_by_any_address(client: TestClient, subtests: pytest.Subtests) -> None:
    for path in ("/livez", "/readyz", "/livez/", "/readyz/?x=1"):
        for method in ("GET", "HEAD"):
            with subtests.test(f"{method} {path}"):
                answer = client.request(method, path, headers={"Host": "172.17.0.2:8001"})
                assert answer.status_code == 200
    for path in ("/livez/recipes", "/livezz", "//livez", "/docs", "/static/style.css"):
        with subtests.test(path):
            assert client.get(path, headers={"Host": "172.17.0.2:8001"}).status_code == 400


def test_without_the_setting_production_serves_its_own_machine(
    database_url: str, settings: Settings, subtests: pytest.Subtests
) -> None:
    cases = {
        "development": ["localhost:8001", "127.0.0.1", "[::1]:8001", "evil.example"],
        "production": ["localhost:8001", "127.0.0.1", "[::1]:8001"],
    }
    for environment, served in cases.items():
        own = make_settings(
            database_url, settings.data_dir, environment=environment, jwt_secret="x" * 32
        )
        with TestClient(create_app(own)) as client:
            for host in cases["development"]:
                with subtests.test(f"{environment} {host}"):
                    answer = client.get(f"{API}/recipes", headers={"Host": host})
                    assert answer.status_code == (200 if host in served else 400)


def test_a_refused_host_is_logged_now_and_then(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    served = settings.model_copy(update={"allowed_hosts": ("recipes.example.com",)})
    with Client(create_app(served)) as client:
        for host in ("wrong.example", "other.example"):
            assert client.get("/", headers={"Host": host}).status_code == 400
    lines = [line for line in caplog.messages if "ALLOWED_HOSTS" in line]
    assert len(lines) == 1
    assert "wrong.example" in lines[0]
