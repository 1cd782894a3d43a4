"""How gunicorn serves the application; run.sh starts it."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from gunicorn.arbiter import Arbiter
from uvicorn_worker import UvicornWorker

from app.core.config import get_settings

# run.sh holds SIGTERM back until here, and gunicorn takes it over once it has started. In between
# nothing is served yet, so the process just ends; on a reload gunicorn's own handler stays.
if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

_file = dotenv_values(Path(__file__).with_name(".env"))


def _setting(name: str, default: str) -> str:
    """Read a setting from the environment, else from .env, as the application does."""
    return os.environ.get(name) or _file.get(name) or default


def _cores() -> int:
    """Count the cores that this process may use, which a container may have limited."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_host = _setting("HOST", "127.0.0.1")
_proxies = [p.strip() for p in _setting("TRUSTED_PROXIES", "").split(",") if p.strip()]

# An IPv6 address is written in brackets.
bind = f"{f'[{_host}]' if ':' in _host else _host}:{_setting('PORT', '8001')}"

# One worker saturates one core; beyond four the connections to the database count for more.
workers = int(_setting("WEB_CONCURRENCY", str(min(_cores(), 4))))

# A request that runs is given this long when the server stops, then its worker is killed.
graceful_timeout = 30

# A worker that does not report for so long hangs, and is replaced.
timeout = 60

# Longer than the 60 s after which proxies drop an idle connection: were we the first to close it,
# a request that is already on its way would be answered with 502.
keepalive = 75

# Each worker makes its own engines and pools in the lifespan. Connections must not be shared
# across a fork, so nothing is loaded before it.
preload_app = False

# Workers report by touching a file. On a busy disk that can block, in memory it cannot.
_memory = "/dev/shm"  # noqa: S108 -- gunicorn makes a private file there and unlinks it at once
worker_tmp_dir = _memory if os.access(_memory, os.W_OK) else None

# Nobody steers the server by a socket in the home directory: signals do.
control_socket_disable = True

# A line for each request is a cost that each read would pay.
accesslog = None

errorlog = "-"
loglevel = _setting("LOG_LEVEL", "info").lower()


class Worker(UvicornWorker):
    """Uvicorn, as measured to be the steadiest."""

    CONFIG_KWARGS: dict[str, Any] = {
        # At saturation uvloop gains 2 to 4 % and makes the slowest requests five times slower.
        "loop": "asyncio",
        "http": "httptools",
        "access_log": False,
        # What serves here is nobody's business.
        "server_header": False,
        # Who a proxy says is asking is believed only from the proxies named.
        "proxy_headers": bool(_proxies),
        "forwarded_allow_ips": _proxies,
        # gunicorn's graceful_timeout is not passed on; end before it, so that nothing is killed.
        "timeout_graceful_shutdown": graceful_timeout - 5,
    }


worker_class = Worker


def on_starting(server: Arbiter) -> None:
    """Refuse wrong settings here, once: a worker that ends for them would only be replaced."""
    get_settings()


def post_fork(server: Arbiter, worker: UvicornWorker) -> None:
    """Heed a stop signal that came right after the fork: the inherited handler only queued it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while not server.SIG_QUEUE.empty():
        if server.SIG_QUEUE.get_nowait() == signal.SIGTERM:
            signal.raise_signal(signal.SIGTERM)
