"""Child processes for tests: commands as people run them, with settings of the test's own."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from pydantic import SecretStr

from app.core.config import ROOT, Settings
from tests.log_secrets import SCANNER

# Far above what any command takes: only one that hangs gets there.
COMMAND_SECONDS = 120

# On Linux a child dies with the test process even when that is killed and can end nothing itself.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1

# Before a command that is to heed the modes of files. Root may write everywhere, so it gives up the
# capabilities by which it does.
AS_ONE_OF_MANY = (
    ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)
ALEMBIC = (sys.executable, "-m", "alembic")
Done = subprocess.CompletedProcess[str]


def make_settings(database_url: str, data_dir: Path, **changes: object) -> Settings:
    """Settings in which every value is given: the defaults, but for what a test changes. Neither
    the shell of the person who runs the tests nor their `.env` has a say."""
    given = dict(Settings.model_construct()) | {"database_url": database_url, "data_dir": data_dir}
    return Settings.model_validate(given | changes)


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a child process that is to have these settings."""
    given = {name.upper(): _as_text(value) for name, value in settings}
    # The tools of this Python come first, as in an active virtual environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | given | {"PATH": path}


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value) if isinstance(value, str | int | float | Path) else json.dumps(value)


class _Process(subprocess.Popen[str]):
    def communicate(
        self,
        input: str | None = None,  # noqa: A002 - the name that Popen gives it
        timeout: float | None = None,
    ) -> tuple[str, str]:
        """What it prints is a log as well, for those who run it."""
        output, errors = super().communicate(input, timeout)
        SCANNER.scan(output or "")
        return output, errors


@contextlib.contextmanager
def started(
    settings: Settings,
    *command: str,
    variables: Mapping[str, str] | None = None,
    output: int | IO[bytes] = subprocess.PIPE,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    root: Path = ROOT,
) -> Iterator[subprocess.Popen[str]]:
    """Start a command in the repository's root; at the end all of its group is killed."""
    with _Process(
        command,
        cwd=root,
        env=environment(settings) | dict(variables or {}),
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=die_with_parent,
    ) as process:
        try:
            yield process
        finally:
            kill(process)


def die_with_parent() -> None:
    """Let the kernel end this process when its parent ends."""
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def kill(process: subprocess.Popen[str]) -> None:
    """`kill -9` for a started command and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run(settings: Settings, *command: str, variables: Mapping[str, str] | None = None) -> Done:
    """Run a command to its end."""
    return run_at_once(1, settings, *command, variables=variables)[0]


def run_at_once(
    count: int, settings: Settings, *command: str, variables: Mapping[str, str] | None = None
) -> Sequence[Done]:
    """Run a command several times at the same time."""
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(started(settings, *command, variables=variables))
            for _ in range(count)
        ]
        outputs = [process.communicate(timeout=COMMAND_SECONDS)[0] for process in processes]
        return [
            subprocess.CompletedProcess(command, process.returncode, output)
            for process, output in zip(processes, outputs, strict=True)
        ]
