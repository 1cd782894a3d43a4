"""What a worker of a server holds, as Linux knows it."""

import contextlib
import os
from pathlib import Path

_ESTABLISHED = "01"


def connections_of(worker: int, url: str) -> int:
    """How many connections of clients a worker of the server at `url` holds."""
    port = int(url.rpartition(":")[2])
    sockets = set()
    for file in Path(f"/proc/{worker}/fd").iterdir():
        # One may be closed meanwhile.
        with contextlib.suppress(FileNotFoundError):
            sockets.add(os.readlink(file))
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        line[1].endswith(f":{port:04X}")
        and line[3] == _ESTABLISHED
        and f"socket:[{line[9]}]" in sockets
        for line in lines
    )
