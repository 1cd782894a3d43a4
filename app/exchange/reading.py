"""Read a file or a text of any format: its content shows which one it is."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from app.core.errors import InvalidError
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.lenient_json import load_json

if TYPE_CHECKING:
    from app.exchange.files.archive import Archive

MAX_LINE_BYTES = 2**20
UNKNOWN = "This is of no format that is known here: no recipe was found in it."
_GZIP = b"\x1f\x8b"


def read(content: BinaryIO) -> Drafts:
    """The recipes of a file. Raises InvalidError where its format is not known, or is hostile."""
    # Imported here, since most processes read no archive.
    from app.exchange.files.archive import MAX_FILE_BYTES, Archive, is_archive

    beginning = content.read(4)
    content.seek(0)
    if is_archive(beginning):
        return read_archive(Archive(content))
    if _is_of_lines(content):
        return (draft for line in lines_of(content) for draft in read_line(line))
    data = content.read(MAX_FILE_BYTES + 1)
    if beginning.startswith(_GZIP):
        data = _unzipped(data, MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise InvalidError(f"A file may hold {MAX_FILE_BYTES // 2**20} MiB, this one holds more.")
    return read_bytes(data)


def read_bytes(data: bytes) -> Drafts:
    """The recipes of a file that is no archive."""
    return read_string(decoded(data))


def read_string(text: str) -> Drafts:
    """The recipes of a text, which may be JSON. Raises InvalidError where its format is unknown."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return read_json(load_json(text))
        except ValueError:
            pass  # Several values in lines, or a text that only begins so.
    return read_text(text)


def _is_of_lines(content: BinaryIO) -> bool:
    """Whether the first of several lines is a JSON object by itself."""
    first, second = content.readline(MAX_LINE_BYTES), content.readline(1)
    content.seek(0)
    try:
        return bool(second) and isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def lines_of(content: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a file that are not blank; None for one that is too long."""
    while line := content.readline(MAX_LINE_BYTES + 1):
        is_too_long = len(line) > MAX_LINE_BYTES
        while is_too_long and line and not line.endswith(b"\n"):
            line = content.readline(MAX_LINE_BYTES)
        if is_too_long or line.strip():
            yield None if is_too_long else line


def read_line(line: bytes | None) -> list[Draft | Unreadable]:
    """The recipes of one line of a stream; None is one that is too long."""
    if line is None:
        return [Unreadable(None, f"A line must not exceed {MAX_LINE_BYTES // 2**20} MiB.")]
    try:
        return [*read_json(load_json(line))]
    except InvalidError as error:
        return [Unreadable(None, error.detail)]
    except ValueError:
        return [Unreadable(None, "The line is no JSON.")]


def read_json(value: Any) -> Drafts:
    """The recipes of a JSON value. Raises InvalidError where its format is not known."""
    return _first("read_json", value)


def read_archive(archive: "Archive") -> Drafts:
    """The recipes of a ZIP archive. Raises InvalidError where its format is not known."""
    return _first("read_archive", archive)


def read_text(text: str) -> Drafts:
    """The recipes of a text. Raises InvalidError where its format is not known."""
    return _first("read_text", text)


def _first(name: str, content: Any) -> Drafts:
    # Imported here, since most processes import no recipe.
    from app.exchange.formats import FORMATS

    for module in FORMATS:
        reader: Callable[[Any], Drafts | None] | None = getattr(module, name, None)
        drafts = reader(content) if reader else None
        if drafts is not None:
            return drafts
    raise InvalidError(UNKNOWN)


def _unzipped(data: bytes, limit: int) -> bytes:
    try:
        with gzip.open(BytesIO(data)) as file:
            return file.read(limit)
    except (OSError, EOFError, zlib.error):
        raise InvalidError("The compressed file is damaged.") from None


def decoded(data: bytes) -> str:
    """Text in UTF-8 or UTF-16 as its first bytes say, else as old programs of Windows wrote it."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")
