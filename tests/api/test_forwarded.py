"""What proxies say of a request, and which of them are believed."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests.client import Client
from tests.factories import API
from tests.web.browser import on_one_database

pytestmark = on_one_database

PROXY, STRANGER = "10.0.0.1", "203.0.113.9"


@pytest.fixture
def behind(settings: Settings) -> Iterator[Client]:
    """The proxy, in front of a server in production."""
    given = dict(settings) | {
        "environment": "production",
        "jwt_secret": "a secret of more than thirty-two bytes",
        "allowed_hosts": "testserver",
        "trusted_proxies": "10.0.0.0/8",
    }
    with Client(create_app(Settings.model_validate(given)), PROXY) as client:
        yield client


def is_https(client: TestClient, *forwarded: str) -> bool:
    """Whether the server takes the client's request for one by HTTPS."""
    headers = [("X-Forwarded-Proto", value) for value in forwarded]
    answer = client.get("/sitemap.xml", headers=headers)
    feed = client.get("/feed.xml", headers=headers).text
    secure = "strict-transport-security" in answer.headers
    assert (f'href="{"https" if secure else "http"}://testserver/feed.xml"') in feed
    return secure


@pytest.mark.parametrize("value", ["https", "HTTPS", "https, http", "https,https", " Https , http"])
def test_the_first_proxy_says_how_the_client_came(behind: Client, value: str) -> None:
    assert is_https(behind, value)
    assert not is_https(behind.at(STRANGER), value)


@pytest.mark.parametrize("value", ["http", "http, https", "", "on", "https2", "nothing, https"])
def test_all_else_is_not_https(behind: Client, value: str) -> None:
    assert not is_https(behind, value)


def test_lines_of_a_header_are_one_list(behind: Client) -> None:
    assert is_https(behind, "https", "http")
    assert not is_https(behind, "http", "https")


def test_the_client_is_the_last_address_that_is_no_proxy(behind: Client) -> None:
    def tries(address: str) -> int:
        form = {"username": "nobody@example.com", "password": "not the password"}
        headers = {"X-Forwarded-For": address}
        return behind.post(f"{API}/auth/login", data=form, headers=headers).status_code

    statuses = [tries(f"198.51.100.{n}, 203.0.113.1, 10.0.0.2, 10.9.9.9:4711") for n in range(11)]
    assert statuses == [401] * 10 + [429]
    assert tries("203.0.113.1") == 429
    assert tries("203.0.113.2") == 401


def test_only_a_proxy_may_choose_the_id_of_a_request(behind: Client) -> None:
    headers = {"X-Request-ID": "from-the-proxy"}
    assert behind.get("/livez", headers=headers).headers["x-request-id"] == "from-the-proxy"
    direct = behind.at(STRANGER).get("/livez", headers=headers)
    assert direct.headers["x-request-id"] != "from-the-proxy"
