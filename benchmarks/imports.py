"""Compare an import of recipes with writing the same rows and nothing else.

The import reads its file, parses, validates and indexes each recipe, and looks for duplicates. It
is compared with `sqlite3.executemany` of the finished rows of all tables, including the search
index, in transactions of the same size and with the same durability.
"""

import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from app.exchange.items import MAX_ITEMS
from benchmarks import figures
from benchmarks.comparison import Plan
from benchmarks.demo.recipes import demo_recipes
from benchmarks.load import RefusedError
from benchmarks.servers import ROOT

COUNT = 100_000
TABLES = {
    "recipe": "*",
    "tag": "*",
    "recipe_tag": "*",
    "search_word": "*",
    "search_language": "*",
    "recipe_search": "rowid, ordered, others",
}


class Imports:
    """A run in a folder."""

    FULL = (3, 0.0)
    QUICK = (1, 0.0)
    """Rounds, without a time limit."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self.seconds: dict[str, list[float]] = {"import": [], "raw": []}

    def run(self) -> list[figures.Result]:
        """Prepare, measure, and return one result."""
        file = self.folder / "recipes.ndjson"
        with file.open("w", encoding="utf-8") as lines:
            for document in demo_recipes(COUNT, 1):
                lines.write(json.dumps(document, ensure_ascii=False) + "\n")
        for number in range(self.plan.rounds):
            imported = self._database(f"imported-{number}")
            self.seconds["import"].append(self._import(file, imported))
            raw = self._database(f"raw-{number}")
            self.seconds["raw"].append(_write_raw(imported, raw))
        pairs = zip(self.seconds["raw"], self.seconds["import"], strict=True)
        return [figures.Result(figures.IMPORT, [raw / imported for raw, imported in pairs])]

    def rates(self) -> str:
        """Return the recipes per second."""
        rates = {name: COUNT / min(seconds) for name, seconds in self.seconds.items()}
        return "\n".join(f"{name}: {rate:,.0f} recipes a second" for name, rate in rates.items())

    def _database(self, name: str) -> Path:
        """Create a database with all tables and the first account, and without recipes."""
        folder = self.folder / name
        folder.mkdir()
        self._run(folder, sys.executable, "-m", "app.prestart")
        path = folder / "recipes.db"
        with closing(sqlite3.connect(path)) as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - The names of our tables.
            connection.commit()
        return path

    def _import(self, file: Path, database: Path) -> float:
        command = str(Path(sys.executable).with_name("recipes"))
        began = time.perf_counter()
        self._run(database.parent, command, "import", str(file))
        return time.perf_counter() - began

    def _run(self, folder: Path, *command: str) -> None:
        environment = {
            "DATA_DIR": str(folder),
            "ENVIRONMENT": "production",
            "JWT_SECRET": secrets.token_urlsafe(48),
        }
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            # This process stays on the core of the load generator.
            preexec_fn=lambda: os.sched_setaffinity(0, {self.plan.core}),
        )
        if done.returncode:
            raise RefusedError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _write_raw(source: Path, target: Path) -> float:
    """Copy the rows of one database to another, and return the seconds of writing."""
    with closing(sqlite3.connect(source)) as connection:
        rows: dict[str, list[Any]] = {
            table: connection.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608 - As above.
            for table, columns in TABLES.items()
        }
    if len(rows["recipe"]) != COUNT:
        raise RefusedError(f"{len(rows['recipe'])} of {COUNT} recipes were imported")
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        began = time.perf_counter()
        for table, columns in TABLES.items():
            names = f" ({columns})" if columns != "*" else ""
            marks = ", ".join("?" * len(rows[table][0]))
            sql = f"INSERT INTO {table}{names} VALUES ({marks})"  # noqa: S608 - As above.
            left = iter(rows[table])
            while some := list(islice(left, MAX_ITEMS)):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(sql, some)
                connection.execute("COMMIT")
        return time.perf_counter() - began
