"""The default number of workers."""

import math
import os
from contextlib import suppress
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores(quota_file: Path = _QUOTA) -> int:
    """Return the number of cores that this process may use, also in a container."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    with suppress(OSError, ValueError):  # No quota, or "max".
        quota, period = map(int, quota_file.read_text().split())
        count = min(count, math.ceil(quota / period))
    return count


def default_workers() -> int:
    """Return one per core, at most four: beyond, database connections are the bottleneck."""
    return min(cores(), 4)
