"""How gunicorn serves the application; run.sh starts it, and a reload reads it again."""

import multiprocessing
import os
import signal
import socket
import sys
from pathlib import Path

import gunicorn.app.base
from dotenv import dotenv_values

from app.core.cores import default_workers
from app.serving.arbiter import Arbiter
from app.serving.log import Logger
from app.serving.machine import raise_open_files, share_memory
from app.serving.worker import Worker

# run.sh holds SIGTERM back until here, and gunicorn takes it over once it has started. In between
# nothing is served yet, so the process just ends; on a reload gunicorn's own handler stays.
if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

raise_open_files()

try:
    _file = dotenv_values(Path(__file__).with_name(".env"))
except OSError as error:
    sys.exit(f"settings: {error.filename}: {error.strerror}")


def _setting(name: str, default: str) -> str:
    """Read a setting from the environment, else from .env, as the application does."""
    return os.environ.get(name) or _file.get(name) or default


def _whole(name: str, default: str, most: int) -> int:
    value = _setting(name, default)
    if not value.isdecimal() or not 1 <= int(value) <= most:
        sys.exit(f"settings: {name} must be a whole number from 1 to {most}")
    return int(value)


# An IPv6 address may come in brackets.
_host = _setting("HOST", "127.0.0.1").strip("[]")
_port = _whole("PORT", "8001", 65535)

# An IPv6 address is written in brackets.
bind = f"{f'[{_host}]' if ':' in _host else _host}:{_port}"

workers = _whole("WEB_CONCURRENCY", str(default_workers()), 1000)

# The workers share the connections to the database, so each must know how many they are.
raw_env = [f"WEB_CONCURRENCY={workers}"]

# Gunicorn knows no other way to run an arbiter of one's own.
gunicorn.app.base.Arbiter = Arbiter  # type: ignore[attr-defined] # It is where it is looked up.

worker_class = Worker

# When the server stops, a worker announces it, then gives the requests that run 25 s; what is left
# after this time is killed.
graceful_timeout = int(30 + float(_setting("DRAIN_SECONDS", "2")))

# A worker that does not report for so long hangs, and is replaced.
timeout = 60

# Longer than the 60 s after which proxies drop an idle connection: were we the first to close it,
# a request that is already on its way would be answered with 502.
keepalive = 75

# Each worker makes its own engines and pools in the lifespan. Connections must not be shared
# across a fork, so nothing is loaded before it; and a reload finds nothing of before.
preload_app = False

# Workers report by touching a file. On a busy disk that can block, in memory it cannot.
_memory = "/dev/shm"  # noqa: S108 -- gunicorn makes a private file there and unlinks it at once
worker_tmp_dir = _memory if os.access(_memory, os.W_OK) else None

# Nobody steers the server by a socket in the home directory: signals do.
control_socket_disable = True

# All write one log in one way; the application writes the lines of requests.
accesslog = None
logger_class = Logger
loglevel = _setting("LOG_LEVEL", "info").lower()
_is_production = _setting("ENVIRONMENT", "development") == "production"
logconfig_dict = {"format": _setting("LOG_FORMAT", "json" if _is_production else "console")}


def on_starting(server: Arbiter) -> None:
    """Refuse wrong settings here, once: a worker that ends for them would only be replaced.

    In another process, since what the master has imported a reload would not take anew.
    """
    _try_address()
    check = multiprocessing.get_context("fork").Process(target=_check_settings)
    check.start()
    check.join()
    if check.exitcode:
        sys.exit(check.exitcode)
    share_memory()


def _try_address() -> None:
    """End in one line if the address cannot be used: Gunicorn tries five times, in two lines each.

    It is tried at the start alone: at a reload it is in use, by this server.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(_host, _port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen(1)
    except OSError as error:
        sys.exit(f"settings: HOST and PORT cannot be used, {bind}: {error.strerror}")


def _check_settings() -> None:
    from app.core.config import get_settings
    from app.core.private_files import os_fault

    try:
        get_settings().signing_secret()
    except OSError as error:
        sys.exit(f"settings: {os_fault(error)}")


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Heed a stop signal that came right after the fork: the inherited handler only queued it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while not server.SIG_QUEUE.empty():
        if server.SIG_QUEUE.get_nowait() == signal.SIGTERM:
            signal.raise_signal(signal.SIGTERM)
