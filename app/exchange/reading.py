"""Read recipes from a file or a text of any format. The content shows which format it is."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from app.core.errors import InvalidError
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.lenient_json import load_json

if TYPE_CHECKING:
    from app.exchange.files.archive import Archive

MAX_LINE_BYTES = 2**20
UNKNOWN = "This is of no format that is known here: no recipe was found in it."


def read_file(content: BinaryIO) -> Drafts:
    """Return the recipes of a file. Raises InvalidError if its format is unknown, or is hostile."""
    # Imported here, because most processes read no archive.
    from app.exchange.files.archive import GZIP, MAX_FILE_BYTES, Archive, gunzip, is_archive

    beginning = content.read(4)
    content.seek(0)
    if is_archive(beginning):
        return read_archive(Archive(content))
    if _has_lines_of_json(content):
        return (draft for line in lines_of(content) for draft in read_line(line))
    data = content.read(MAX_FILE_BYTES + 1)
    if beginning.startswith(GZIP):
        data = gunzip(data)
    if len(data) > MAX_FILE_BYTES:
        raise InvalidError(f"A file may hold {MAX_FILE_BYTES // 2**20} MiB, this one holds more.")
    return read_text(decoded(data))


def read_text(text: str) -> Drafts:
    """Return the recipes of a text, JSON or not. Raises InvalidError if its format is unknown."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return read_json(load_json(text))
        except ValueError:
            pass  # Lines of JSON, or a text that only begins like JSON.
    return _first_format("read_text", text)


def read_json(value: Any) -> Drafts:
    """Return the recipes of a JSON value. Raises InvalidError if its format is unknown."""
    return _first_format("read_json", value)


def read_archive(archive: "Archive") -> Drafts:
    """Return the recipes of a ZIP archive. Raises InvalidError if its format is unknown."""
    return _first_format("read_archive", archive)


def read_line(line: bytes | None) -> list[Draft | Unreadable]:
    """Return the recipes of one line of a stream; None is a line that is too long."""
    if line is None:
        return [Unreadable(None, f"A line must not exceed {MAX_LINE_BYTES // 2**20} MiB.")]
    try:
        return [*read_json(load_json(line))]
    except InvalidError as error:
        return [Unreadable(None, error.detail)]
    except ValueError:
        return [Unreadable(None, "The line is not JSON.")]


def lines_of(content: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines of a file that are not blank, and None for each that is too long."""
    while line := content.readline(MAX_LINE_BYTES + 1):
        is_too_long = len(line) > MAX_LINE_BYTES
        while is_too_long and line and not line.endswith(b"\n"):
            line = content.readline(MAX_LINE_BYTES)
        if is_too_long or line.strip():
            yield None if is_too_long else line


def decoded(data: bytes) -> str:
    """Decode UTF-8, or UTF-16 with a byte order mark, else Windows-1252."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _has_lines_of_json(content: BinaryIO) -> bool:
    """Return whether the first of several lines is a JSON object by itself."""
    first, second = content.readline(MAX_LINE_BYTES), content.readline(1)
    content.seek(0)
    try:
        return bool(second) and isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _first_format(reader_name: str, content: Any) -> Drafts:
    """Return the recipes of the first format that recognises the content."""
    # Imported here, because most processes import no recipe.
    from app.exchange.formats import FORMATS

    for module in FORMATS:
        reader: Callable[[Any], Drafts | None] | None = getattr(module, reader_name, None)
        drafts = reader(content) if reader else None
        if drafts is not None:
            return drafts
    raise InvalidError(UNKNOWN)
