"""Open ZIP archives that may be hostile.

Nothing is written to disk, and the names in an archive are only compared, so no name can do harm.
The size of what comes out is bounded in every way.
"""

import fnmatch
import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import chain, islice
from typing import Any, BinaryIO

from app.core.errors import InvalidError
from app.exchange.drafts import Drafts, Unreadable
from app.exchange.files.lenient_json import load_json

MAX_FILE_BYTES = 32 * 2**20
"""Decompressed size of one file."""
MAX_TOTAL_BYTES = 2**30
"""Bytes that may be read from an archive and the archives inside it."""
MAX_ENTRIES = 20_000
MAX_DIRECTORY_BYTES = 4 * 2**20
MAX_RATIO = 200
"""Decompressed over compressed size of a file that is larger than RATIO_FREE_BYTES."""
RATIO_FREE_BYTES = 2**20
MAX_NESTED = 2
"""Depth of archives inside archives, counting the outermost."""

GZIP = b"\x1f\x8b"
"""The first bytes of a gzip file."""

_FILE, _NO_FILE = b"PK\x03\x04", b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES, _LOCAL_BYTES, _MAX_EXTRA_BYTES = 46, 30, 1024
_SYSTEM_FILES = ("__MACOSX/*", "._*", "*/._*", ".DS_Store", "*/.DS_Store", "*/")
_IS_ENCRYPTED = 0x1
_MAX_PROBED = 10
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, OverflowError, RuntimeError, ValueError),
)


def is_archive(beginning: bytes) -> bool:
    """Return whether these are the first bytes of a ZIP archive."""
    return beginning.startswith((_FILE, _NO_FILE))


class Archive:
    """The files of a ZIP archive.

    Opening and reading raise InvalidError if the archive is damaged or hostile.
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
        self.opened: set[str] = set()
        """The names of the files that have been read."""

    @property
    def names(self) -> list[str]:
        """The names of its files in order, without those that operating systems add."""
        return list(self._entries)

    def named(self, pattern: str) -> list[str]:
        """Return the names that match a lower-case pattern, in which `*` matches `/`, too."""
        return [name for name in self._entries if fnmatch.fnmatchcase(name.lower(), pattern)]

    def called(self, file_name: str) -> list[str]:
        """Return the names of the files with this lower-case name, in any folder."""
        return [name for name in self._entries if name.lower().rpartition("/")[2] == file_name]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; the last one counts if several have its name."""
        self.opened.add(name)
        entry = self._entries[name]
        limit = self._limit(entry.compress_size)
        try:
            with self._zip.open(entry) as file:
                return self._counted(file.read(limit + 1), limit)
        except _BROKEN:
            raise InvalidError("A file of the archive is damaged.") from None

    def unzipped(self, name: str) -> bytes:
        """Return the bytes of a file, decompressed once more if they are gzip."""
        data = self.read(name)
        if not data.startswith(GZIP):
            return data
        limit = self._limit(len(data))
        return self._counted(gunzip(data, limit + 1), limit)

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file of any size; only each line is bounded."""
        self.opened.add(name)
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
        """Return the text of a file."""
        return self.read(name).decode("utf-8-sig", "replace")

    def json(self, name: str) -> Any:
        """Return the value of a JSON file, which may be gzip; ValueError if it is not JSON."""
        return load_json(self.unzipped(name))

    def nested(self, name: str) -> "Archive":
        """Open an archive inside this one."""
        return Archive(BytesIO(self.read(name)), within=self)

    def values(self, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Yield the names and values of JSON files, with an Unreadable for each that fails."""
        for name in names:
            try:
                yield name, self.json(name)
            except InvalidError as error:
                yield name, Unreadable(name, error.detail)
            except ValueError:
                yield name, Unreadable(name, "The file is not JSON.")

    def any_is(self, is_known: Callable[[Any], bool], names: Iterable[str]) -> bool:
        """Return whether one of the first of these JSON files is of a format."""
        return any(is_known(value) for _, value in self.values(islice(names, _MAX_PROBED)))

    def drafts(self, pattern: str, read_text: Callable[[str], Drafts | None]) -> Drafts | None:
        """Return the recipes of all texts whose names match; None if no text is of the format."""
        found = (read_text(self.text(name)) for name in self.named(pattern))
        known = (drafts for drafts in found if drafts is not None)
        first = next(known, None)
        return None if first is None else chain(first, chain.from_iterable(known))

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        """Return the entries of files by name, after checking all entries."""
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
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in _SYSTEM_FILES):
                continue
            if entry.flag_bits & _IS_ENCRYPTED:
                raise InvalidError("The archive is encrypted.")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise InvalidError("The archive uses a compression that is not supported.")
            entries[name] = entry
        return entries

    def _limit(self, compressed: int) -> int:
        """Return how many bytes may be read from a file of this compressed size."""
        by_ratio = max(RATIO_FREE_BYTES, MAX_RATIO * compressed)
        return min(MAX_FILE_BYTES, by_ratio, self._allowance.left)

    def _counted(self, data: bytes, limit: int) -> bytes:
        self._allowance.left = max(0, self._allowance.left - len(data))
        if len(data) > limit:
            raise InvalidError("The archive holds more than may come out of it.")
        return data


def gunzip(data: bytes, limit: int = MAX_FILE_BYTES + 1) -> bytes:
    """Decompress at most `limit` bytes. Raises InvalidError if the data is damaged."""
    content = BytesIO()
    try:
        with gzip.open(BytesIO(data)) as file:
            # Since Python 3.12 a single large read takes twice the memory of its result.
            while chunk := file.read(min(2**20, limit - content.tell())):
                content.write(chunk)
    except _BROKEN:
        raise InvalidError("The compressed file is damaged.") from None
    return content.getvalue()


class _Allowance:
    """The bytes that may still be read from an archive and the archives inside it."""

    left = MAX_TOTAL_BYTES


class _CarefulFile:
    """A file that checks the directory of an archive before zipfile parses it.

    Looking for the directory ourselves would mean guessing where zipfile finds it.
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
        if extra > _MAX_EXTRA_BYTES:  # zipfile takes quadratic time for extra fields.
            raise InvalidError("The archive is damaged.")
        position += _ENTRY_BYTES + name + extra + comment
