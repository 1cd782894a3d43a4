"""What a server logs about requests: one line for each, and nothing of what they hold."""

import json
import re
import socket
from pathlib import Path

import pytest

from app.core.config import Settings
from tests import server
from tests.factories import API, PASSWORD, create_api_token, sign_up
from tests.server import Server
from tests.web.browser import on_one_database

LINE = re.compile(r"\S+Z (DEBUG|INFO|WARNING) ([a-z.]+) \[(\S+)\] (.*)")


def send(running: Server, request: bytes) -> None:
    """Send bytes that no client would."""
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        while connection.recv(65536):
            pass


@on_one_database
@pytest.mark.parametrize("log_format", ["console", "json"])
def test_no_request_forges_a_line_or_leaves_a_secret(
    log_format: str, settings: Settings, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"log_format": log_format})
    with server.uvicorn(settings, tmp_path) as running:
        with running.client() as client:
            user = sign_up(client)
            token = create_api_token(client, user, "read")["token"]
            secrets = {"password": PASSWORD, "access_token": user.token, "token": token}
            for each in (user.token, token, f"{token}x"):
                client.get(f"{API}/auth/me", headers={"Authorization": f"Bearer {each}"})
            client.get(f"{API}/recipes", params=secrets, headers=secrets)
            client.post(f"{API}/auth/login", data={"username": user.email} | secrets)
            client.post(f"{API}/auth/signup", json=secrets)
            client.post(f"{API}/recipes", json=secrets, headers=user.headers)
            client.get("/x%0a2026-11-20T00:00:00.000Z INFO app.access [-] GET /forged 200")
            client.get("/x%1b%5b31m%e2%80%ae", headers={"X-Request-ID": "a b"})
            client.get("/livez")
        head = b"GET /\xffraw HTTP/1.1\r\nHost: a\x1b[31m\r\nX-Forwarded-For: \x1b[31m\r\n"
        send(running, head + b"Connection: close\r\n\r\n")
        running.stop()
        lines = running.log.read_text().splitlines()
    # tests/leaks.py looks for the secrets, in all that this server has printed.
    assert all(line.isascii() and line.isprintable() for line in lines)
    if log_format == "json":
        told = [json.loads(line) for line in lines]
        paths = [each["path"] for each in told if each["logger"] == "app.access"]
        users = {each.get("user") for each in told}
    else:
        matches = [LINE.fullmatch(line) for line in lines]
        assert all(matches)
        requests = [each[4] for each in matches if each and each[2] == "app.access"]
        paths = [each.split()[1] for each in requests]
        users = {int(id_) for each in requests for id_ in re.findall(r"user=(\d+)", each)} | {None}
    assert users == {user.id, None}
    assert f"{API}/recipes" in paths
    assert "/x%0a2026-11-20T00:00:00.000Z%20INFO%20app.access%20[-]%20GET%20/forged%20200" in paths
    assert "/x%1b%5b31m%e2%80%ae" in {each.lower() for each in paths}
    assert "/livez" not in paths
    assert not any("?" in each for each in paths)
