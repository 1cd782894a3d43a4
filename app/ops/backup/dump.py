"""What pg_restore makes of a dump: statements, and the rows of tables."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from app.models.recipe_change import RecipeCounter
from app.ops.backup import tools

_LINES = 1_000
# pg_dump quotes a name where it has to, after that of the schema.
_HEADER = re.compile(
    rb'COPY (?:"(?:[^"]|"")+"|\w+)\.(?:"((?:[^"]|"")+)"|(\w+)) \((.*)\) FROM stdin;'
)


class Rows(NamedTuple):
    """The rows of a table; they are read before the next part is."""

    copy: bytes
    """The statement that takes them."""
    table: str
    columns: Sequence[str]
    lines: Iterator[Sequence[bytes]]
    """Some at a time."""


@contextmanager
def opened(dump: Path, restore: str, *options: str) -> Iterator[Iterator[bytes | Rows]]:
    """The parts of a dump in their order. Raises ToolError where it cannot be read to its end."""
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
        # A backslash begins a command of psql, of which the database knows nothing.
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
    """How many rows of each table a dump has, which is read to its end."""
    with opened(dump, tools.find("pg_restore")) as parts:
        return {part.table: sum(map(len, part.lines)) for part in parts if isinstance(part, Rows)}


def last_change(dump: Path, restore: str) -> int:
    """The number of the last change that a dump knows of."""
    table, column = RecipeCounter.__tablename__, RecipeCounter.value.key
    with opened(dump, restore, "--data-only", f"--table={table}") as parts:
        for part in parts:
            if isinstance(part, Rows):
                rows = [row for some in part.lines for row in some]
                values = [dict(zip(part.columns, row.split(b"\t"), strict=True)) for row in rows]
                return max((int(each[column]) for each in values), default=0)
    return 0
