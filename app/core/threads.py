"""Threads for long work, which the event loop goes before."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress


def patient_threads(width: int, name: str) -> ThreadPoolExecutor:
    """At most `width` threads that run when nobody else has something to do."""
    return ThreadPoolExecutor(width, thread_name_prefix=name, initializer=_yield_to_others)


def _yield_to_others() -> None:
    # On Linux a thread has a priority of its own, and the loop that serves the others goes first.
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
