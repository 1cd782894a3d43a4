"""Child processes for tests: commands as people run them, with the settings of the test."""

import contextlib
import ctypes
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO

import alembic.config
from pydantic import SecretStr

from app.core.config import ROOT, Settings
from tests.log_secrets import SCANNER

# Far more than any command takes: only one that hangs reaches it.
COMMAND_SECONDS = 120

# On Linux a child dies with the test process, even if that is killed and cannot clean up.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1

# Put before a command that must respect the modes of files: it drops the capabilities by which root
# ignores them.
AS_ONE_OF_MANY = (
    ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)
_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.server", "app.main"])
ALEMBIC = (sys.executable, "-m", "alembic")
Done = subprocess.CompletedProcess[str]


def make_settings(database_url: str, data_dir: Path, **changes: object) -> Settings:
    """Return the default settings with changes. No value is read from the environment or `.env`."""
    given = dict(Settings.model_construct()) | {"database_url": database_url, "data_dir": data_dir}
    return Settings.model_validate(given | changes)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a child process with these settings."""
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
        input: str | None = None,  # noqa: A002 - The name in Popen.
        timeout: float | None = None,
    ) -> tuple[str, str]:
        """Also scan the output for secrets."""
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
    """Start a command in the repository's root, and kill its process group at the end."""
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


def kill(process: "subprocess.Popen[str] | Forked") -> None:
    """Send SIGKILL to a started command and all its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run(
    settings: Settings,
    *command: str,
    variables: Mapping[str, str] | None = None,
    root: Path = ROOT,
) -> Done:
    """Run a command, and wait for its end."""
    return run_at_once(1, settings, *command, variables=variables, root=root)[0]


class Forked:
    """A process forked from one that has imported the application, so it starts at once.

    It has the methods of `subprocess.Popen`.
    """

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@contextlib.contextmanager
def forked(
    settings: Settings,
    output: Path,
    function: Callable[..., object],
    *arguments: object,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Forked]:
    """Call a function in another process, and kill it at the end. `output` is what it prints."""
    given = environment(settings) | dict(variables or {})
    process = _FORKED.Process(target=_call, args=(given, output, function, arguments))
    process.start()
    started_process = Forked(process)
    try:
        yield started_process
    finally:
        kill(started_process)
        process.join()


def _call(
    given: Mapping[str, str],
    output: Path,
    function: Callable[..., object],
    arguments: Sequence[object],
) -> None:
    os.setsid()
    die_with_parent()
    os.environ.update(given)
    os.chdir(ROOT)
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    function(*arguments)


def run_alembic(
    settings: Settings, *arguments: str, variables: Mapping[str, str] | None = None
) -> Done:
    """Run `alembic`, and wait for its end."""
    with tempfile.NamedTemporaryFile("r") as file:
        output = Path(file.name)
        with forked(settings, output, _alembic, arguments, variables=variables) as process:
            status = process.wait(COMMAND_SECONDS)
        text = file.read()
    SCANNER.scan(text)
    return subprocess.CompletedProcess(arguments, status, text)


def _alembic(arguments: Sequence[str]) -> None:
    alembic.config.main(argv=arguments, prog="alembic")


def run_at_once(
    count: int,
    settings: Settings,
    *command: str,
    variables: Mapping[str, str] | None = None,
    root: Path = ROOT,
) -> Sequence[Done]:
    """Run a command several times in parallel."""
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(started(settings, *command, variables=variables, root=root))
            for _ in range(count)
        ]
        outputs = [process.communicate(timeout=COMMAND_SECONDS)[0] for process in processes]
        return [
            subprocess.CompletedProcess(command, process.returncode, output)
            for process, output in zip(processes, outputs, strict=True)
        ]
