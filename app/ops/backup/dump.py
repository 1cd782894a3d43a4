"""The SQL script that pg_restore makes of a dump: statements, and the rows of tables."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from app.models.recipe_change import RecipeCounter
from app.ops.backup import tools

_LINES = 1_000
# pg_dump quotes names only if needed, and puts the schema first.
_HEADER = re.compile(
    rb'COPY (?:"(?:[^"]|"")+"|\w+)\.(?:"((?:[^"]|"")+)"|(\w+)) \((.*)\) FROM stdin;'
)


class Rows(NamedTuple):
    """The rows of a table. They must be read before the next part."""

    copy: bytes
    """The COPY statement."""
    table: str
    columns: Sequence[str]
    lines: Iterator[Sequence[bytes]]
    """Groups of lines."""


@contextmanager
def opened(dump: Path, restore: str, *options: str) -> Iterator[Iterator[bytes | Rows]]:
    """Yield the parts of a dump in order. Raise ToolError if it cannot be read to its end."""
    command = [restore, "--no-owner", "--no-privileges", "--file=-", *options, str(dump)]
    with tools.running(command) as process:
        assert process.stdout is not None
        yield _parts(iter(process.stdout))


def _parts(lines: Iterator[bytes]) -> Iterator[bytes | Rows]:
    statements: list[bytes] = []
    for line in lines:
        header = _HEADER.match(line)
        if header:
            yield b"".join(statements)
            statements.clear()
            name = (header[1] or header[2]).replace(b'""', b'"').decode()
            yield Rows(line, name, header[3].decode().split(", "), _rows(lines))
        # A backslash begins a command for psql, which the server does not know.
        elif not line.startswith(b"\\"):
            statements.append(line)
    yield b"".join(statements)


def _rows(lines: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    some: list[bytes] = []
    for line in lines:
        if line == b"\\.\n":
            yield some
            return
        some.append(line)
        if len(some) == _LINES:
            yield some
            some = []
    raise tools.ToolError("pg_restore ended too early.")


def count_rows(dump: Path) -> dict[str, int]:
    """Read a whole dump, and return the number of rows of each table."""
    with opened(dump, tools.find("pg_restore")) as parts:
        return {part.table: sum(map(len, part.lines)) for part in parts if isinstance(part, Rows)}


def last_change(dump: Path, restore: str) -> int:
    """Return the number of the last change in a dump."""
    table, column = RecipeCounter.__tablename__, RecipeCounter.value.key
    with opened(dump, restore, "--data-only", f"--table={table}") as parts:
        for part in parts:
            if isinstance(part, Rows):
                rows = [row for some in part.lines for row in some]
                values = [dict(zip(part.columns, row.split(b"\t"), strict=True)) for row in rows]
                return max((int(each[column]) for each in values), default=0)
    return 0
