"""`python -m benchmarks`: run the comparison and print what it found."""

import argparse
import os
import platform
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path

from benchmarks import figures
from benchmarks.comparison import Comparison, Plan
from benchmarks.load import RefusedError
from benchmarks.logins import LogIns


def main() -> int:
    """0: every figure is what it must be; 1: one is not; 2: the run says nothing."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Compare the service with three reference servers: one process each on one "
        "core, the load on another, rounds that alternate between them, medians of their ratios. "
        "Or, as `logins`: how alike refused log-ins are, and what log-ins cost those who read.",
        epilog="Exit status: 0 every must is met, 1 one is missed, 2 the run was refused.",
    )
    parser.add_argument("subject", nargs="?", choices=["speed", "logins"], default="speed")
    parser.add_argument("--quick", action="store_true", help="a short run, for a first impression")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison")
    parser.add_argument("--seconds", type=float, help="length of one measurement")
    arguments = parser.parse_args()
    subject = LogIns if arguments.subject == "logins" else Comparison
    rounds, seconds = subject.QUICK if arguments.quick else subject.FULL
    # A run that is told to stop ends its servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    try:
        plan = Plan(arguments.rounds or rounds, arguments.seconds or seconds, pin())
        with tempfile.TemporaryDirectory(prefix="recipe-bench-") as folder:
            comparison = subject(Path(folder), plan)
            print(f"Comparing: {plan.rounds} rounds of {plan.seconds:g} s each …", flush=True)
            results = comparison.run()
    except RefusedError as refusal:
        print(f"The run is refused: {refusal}", file=sys.stderr)
        return 2
    print(f"\n{comparison.rates()}\n\n{figures.table(results)}\n")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}.")
    return int(any(result.missed for result in results))


def pin() -> int:
    """Keep this process, which makes the load, on one core, and choose another for the servers."""
    if not hasattr(os, "sched_getaffinity"):
        raise RefusedError("the comparison needs Linux, to keep load and servers on cores")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise RefusedError("the comparison needs two cores, one for the load")
    os.sched_setaffinity(0, {cores[1]})
    return cores[0]


if __name__ == "__main__":
    sys.exit(main())
