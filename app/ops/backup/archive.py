"""The file format of a backup: a ZIP of the database and a manifest.

The comment of the ZIP is a digest of all bytes before it, so any changed bit is noticed.
"""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version as version_of
from pathlib import Path
from shutil import disk_usage
from typing import IO, Any, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt

from app.core.errors import InvalidError

FORMAT: Literal[1] = 1
MANIFEST = "manifest.json"
MEMBERS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
_COMPRESSION = {"sqlite": zipfile.ZIP_DEFLATED, "postgresql": zipfile.ZIP_STORED}
"""The output of pg_dump is already compressed."""
NO_TABLES = "The database has no tables yet, so there is nothing to back up."
_MAX_MANIFEST = 1 << 20
_BLOCK = 1 << 20
_MARK = b"sha256:"
_COMMENT = len(_MARK) + 64

Kind = Literal["sqlite", "postgresql"]
Progress = Callable[[str, int, int], None]
"""A callback for progress: the step, how much is done, and the total."""


class Contents(NamedTuple):
    """The content of a database, as far as a manifest lists it."""

    revision: str | None
    tables: dict[str, int]
    """The number of rows of each."""
    sequences: dict[str, int]
    """The last value of each."""


class Manifest(BaseModel):
    """The description of a backup, stored in it as JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1]
    kind: Kind
    revision: str | None
    version: str
    """The version of the application that wrote it."""
    created_at: AwareDatetime
    tables: dict[str, NonNegativeInt]
    sequences: dict[str, int]
    sha256: str
    """The digest of the database file in the archive."""
    bytes: NonNegativeInt

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(self.tables.values())


def write(
    path: Path,
    kind: Kind,
    content: IO[bytes],
    contents: Contents,
    created_at: datetime,
    progress: Progress,
    total: int = 0,
) -> Manifest:
    """Write a backup of `content`. `progress` gets the number of bytes written, of `total`."""
    digest, size = hashlib.sha256(), 0
    member = _member(MEMBERS[kind], created_at, _COMPRESSION[kind])
    with path.open("xb") as file, zipfile.ZipFile(file, "w") as archive:
        with archive.open(member, "w", force_zip64=True) as output:
            for block in _blocks(content):
                output.write(block)
                digest.update(block)
                size += len(block)
                progress("Writing", size, total)
        manifest = Manifest(
            format=FORMAT,
            kind=kind,
            version=version_of("recipe-api"),
            created_at=created_at,
            sha256=digest.hexdigest(),
            bytes=size,
            **contents._asdict(),
        )
        text = manifest.model_dump_json(indent=1).encode()
        archive.writestr(_member(MANIFEST, created_at, zipfile.ZIP_STORED), text)
        archive.comment = _MARK.ljust(_COMMENT, b"0")
    _seal(path)
    return manifest


def _member(name: str, created_at: datetime, compression: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, created_at.timetuple()[:6])
    member.compress_type = compression
    member.external_attr = 0o600 << 16
    return member


def _blocks(file: Any) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _seal(path: Path) -> None:
    with path.open("r+b") as file:
        seal = _digest(file)
        file.seek(-_COMMENT, 2)
        file.write(seal)


def _digest(file: IO[bytes]) -> bytes:
    left = file.seek(0, 2) - _COMMENT
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (block := file.read(min(left, _BLOCK))):
        digest.update(block)
        left -= len(block)
    return _MARK + digest.hexdigest().encode()


def read_manifest(path: Path) -> Manifest:
    """Return the manifest of a backup. Raise InvalidError if the file has changed since."""
    with _damage_errors(path), path.open("rb") as file:
        if file.seek(0, 2) < _COMMENT:
            raise zipfile.BadZipFile
        file.seek(-_COMMENT, 2)
        if file.read() != _digest(file):
            raise zipfile.BadZipFile
        with zipfile.ZipFile(file) as archive:
            return _manifest_of(archive, path)


def is_sealed(path: Path) -> bool:
    """Return whether a file ends like a complete backup. Earlier damage is not noticed."""
    try:
        with zipfile.ZipFile(path) as archive:
            sealed = archive.comment.startswith(_MARK) and len(archive.comment) == _COMMENT
            return sealed and MANIFEST in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _manifest_of(archive: zipfile.ZipFile, path: Path) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > _MAX_MANIFEST:
        raise zipfile.BadZipFile
    values = json.loads(archive.read(MANIFEST))
    if (
        isinstance(values, dict)
        and isinstance(values.get("format"), int)
        and values["format"] > FORMAT
    ):
        raise InvalidError(
            f"{path} has format {values['format']} of a newer version; this version reads {FORMAT}."
        )
    manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    member = archive.getinfo(MEMBERS[manifest.kind])
    if len(archive.infolist()) != 2 or member.file_size != manifest.bytes:
        raise zipfile.BadZipFile
    return manifest


def extract(path: Path, manifest: Manifest, target: Path, progress: Progress) -> None:
    """Write the database of a backup to the new file `target`."""
    free = disk_usage(target.parent).free
    if free < manifest.bytes:
        raise InvalidError(
            f"{path} needs {manifest.bytes:,} bytes, but only {free:,} are free on the disk of"
            f" {target.parent.parent}."
        )
    digest, size = hashlib.sha256(), 0
    with _damage_errors(path), zipfile.ZipFile(path) as archive, target.open("xb") as output:
        # Stop reading if the member is larger than the manifest says.
        with archive.open(MEMBERS[manifest.kind]) as member:
            for block in _blocks(member):
                size += len(block)
                if size > manifest.bytes:
                    break
                digest.update(block)
                output.write(block)
                progress("Reading", size, manifest.bytes)
        if (size, digest.hexdigest()) != (manifest.bytes, manifest.sha256):
            raise zipfile.BadZipFile


@contextmanager
def _damage_errors(path: Path) -> Iterator[None]:
    # The standard library raises all of these for a damaged ZIP.
    damage = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, ValueError)
    try:
        yield
    except (*damage, NotImplementedError, RuntimeError, OverflowError):
        raise InvalidError(f"{path} is not a backup of this application, or is damaged.") from None
