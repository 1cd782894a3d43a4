"""pg_dump and pg_restore: find and run them, and read a dump."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from app.core.errors import UnavailableError
from app.models.recipe import RecipeCounter

if TYPE_CHECKING:
    from psycopg import Connection

_FOLDERS = ("lib/postgresql/*/bin", "pgsql-*/bin")
"""Where Debian and Red Hat install the programs of each version, below /usr."""
_LINES = 1_000
"""Rows that are read at once."""
# pg_dump quotes names only if needed, and puts the schema first.
_HEADER = re.compile(
    rb'COPY (?:"(?:[^"]|"")+"|\w+)\.(?:"((?:[^"]|"")+)"|(\w+)) \((.*)\) FROM stdin;'
)


class ToolError(UnavailableError):
    """A program failed. The message is a line of its output."""


def find(name: str, server_version: int | None = None) -> str:
    """Return the path of a program: of the server's major version, or the next newer one.

    An older program refuses the server. Without `server_version`, the newest is returned.
    """
    folders = [Path(each) for each in os.environ.get("PATH", "").split(os.pathsep) if each]
    for pattern in _FOLDERS:
        folders.extend(sorted(Path("/usr").glob(pattern)))
    found = {str(folder / name) for folder in folders if os.access(folder / name, os.X_OK)}
    fitting = [each for path in found if (each := (_major(path), path)) >= (server_version or 1,)]
    if not fitting:
        which = f"{name} of PostgreSQL {server_version} or newer" if server_version else name
        raise UnavailableError(
            f"{which} is missing: install the package postgresql-client, or add its folder to PATH."
        )
    return min(fitting)[1] if server_version else max(fitting)[1]


def _major(path: str) -> int:
    answer = subprocess.run(  # noqa: S603 - A program installed by the operator.
        [path, "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"(\d+)", answer.stdout)
    return int(version[1]) if version and answer.returncode == 0 else 0


def connection_arguments(
    connection: "Connection[Any]", given: Mapping[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and variables with which a program reaches the same server.

    The password is a variable, since other users can read arguments. `given` are the parameters
    that psycopg was given: those it adds itself may be unknown to an older program.
    """
    from psycopg.conninfo import make_conninfo

    info = connection.info
    # If there are several hosts: only this one has the exported snapshot.
    here = {"host": info.host, "port": str(info.port), "hostaddr": None, "password": None}
    password = {"PGPASSWORD": info.password} if info.password else {}
    texts = {name: value for name, value in given.items() if isinstance(value, str | int)}
    return ["--dbname", make_conninfo("", **(texts | here))], password


@contextmanager
def running(
    command: list[str],
    *,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program whose output the caller reads. Raise ToolError if it fails."""
    with (
        TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603 - No argument is input.
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | variables,
        ) as process,
    ):
        try:
            yield process
        except BaseException:
            process.kill()
            # Its own message says more than our broken pipe.
            if process.wait() > 0:
                _raise(command, errors)
            raise
        if process.wait():
            _raise(command, errors)


def _raise(command: list[str], errors: IO[bytes]) -> None:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines() or ["it failed"]
    line = next((line for line in lines if "error" in line.lower()), lines[-1])
    raise ToolError(line if ":" in line else f"{Path(command[0]).name}: {line}")


# --- Dumps ---------------------------------------------------------------------------------------


class TableRows(NamedTuple):
    """The rows of a table in a dump. Read them before the next part."""

    copy: bytes
    """The COPY statement."""
    table: str
    columns: Sequence[str]
    lines: Iterator[Sequence[bytes]]
    """Groups of lines."""


@contextmanager
def read_dump(dump: Path, restore: str, *options: str) -> Iterator[Iterator[bytes | TableRows]]:
    """Yield the SQL script of a dump in parts: statements, and the rows of tables.

    Raise ToolError if it cannot be read to its end.
    """
    command = [restore, "--no-owner", "--no-privileges", "--file=-", *options, str(dump)]
    with running(command) as process:
        assert process.stdout is not None
        yield _parts(iter(process.stdout))


def _parts(lines: Iterator[bytes]) -> Iterator[bytes | TableRows]:
    statements: list[bytes] = []
    for line in lines:
        header = _HEADER.match(line)
        if header:
            yield b"".join(statements)
            statements.clear()
            name = (header[1] or header[2]).replace(b'""', b'"').decode()
            yield TableRows(line, name, header[3].decode().split(", "), _rows(lines))
        # A backslash begins a command for psql, which the server does not know.
        elif not line.startswith(b"\\"):
            statements.append(line)
    yield b"".join(statements)


def _rows(lines: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    group: list[bytes] = []
    for line in lines:
        if line == b"\\.\n":
            yield group
            return
        group.append(line)
        if len(group) == _LINES:
            yield group
            group = []
    raise ToolError("pg_restore ended too early.")


def count_rows(dump: Path) -> dict[str, int]:
    """Read a whole dump, and return the number of rows of each table."""
    with read_dump(dump, find("pg_restore")) as parts:
        return {
            part.table: sum(map(len, part.lines)) for part in parts if isinstance(part, TableRows)
        }


def last_change(dump: Path, restore: str) -> int:
    """Return the number of the last change in a dump."""
    table, column = RecipeCounter.__tablename__, RecipeCounter.value.key
    with read_dump(dump, restore, "--data-only", f"--table={table}") as parts:
        for part in parts:
            if isinstance(part, TableRows):
                rows = chain.from_iterable(part.lines)
                values = [dict(zip(part.columns, row.split(b"\t"), strict=True)) for row in rows]
                return max((int(each[column]) for each in values), default=0)
    return 0
