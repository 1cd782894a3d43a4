"""The connections and the processor time of a worker, as Linux reports them."""

import contextlib
import os
from pathlib import Path

_ESTABLISHED = "01"


def processor_seconds(process: int) -> float:
    """Return how long a process has run on a processor."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connections_of(worker: int, url: str) -> int:
    """Return how many connections of clients a worker of the server at `url` has open."""
    port = int(url.rpartition(":")[2])
    sockets = set()
    for file in Path(f"/proc/{worker}/fd").iterdir():
        # One may have been closed since it was listed.
        with contextlib.suppress(FileNotFoundError):
            sockets.add(os.readlink(file))
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        line[1].endswith(f":{port:04X}")
        and line[3] == _ESTABLISHED
        and f"socket:[{line[9]}]" in sockets
        for line in lines
    )
