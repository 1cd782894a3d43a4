"""ZIP archives of other people: hostile until proven otherwise.

Nothing is ever written to a disk, and the names in an archive are only compared, so that they can
say what they like. What can hurt is the size of what comes out, which is bounded in every way.
"""

import fnmatch
import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

from app.core.errors import InvalidError
from app.exchange.drafts import Unreadable
from app.exchange.files.lenient_json import load_json

MAX_FILE_BYTES = 32 * 2**20
"""So large one file of an archive may be, decompressed."""
MAX_TOTAL_BYTES = 2**30
"""So much may come out of an archive and those within it, counting what is read of them."""
MAX_ENTRIES = 20_000
MAX_DIRECTORY_BYTES = 4 * 2**20
MAX_RATIO = 200
"""So many times its compressed size a file may have, if it has more than `RATIO_FREE_BYTES`."""
RATIO_FREE_BYTES = 2**20
MAX_NESTED = 2
"""So many archives may lie within each other, counting the outermost."""

_FILE, _NO_FILE, _GZIP = b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"
_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES, _LOCAL_BYTES, _MAX_EXTRA_BYTES = 46, 30, 1024
_LEFT_OUT = ("__MACOSX/*", "._*", "*/._*", ".DS_Store", "*/.DS_Store", "*/")
_IS_ENCRYPTED = 0x1
_LOOKED_AT = 10
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, OverflowError, RuntimeError, ValueError),
)


def is_archive(beginning: bytes) -> bool:
    """Whether a file that begins so is a ZIP archive."""
    return beginning.startswith((_FILE, _NO_FILE))


class Archive:
    """The files of a ZIP archive.

    This and all that is read of it raises InvalidError where the archive is broken or hostile.
    """

    def __init__(self, file: BinaryIO, *, within: "Archive | None" = None) -> None:
        self._depth: int = within._depth + 1 if within else 1
        self._allowance: _Allowance = within._allowance if within else _Allowance()
        if self._depth > MAX_NESTED:
            raise InvalidError("The archive holds archives within archives.")
        careful = _CarefulFile(file)
        try:
            self._zip = zipfile.ZipFile(careful)
        except _BROKEN:
            raise InvalidError("The archive is damaged.") from None
        careful.is_open = True
        self._entries = self._checked()

    @property
    def names(self) -> list[str]:
        """The names of its files in the order of its directory, without what systems leave."""
        return list(self._entries)

    def named(self, pattern: str) -> list[str]:
        """The names that are like a pattern, such as `*.json`: `*` is anything, also with `/`."""
        return [name for name in self._entries if fnmatch.fnmatchcase(name.lower(), pattern)]

    def read(self, name: str) -> bytes:
        """The bytes of a file, of which the last of several with one name is meant."""
        entry = self._entries[name]
        limit = self._limit(entry.compress_size)
        try:
            with self._zip.open(entry) as file:
                return self._counted(file.read(limit + 1), limit)
        except _BROKEN:
            raise InvalidError("A file of the archive is damaged.") from None

    def unzipped(self, name: str) -> bytes:
        """The bytes of a file, which may be compressed (gzip) once more."""
        data = self.read(name)
        if not data.startswith(_GZIP):
            return data
        limit = self._limit(len(data))
        return self._counted(gunzip(data, limit + 1), limit)

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, which may be larger than others: each of them is bounded."""
        entry = self._entries[name]
        left = max(RATIO_FREE_BYTES, MAX_RATIO * entry.compress_size)
        try:
            with self._zip.open(entry) as file:
                while line := file.readline(MAX_FILE_BYTES + 1):
                    limit = min(MAX_FILE_BYTES, left, self._allowance.left)
                    left -= len(line)
                    yield self._counted(line, limit)
        except _BROKEN:
            raise InvalidError("A file of the archive is damaged.") from None

    def text(self, name: str) -> str:
        """The text of a file."""
        return self.read(name).decode("utf-8-sig", "replace")

    def json(self, name: str) -> Any:
        """The value of a JSON file, which may be compressed once more; ValueError if it is none."""
        return load_json(self.unzipped(name))

    def nested(self, name: str) -> "Archive":
        """An archive within this one."""
        return Archive(BytesIO(self.read(name)), within=self)

    def values(self, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """JSON files with their values; in the place of one that cannot be read, why."""
        for name in names:
            try:
                yield name, self.json(name)
            except InvalidError as error:
                yield name, Unreadable(name, error.detail)
            except ValueError:
                yield name, Unreadable(name, "It is no JSON.")

    def any_is(self, is_known: Callable[[Any], bool], names: Iterable[str]) -> bool:
        """Whether one of the first of these JSON files is of a format."""
        return any(is_known(value) for _, value in self.values(islice(names, _LOOKED_AT)))

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        """The entries that are files, by their names."""
        end = 0
        for entry in sorted(self._zip.infolist(), key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise InvalidError("The archive is damaged: its files overlap.")
            end = entry.header_offset + _LOCAL_BYTES + entry.compress_size
        if end > self._zip.start_dir:
            raise InvalidError("The archive is damaged: its files overlap.")
        entries = {}
        for entry in self._zip.infolist():
            name = entry.filename.replace("\\", "/")
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in _LEFT_OUT):
                continue
            if entry.flag_bits & _IS_ENCRYPTED:
                raise InvalidError("The archive is encrypted.")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise InvalidError("The archive is compressed in a way that is not known here.")
            entries[name] = entry
        return entries

    def _limit(self, compressed: int) -> int:
        """How many bytes may come out of so many, whatever the archive says of them."""
        by_ratio = max(RATIO_FREE_BYTES, MAX_RATIO * compressed)
        return min(MAX_FILE_BYTES, by_ratio, self._allowance.left)

    def _counted(self, data: bytes, limit: int) -> bytes:
        self._allowance.left = max(0, self._allowance.left - len(data))
        if len(data) > limit:
            raise InvalidError("The archive holds more than may come out of it.")
        return data


def gunzip(data: bytes, limit: int = MAX_FILE_BYTES + 1) -> bytes:
    """What is compressed in `data`, of which at most so many bytes. Raises InvalidError."""
    try:
        with gzip.open(BytesIO(data)) as file:
            return file.read(limit)
    except _BROKEN:
        raise InvalidError("The compressed file is damaged.") from None


class _Allowance:
    """What may still come out of an archive and those within it."""

    left = MAX_TOTAL_BYTES


class _CarefulFile:
    """A file of which zipfile gets the directory of the archive only if it is worth to be parsed.

    To look for it before would be to guess where zipfile finds it.
    """

    is_open = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if self.is_open:
            return self._file.read(size)
        if size > MAX_DIRECTORY_BYTES:
            raise InvalidError("The archive holds too many files.")
        data = self._file.read(size)
        if data.startswith(_ENTRY):
            _check_directory(data)
        return data


def _check_directory(data: bytes) -> None:
    count = position = 0
    while position + _ENTRY_BYTES <= len(data):
        name, extra, comment = struct.unpack_from("<HHH", data, position + 28)
        count += 1
        if count > MAX_ENTRIES:
            raise InvalidError("The archive holds too many files.")
        if extra > _MAX_EXTRA_BYTES:  # For which zipfile needs time that grows with its square.
            raise InvalidError("The archive is damaged.")
        position += _ENTRY_BYTES + name + extra + comment
