"""scripts/dev: what starts the server again."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from app.core.config import ROOT, Settings
from tests import server
from tests.factories import API
from tests.web.browser import on_one_database

RELOAD_SECONDS = 120


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what scripts/dev needs, to be changed."""
    folder = tmp_path / "checkout"
    for name in ("app", "alembic", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("alembic.ini", "prestart.sh", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / ".env").touch()
    return folder


def wait_for(running: server.Server, what: Callable[[httpx2.Client], bool]) -> None:
    end = time.monotonic() + RELOAD_SECONDS
    while time.monotonic() < end:
        try:
            with running.client() as client:
                if what(client):
                    return
        except httpx2.TransportError:  # It starts again.
            pass
        time.sleep(0.1)
    raise AssertionError(running.log.read_text())


@on_one_database
def test_it_starts_again_on_each_change(settings: Settings, tmp_path: Path, checkout: Path) -> None:
    with server.dev(settings, tmp_path, checkout, without="SIGNUP") as running:
        template = checkout / "app/web/templates/base.html"
        template.write_text(template.read_text().replace("</body>", "<!-- changed --></body>"))
        wait_for(running, lambda client: "<!-- changed -->" in client.get("/").text)

        health = checkout / "app/api/health.py"
        health.write_text(health.read_text().replace('"ok"', '"fine"'))
        wait_for(running, lambda client: "fine" in client.get("/livez").text)

        (checkout / ".env").write_text("SIGNUP=closed\n")
        body = {"email": "cook@example.com", "password": "short"}
        wait_for(
            running, lambda client: client.post(f"{API}/auth/signup", json=body).status_code == 403
        )
