"""`python -m benchmarks`: run a benchmark and print its results."""

import argparse
import os
import platform
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path

from benchmarks import figures, scale
from benchmarks.comparison import Comparison, Plan
from benchmarks.imports import Imports
from benchmarks.load import RefusedError
from benchmarks.logins import LogIns

SUBJECTS: dict[str, type[LogIns] | type[Imports]] = {"logins": LogIns, "imports": Imports}


def main() -> int:
    """Return an exit status. 0: every bound is met. 1: one is missed. 2: there is no result."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Compare the service with three reference servers: one process each on one "
        "core, the load on another, rounds that alternate between them, medians of their ratios. "
        "Or, as `logins`: how alike refused log-ins are, and how much log-ins slow reads. "
        "Or, as `imports`: what an import costs compared with writing its rows. "
        "Or, as `scale`: how much longer answers take with a hundred times as many recipes.",
        epilog="Exit status: 0 every bound is met, 1 one is missed, 2 the run was refused.",
    )
    parser.add_argument(
        "subject", nargs="?", choices=["speed", *SUBJECTS, "scale"], default="speed"
    )
    parser.add_argument("--quick", action="store_true", help="a short run, for a first impression")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison")
    parser.add_argument("--seconds", type=float, help="length of one measurement")
    of_scale = parser.add_argument_group("scale")
    of_scale.add_argument(
        "--counts",
        type=two_counts,
        default=scale.COUNTS,
        help="the sizes of the two collections: 1000,10000",
    )
    of_scale.add_argument(
        "--databases", type=databases, default=scale.DATABASES, help="one of them: sqlite"
    )
    of_scale.add_argument(
        "--keep", type=Path, help="a folder in which databases are kept for the next run"
    )
    arguments = parser.parse_args()
    # SystemExit runs the clean-up, which stops the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    if arguments.subject == "scale":
        return measure_scale(arguments)
    subject = SUBJECTS.get(arguments.subject, Comparison)
    rounds, seconds = subject.QUICK if arguments.quick else subject.FULL
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


def measure_scale(arguments: argparse.Namespace) -> int:
    """Measure two collections, and return an exit status as `main` does."""
    requests = scale.QUICK if arguments.quick else scale.FULL
    try:
        with tempfile.TemporaryDirectory(prefix="recipe-bench-") as folder:
            # PostgreSQL needs access to its data, and runs as another account if we are root.
            Path(folder).chmod(0o711)
            kept = (arguments.keep or Path(folder)).resolve()
            run = scale.Scale(kept, pin(), arguments.databases, arguments.counts, requests)
            met = run.run()
    except RefusedError as refusal:
        print(f"The run is refused: {refusal}", file=sys.stderr)
        return 2
    print(f"\n{run.table()}\n")
    return int(not met)


def two_counts(text: str) -> tuple[int, ...]:
    """Parse the sizes of two collections, the smaller first."""
    counts = tuple(int(number) for number in text.split(","))
    if len(counts) != 2 or not scale.LEAST_COUNT <= counts[0] < counts[1]:
        raise argparse.ArgumentTypeError(f"two numbers from {scale.LEAST_COUNT}, the smaller first")
    return counts


def databases(text: str) -> tuple[str, ...]:
    """Parse the names of databases."""
    names = tuple(text.split(","))
    if not set(names) <= set(scale.DATABASES):
        raise argparse.ArgumentTypeError(f"some of {','.join(scale.DATABASES)}")
    return names


def pin() -> int:
    """Pin this process, the load generator, to one core, and return another for the servers."""
    if not hasattr(os, "sched_getaffinity"):
        raise RefusedError("the comparison needs Linux, to keep load and servers on cores")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise RefusedError("the comparison needs two cores, one for the load")
    os.sched_setaffinity(0, {cores[1]})
    return cores[0]


if __name__ == "__main__":
    sys.exit(main())
