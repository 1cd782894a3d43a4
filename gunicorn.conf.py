"""The settings of gunicorn. run.sh starts it through `app.serving.supervisor` (ADR 0016)."""

import logging
import os
import sys

from app.core.config import get_settings
from app.core.cores import default_workers
from app.core.private_files import os_fault
from app.observability.logging import configure_logging
from app.serving.address import BACKLOG, address, setting
from app.serving.supervisor import LISTENER
from app.serving.worker import Worker, hold_stop_signals_during_forks

# The workers share the connections to the database, so each must know how many there are.
os.environ["WEB_CONCURRENCY"] = setting("WEB_CONCURRENCY", str(default_workers()))
settings = get_settings()
configure_logging(settings)
logging.captureWarnings(True)
# The code is loaded before any worker starts. If that fails, the log says why in its own format.
sys.excepthook = lambda *error: logging.getLogger("app").critical(
    "The server cannot start", exc_info=error
)
try:
    settings.signing_secret()
except OSError as error:
    sys.exit(f"settings: {os_fault(error)}")
hold_stop_signals_during_forks()

wsgi_app = "app.main:create_app()"

# Loaded once, before the workers: they share the memory, and a worker that is replaced has the same
# code as the others. Connections and threads begin in the lifespan, so none is shared by a fork.
preload_app = True

if LISTENER in os.environ:
    bind = f"fd://{os.environ[LISTENER]}"
else:  # Gunicorn was started alone.
    _host, _port = address()
    bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
backlog = BACKLOG

workers = settings.web_concurrency
worker_class = Worker

# At a stop a worker fails /readyz for DRAIN_SECONDS, then gives running requests 25 s. What is left
# after this time is killed.
graceful_timeout = int(30 + settings.drain_seconds)

# A worker that does not report for so long hangs, and is replaced.
timeout = 60

# Longer than the 60 s after which proxies drop an idle connection. If we closed it first, a request
# that is on its way would be answered with 502.
keepalive = 75

# Workers report by touching a file. That can block on a busy disk, but not in memory.
_memory = "/dev/shm"  # noqa: S108 -- gunicorn makes a private file there and unlinks it at once
worker_tmp_dir = _memory if os.access(_memory, os.W_OK) else None

control_socket_disable = True

# The application logs requests itself.
accesslog = None


def child_exit(server: object, worker: Worker) -> None:
    """Log where a worker was that hung or crashed."""
    worker.log_stacks()
