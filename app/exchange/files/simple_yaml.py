"""The part of YAML that people write recipes in, read in linear time.

Mappings, lists, block texts, flow lists and quoted scalars are read; every scalar is a text. There
are no anchors, tags or types, so nothing can refer to anything.
"""

import re
import tomllib
from typing import Any

MAX_FRONT_MATTER = 64 * 1024
MAX_LINES = 50_000
UNREAD = "unread"
"""The member of a mapping that has the lines that are not YAML."""
_MAX_DEPTH = 20
_FRONT = re.compile(r"---[ \t]*\n(.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML_FRONT = re.compile(r"\+\+\+[ \t]*\n(.*?)(?<=\n)\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"\A(?:\"([^\"\n]{1,100})\"|([^\s:#'\"\[{-][^:\n]{0,100}))\s*:(?:\s+(.*)|)")
# "- Tip: stir" is a text that has a colon.
_ITEM_KEY = re.compile(r"\A[a-z][a-zA-Z_]{0,30}:(?:\s|\Z)")
_BLOCK = re.compile(r"\A[|>][+-]?\d?[+-]?(?:\s+#.*)?")
_FLOW_ITEM = re.compile(r"\"((?:[^\"\\]|\\.)*+)\"|'([^']*+)'|([^,\"'\s][^,]*+)")
_COMMENT = re.compile(r"\s#\s.*")


def split_front_matter(text: str) -> tuple[dict[str, Any], str] | None:
    """Return the front matter of a text in YAML or TOML, and the text below; None without one."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n ")
    if found := _FRONT.match(text[:MAX_FRONT_MATTER]):
        value = load_yaml(found[1])
        return (value if isinstance(value, dict) else {UNREAD: value}), text[found.end() :]
    if found := _TOML_FRONT.match(text[:MAX_FRONT_MATTER]):
        try:
            return tomllib.loads(found[1]), text[found.end() :]
        except (ValueError, RecursionError):
            return {UNREAD: found[1]}, text[found.end() :]
    return None


def load_yaml(text: str) -> Any:
    """Return the mapping, list or text of a document. Raises ValueError if it is too long."""
    lines = text.replace("\r\n", "\n").expandtabs(2).split("\n")
    if len(lines) > MAX_LINES:
        raise ValueError("too many lines")
    reader = _Reader(lines)
    value = reader.value(0)
    rest = [line.strip() for line in reader.rest() if line.strip()]
    if not rest:
        return value
    if isinstance(value, dict):
        return value | {UNREAD: [*value.get(UNREAD, []), *rest]}
    return [*value, {UNREAD: rest}]


class _Reader:
    """The lines of a document, and the next one to be read."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._next = 0

    def value(self, depth: int) -> Any:
        """Return the value that begins at the next line."""
        line = self._peek()
        if line is None:
            return ""
        indent = _indent(line)
        if _is_item(line.strip()):
            return self._list(indent, depth)
        return self._mapping(indent, depth)

    def rest(self) -> list[str]:
        """Return the lines that have not been read."""
        return self._lines[self._next :]

    def _peek(self) -> str | None:
        """Return the next line with content."""
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if line.strip() and not line.lstrip().startswith("#"):
                return line
            self._next += 1
        return None

    def _mapping(self, indent: int, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (line := self._peek()) is not None and _indent(line) >= indent:
            self._next += 1
            key = _KEY.fullmatch(line.strip()) if _indent(line) == indent else None
            if key is None:
                found.setdefault(UNREAD, []).append(line.strip())
                continue
            name = (key[1] or key[2]).strip()
            value = self._member((key[3] or "").strip(), indent, depth)
            if name in found:
                found.setdefault(UNREAD, []).append(line.strip())
            else:
                found[name] = value
        return found

    def _list(self, indent: int, depth: int) -> list[Any]:
        found: list[Any] = []
        while (line := self._peek()) is not None and _indent(line) == indent:
            item = line.strip()
            if not _is_item(item):
                break
            rest = item[1:].strip()
            if depth < _MAX_DEPTH and _ITEM_KEY.match(rest):
                # The item is a mapping, which begins after its hyphen.
                inner = indent + len(item) - len(rest)
                self._lines[self._next] = " " * inner + rest
                found.append(self._mapping(inner, depth + 1))
            else:
                self._next += 1
                found.append(self._member(rest, indent, depth))
        return found

    def _member(self, written: str, indent: int, depth: int) -> Any:
        """Return the value of a key or item, of which the rest of its line is `written`."""
        if _BLOCK.fullmatch(written):
            return self._block(indent, is_folded=written[0] == ">")
        following = self._peek()
        is_inner = following is not None and (
            _indent(following) > indent
            or (not written and _indent(following) == indent and _is_item(following.strip()))
        )
        if not written and is_inner and depth < _MAX_DEPTH:
            first = (following or "").strip()
            if _is_item(first) or _KEY.fullmatch(first):
                return self.value(depth + 1)
        parts = [written]
        is_open = written.startswith("[") and not written.endswith("]")
        while (line := self._peek()) is not None and (is_open or _indent(line) > indent):
            self._next += 1
            parts.append(line.strip())
            is_open = is_open and not line.rstrip().endswith("]")
        return _scalar("\n".join(filter(None, parts)))

    def _block(self, indent: int, *, is_folded: bool) -> str:
        lines: list[str] = []
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if line.strip() and _indent(line) <= indent:
                break
            lines.append(line.strip())
            self._next += 1
        text = "\n".join(lines).strip()
        if not is_folded:
            return text
        return "\n\n".join(" ".join(each.split("\n")) for each in text.split("\n\n"))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_item(text: str) -> bool:
    return text == "-" or text.startswith("- ")


def _scalar(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        items = _FLOW_ITEM.finditer(text[1:-1])
        return [
            _unescaped(each[1]) if each[1] else (each[2] or each[3] or "").strip() for each in items
        ]
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _unescaped(text[1:-1])
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return _COMMENT.sub("", text) if text[:1] not in "\"'" else text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": " "}.get(found[1], found[1]), text)
