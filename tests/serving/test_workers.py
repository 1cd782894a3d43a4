"""Workers, which are forked from a process that has loaded the application."""

import json
import time
from pathlib import Path

from app.core.config import Settings
from app.observability.request_log import NAME
from tests import server
from tests.web.browser import on_one_database


@on_one_database
def test_an_access_line_has_the_id_of_its_worker(settings: Settings, tmp_path: Path) -> None:
    as_json = settings.model_copy(update={"log_format": "json"})
    with server.gunicorn(as_json, tmp_path) as running:
        with running.client() as client:
            client.get("/")
        (worker,) = running.workers
        lines: list[dict[str, object]] = []
        end = time.monotonic() + server.STOP_SECONDS
        while not lines:
            assert time.monotonic() < end, running.log.read_text()
            written = map(json.loads, running.log.read_text().splitlines())
            lines = [line for line in written if line["logger"] == NAME]
        assert lines[0]["pid"] == worker
