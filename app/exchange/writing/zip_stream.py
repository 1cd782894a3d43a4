"""ZIP archives that are written while they are sent (PKWARE's APPNOTE.TXT 6.3.10).

They contain no times and nothing of the machine: equal files give equal bytes.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Self

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_FIRST_DATE = 1 << 5 | 1
_CHUNK = 64 * 1024
_DEFLATED, _UNIX = 8, 3 << 8
_VERSION, _VERSION_OF_ZIP64 = 20, 45
_MAX_16, _MAX_32 = 2**16 - 1, 2**32 - 1


class _Sink:
    """A write-only file whose content can be taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class LargeFileZip:
    """An archive of a small file, and a large file whose content comes in parts."""

    def __init__(self, small: str, content: bytes, large: str) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w")
        self._zip.writestr(_info(small), content)
        # Its size is not known yet, so write it as if it were larger than 4 GiB.
        self._large = self._zip.open(_info(large), "w", force_zip64=True)

    def write(self, data: bytes) -> bytes:
        """Add to the large file; return the bytes to send."""
        self._large.write(data)
        return self._sink.take()

    def close(self) -> bytes:
        """End the archive; return its last bytes."""
        self._large.close()
        self._zip.close()
        return self._sink.take()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _FIRST_DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


class ManyFilesZip:
    """An archive of any number of small files.

    Its directory is collected on disk. In memory, where zipfile keeps it, it would take half a
    gigabyte for a million files.
    """

    def __init__(self) -> None:
        self._directory = TemporaryFile()  # noqa: SIM115 - It lives as long as the archive.
        self._count = self._length = 0

    def add(self, name: str, content: bytes) -> bytes:
        """Add a file with an ASCII name; return the bytes to send."""
        packed = zlib.compress(content, wbits=-zlib.MAX_WBITS)
        path = name.encode("ascii")
        header = struct.pack(
            "<4HHLLLH",
            *(_VERSION, 0, _DEFLATED, 0),
            *(_FIRST_DATE, zlib.crc32(content), len(packed), len(content), len(path)),
        )
        extra = struct.pack("<HHQ", 1, 8, self._length) if self._length >= _MAX_32 else b""
        place = struct.pack("<HHHHLL", len(extra), 0, 0, 0, 0, min(self._length, _MAX_32))
        made_by = struct.pack("<H", _UNIX | _VERSION)
        self._directory.write(b"PK\1\2" + made_by + header + place + path + extra)
        entry = b"PK\3\4" + header + b"\0\0" + path + packed
        self._count += 1
        self._length += len(entry)
        return entry

    def finish(self) -> Iterator[bytes]:
        """Yield the directory, which ends the archive."""
        count, begin, size = self._count, self._length, self._directory.tell()
        self._directory.seek(0)
        while chunk := self._directory.read(_CHUNK):
            yield chunk
        if count >= _MAX_16 or begin >= _MAX_32:
            version = _VERSION_OF_ZIP64
            numbers = (44, version, version, 0, 0, count, count, size, begin)
            yield struct.pack("<4sQHHLLQQQQ", b"PK\6\6", *numbers)
            yield struct.pack("<4sLQL", b"PK\6\7", 0, begin + size, 1)
        counts = (min(count, _MAX_16),) * 2
        places = min(size, _MAX_32), min(begin, _MAX_32)
        yield struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, *counts, *places, 0)

    def close(self) -> None:
        """Delete the collected directory."""
        self._directory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
