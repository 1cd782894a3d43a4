"""Where the server listens: HOST and PORT, from the environment or from .env."""

import os
import socket
import sys
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

BACKLOG = 2048
"""How many connections may wait to be accepted."""
_ENV_FILE = Path(__file__).parents[2] / ".env"


def setting(name: str, default: str) -> str:
    """Return a setting of the server's own processes. The application reads its own."""
    return os.environ.get(name) or _from_file().get(name) or default


@lru_cache
def _from_file() -> dict[str, str | None]:
    try:
        return dotenv_values(_ENV_FILE)
    except OSError as error:
        sys.exit(f"settings: {error.filename}: {error.strerror}")


def address() -> tuple[str, int]:
    """Return the host, an IPv6 address without brackets, and the port."""
    port = setting("PORT", "8001")
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        sys.exit("settings: PORT must be a whole number from 1 to 65535")
    return setting("HOST", "127.0.0.1").strip("[]"), int(port)


def listen() -> socket.socket:
    """Open the listening socket."""
    host, port = address()
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        is_dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        return socket.create_server(
            where[:2], family=family, backlog=BACKLOG, dualstack_ipv6=is_dual
        )
    except OSError as error:
        bind = f"{f'[{host}]' if ':' in host else host}:{port}"
        sys.exit(f"settings: HOST and PORT cannot be used, {bind}: {error.strerror}")
