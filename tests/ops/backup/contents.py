"""The content of a database, to compare it, and backups that are forged."""

import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from tests.databases import connected, table_names

Everything = dict[str, list[str]]

CARRIED_OVER = {
    "recipe_counter",
    "recipe_tombstone",
    "search_word",
    "search_language",
    "search_state",
}
"""Columns and tables in which a restored database differs from the backup."""


def everything(database_url: str) -> Everything:
    """Return the rows of all tables, except those of SQLite's search index."""
    names = {name for name in table_names(database_url) if not name.startswith("recipe_search_")}
    with connected(database_url) as connection:
        quoted = connection.dialect.identifier_preparer.quote
        found = {
            name: connection.exec_driver_sql(f"SELECT * FROM {quoted(name)}").mappings()  # noqa: S608 - Quoted.
            for name in names
        }
        return {name: sorted(repr(dict(row)) for row in rows) for name, rows in found.items()}


def data(database_url: str) -> Everything:
    """Return the same, without what a restore carries over."""
    return {
        name: [re.sub(r"'change_number': \d+", "", row) for row in rows]
        for name, rows in everything(database_url).items()
        if name not in CARRIED_OVER
    }


def manifest_of(backup: Path) -> dict[str, Any]:
    with zipfile.ZipFile(backup) as archive:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        return manifest


def member_of(backup: Path) -> tuple[str, bytes]:
    """Return the name and the bytes of the database in a backup."""
    with zipfile.ZipFile(backup) as archive:
        (name,) = set(archive.namelist()) - {"manifest.json"}
        return name, archive.read(name)


def forge(path: Path, backup: Path, changes: dict[str, Any], content: bytes | None = None) -> Path:
    """Write a changed copy of a backup, with a valid digest."""
    name, original = member_of(backup)
    body = original if content is None else content
    measured = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    manifest = manifest_of(backup) | measured | changes
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.comment = b"0" * 71
    return seal(path)


def seal(path: Path) -> Path:
    """Write the digest at the end of a backup."""
    before = path.read_bytes()[:-71]
    path.write_bytes(before + b"sha256:" + hashlib.sha256(before).hexdigest().encode())
    return path
