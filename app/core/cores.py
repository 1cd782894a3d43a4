"""How many worker processes there are by default."""

import math
import os
from contextlib import suppress
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores(quota_file: Path = _QUOTA) -> int:
    """Count the cores that this process may use: a container may have a share of them."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    with suppress(OSError, ValueError):  # There is none, or it says "max".
        quota, period = map(int, quota_file.read_text().split())
        count = min(count, math.ceil(quota / period))
    return count


def default_workers() -> int:
    """One worker saturates a core; beyond four the connections to the database count for more."""
    return min(cores(), 4)
