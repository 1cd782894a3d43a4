"""What the machine gives to this process."""

import os
import resource
import tempfile
from contextlib import suppress


def share_memory() -> None:
    """Make a file in memory, without a name, for what the workers of this process count.

    They find it by the environment. A program that is started from them does not have the file,
    but perhaps another one under this number.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("metrics")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.environ["METRICS_FILE"] = f"{descriptor}:{os.fstat(descriptor).st_ino}"


def raise_open_files() -> None:
    """Allow as many open files, which connections are too, as this user may have at most."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # Where "unlimited" is more than the kernel gives.
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
