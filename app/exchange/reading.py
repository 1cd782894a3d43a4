"""Read recipes from a file or a text of any format. The content shows which format it is."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from app.core.errors import InvalidError
from app.exchange.drafts import UNTITLED, Draft, Drafts, Unreadable
from app.exchange.files.lenient_json import load_json

if TYPE_CHECKING:
    from app.exchange.files.archive import Archive

MAX_LINE_BYTES = 2**20
_MAX_PROBED = 1000
"""Files of an archive that are read before any of them has to have a recipe."""
_NO_TEXTS = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic", ".bmp", ".svg", ".ico"),
    *(".css", ".js", ".woff", ".woff2", ".ttf", ".mp4", ".mov"),
)
"""Pictures are not imported, and the rest belongs to saved pages."""
_MARKDOWN = (".md", ".markdown")
_TEXTS = (*_MARKDOWN, ".txt")
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
    """Return the recipes of a ZIP archive: of a format of archives, and of every other file.

    Raises InvalidError if it holds no recipe.
    """
    # Imported here, because most processes import no recipe.
    from app.exchange.formats import FORMATS

    for module in FORMATS:
        archive.opened.clear()
        reader: Callable[[Any], Drafts | None] | None = getattr(module, "read_archive", None)
        drafts = reader(archive) if reader else None
        if drafts is not None:
            reads_all = getattr(module, "READS_ALL", False)
            return drafts if reads_all else _with_others(archive, drafts)
    archive.opened.clear()
    drafts = _unopened(archive)
    first: list[Draft | Unreadable] = []
    for draft in islice(drafts, _MAX_PROBED):
        first.append(draft)
        if isinstance(draft, Draft):
            break
    if len(first) < _MAX_PROBED and not any(isinstance(each, Draft) for each in first):
        reasons = {each.reason for each in first if isinstance(each, Unreadable)} - {UNKNOWN}
        raise InvalidError(reasons.pop() if len(reasons) == 1 else UNKNOWN)
    return chain(first, drafts)


def _with_others(archive: "Archive", drafts: Drafts) -> Drafts:
    """Yield the recipes of one format, then those of the files that it could not read."""
    from app.exchange.formats.members import NO_RECIPE

    others: list[str] = []
    for draft in drafts:
        if (
            isinstance(draft, Unreadable)
            and draft.reason == NO_RECIPE
            and draft.name in archive.opened
        ):
            others.append(draft.name)
        else:
            yield draft
    archive.opened.difference_update(others)
    yield from _unopened(archive)


def _unopened(archive: "Archive") -> Drafts:
    """Read each file that no format has opened, by itself; report each without a recipe."""
    for name in archive.names:
        if name in archive.opened or name.lower().endswith(_NO_TEXTS):
            continue
        try:
            yield from _file_of(archive, name)
        except InvalidError as error:
            yield Unreadable(name, error.detail)


def _file_of(archive: "Archive", name: str) -> Drafts:
    """Read one file of an archive, whose name is the title of a recipe without one."""
    from app.exchange.files.archive import is_archive

    data = archive.unzipped(name)
    if is_archive(data):
        yield from read_archive(archive.nested(name))
        return
    title = name.rpartition("/")[2].rpartition(".")[0] or name
    text = decoded(data)
    try:
        drafts = read_text(text)
    except InvalidError as error:
        if error.detail != UNKNOWN or not name.lower().endswith(_TEXTS):
            raise
        mark = "# " if name.lower().endswith(_MARKDOWN) else ""
        drafts = read_text(f"{mark}{title}\n\n{text}")
    for draft in drafts:
        if isinstance(draft, Draft) and draft.document.get("label") in (None, "", UNTITLED):
            draft = draft._replace(document={**draft.document, "label": title})
        yield draft


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
