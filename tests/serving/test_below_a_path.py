"""What the server itself refuses, for a site below a path."""

from pathlib import Path

import pytest

from app.core.config import Settings
from tests import server
from tests.factories import API
from tests.serving.wire import answer_of, exchange
from tests.web.browser import on_one_database

ROOT = "/recipes-app"
LONG = "a" * 8 * 1024


@on_one_database
@pytest.mark.parametrize("path", ["/livez", f"{API}/recipes"])
def test_a_refusal_names_the_path_that_the_client_used(
    settings: Settings, tmp_path: Path, path: str
) -> None:
    given = dict(settings) | {"public_url": f"https://example.com{ROOT}"}
    with server.gunicorn(Settings.model_validate(given), tmp_path) as running:
        # A proxy may have removed the root.
        for target in (path, ROOT + path):
            sent = f"GET {target}?{LONG} HTTP/1.1\r\nHost: example.com\r\n\r\n"
            refused = answer_of(exchange(running.url, sent.encode()), target)
            assert refused.status_code == 414
            assert refused.json()["type"] == f"{ROOT}/problems/uri-too-long"
            assert refused.json()["instance"] == ROOT + path
        with running.client() as client:
            missing = client.get(f"{ROOT}/nothing").json()
            assert missing["type"] == f"{ROOT}/problems/not-found"
            assert missing["instance"] == f"{ROOT}/nothing"
            assert client.get(f"{ROOT}/readyz").status_code == 200
