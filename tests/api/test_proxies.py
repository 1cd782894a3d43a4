"""TRUSTED_PROXIES and ALLOWED_HOSTS on the wire: production as run.sh starts it."""

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from app.core.config import Settings
from tests import server
from tests.factories import API
from tests.web.browser import on_one_database

pytestmark = on_one_database

NAME = "recipes.example.com"


@pytest.fixture
def settings(settings: Settings, trusted_proxies: str) -> Settings:
    changes = {
        "environment": "production",
        "jwt_secret": "a secret of more than thirty-two bytes",
        "allowed_hosts": NAME,
        "trusted_proxies": trusted_proxies,
    }
    return Settings.model_validate(dict(settings) | changes)


def log_in(client: httpx2.Client, forwarded_for: str) -> int:
    """The status of a log-in with a wrong password, as a proxy passes it on."""
    headers = {"Host": NAME, "X-Forwarded-For": forwarded_for}
    form = {"username": "admin@example.com", "password": "not the password"}
    return client.post(f"{API}/auth/login", data=form, headers=headers).status_code


def hsts(client: httpx2.Client, scheme: str) -> list[str]:
    headers = {"Host": NAME, "X-Forwarded-Proto": scheme}
    answer = client.get(f"{API}/recipes", headers=headers)
    assert answer.status_code == 200
    assert "server" not in answer.headers
    return answer.headers.get_list("strict-transport-security")


@pytest.mark.parametrize("trusted_proxies", ["10.0.0.0/8,127.0.0.1"])
def test_a_trusted_proxy_says_who_asks_and_how(settings: Settings, tmp_path: Path) -> None:
    with server.run_sh(settings, tmp_path) as running, running.client() as client:
        assert hsts(client, "https") == ["max-age=31536000"]
        assert hsts(client, "http") == []

        # The client is the last address before the proxies; what it says itself does not count.
        tries = [log_in(client, f"198.51.100.{n}, 203.0.113.1, 10.0.0.2") for n in range(11)]
        assert tries == [401] * 10 + [429]
        assert log_in(client, "203.0.113.1") == 429
        assert log_in(client, "203.0.113.2") == 401
        tries = [log_in(client, f"2001:db8:1:2::{n}") for n in range(11)]
        assert tries == [401] * 10 + [429]
        assert log_in(client, "2001:db8:1:3::1") == 401

        assert_refused_without_host(running.url)


@pytest.mark.parametrize("trusted_proxies", ["10.0.0.0/8"])
def test_others_only_say_so(settings: Settings, tmp_path: Path) -> None:
    with server.run_sh(settings, tmp_path) as running, running.client() as client:
        assert hsts(client, "https") == []
        tries = [log_in(client, f"203.0.113.{n}") for n in range(11)]
        assert tries == [401] * 10 + [429]


def assert_refused_without_host(url: str) -> None:
    """HTTP/1.0 knows requests without a Host, which no client of today sends."""
    parts = urlsplit(url)
    assert parts.hostname
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=30) as connection:
        connection.sendall(f"GET {API}/recipes HTTP/1.0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nserver:" not in head.lower()
    assert json.loads(body)["type"] == "/problems/malformed-request"
