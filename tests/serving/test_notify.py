"""What the master tells systemd (sd_notify(3))."""

import socket
import threading
from pathlib import Path

import pytest

from app.core.config import Settings
from tests import server
from tests.web.browser import on_one_database

STARTED = "Application startup complete."


@on_one_database
def test_it_is_ready_once_and_not_before_a_worker_serves(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bytes, str]] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(tmp_path / "notify"))
        notified.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def listen() -> None:
            message = notified.recv(4096)
            (log,) = tmp_path.glob("server-*.log")
            seen.append((message, log.read_text()))

        listening = threading.Thread(target=listen)
        listening.start()
        with server.gunicorn(settings, tmp_path, workers=2) as running:
            listening.join()
            assert running.stop() == 0
        notified.setblocking(False)
        with pytest.raises(BlockingIOError):
            notified.recv(4096)
    ((message, log),) = seen
    assert message == b"READY=1"
    assert STARTED in log
