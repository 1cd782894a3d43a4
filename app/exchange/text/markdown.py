"""Split a text, which may be Markdown, into headings, list items and other lines."""

import re
from typing import NamedTuple

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_BULLET = re.compile(r"(\s*)(?:[-*•·▢☐◦–]|\[[ xX]?\])\s+(\S.*)|(\s*)[▢☐•]\s*(\S.*)")
_NUMBER = re.compile(
    r"(\s*)(?:(?:step|schritt|etape|étape|paso|passo)\s+)?(\d{1,3})[.):]\s+(\S.*)", re.IGNORECASE
)
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|\*\*|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`")
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.){1,500})\]\(<?([^<>()\s]{1,2048})>?\)")


class Line(NamedTuple):
    """A line, or a list item with its continuation lines."""

    kind: str
    """heading, bullet, number, rule, text or blank."""
    text: str
    number: int
    """The number of the line in the source."""
    level: int = 0


def is_markdown(text: str) -> bool:
    """Return whether a text has Markdown headings or bold facts."""
    return bool(re.search(r"^(?:#{1,6} \S|- \*\*)", text, re.MULTILINE))


def lines_of(text: str) -> list[Line]:
    """Return the lines of a text; consecutive blank lines count as one."""
    lines: list[tuple[Line, list[str]]] = []
    for number, raw in enumerate(text.split("\n")):
        line = _line(raw, number)
        is_after_blank = bool(lines) and lines[-1][0].kind == "blank"
        owner, more = (
            lines[-2 if is_after_blank and len(lines) > 1 else -1] if lines else (line, [])
        )
        if line.kind == "text" and raw[:2].isspace() and owner.kind in ("bullet", "number"):
            more += ["", line.text] if is_after_blank else [line.text]
            del lines[len(lines) - is_after_blank :]
        elif line.kind != "blank" or not is_after_blank:
            lines.append((line, []))
    return [line._replace(text="\n".join([line.text, *more])) for line, more in lines]


def unmarked(text: str) -> str:
    """Return a text without the marks of Markdown."""
    text = re.sub(r"\\\n", "\n", text)
    text = _LINK.sub(r"\1", text)
    return _ESCAPED.sub(lambda found: found[1] or "", text)


def link_in(text: str) -> tuple[str, str] | None:
    """Return the text and the URL of a text that is one link."""
    found = _LINK.fullmatch(text.strip())
    return (unmarked(found[1]), re.sub(r"\\(?=[<>\\&])", "", found[2])) if found else None


def _line(raw: str, number: int) -> Line:
    line = raw.rstrip()
    if not line.strip():
        return Line("blank", "", number)
    if _RULE.fullmatch(line):
        return Line("rule", "", number)
    if found := _HEADING.fullmatch(line.strip()):
        return Line("heading", found[2].rstrip("# "), number, len(found[1]))
    if found := _BULLET.fullmatch(line):
        return Line("bullet", found[2] or found[4], number)
    if found := _NUMBER.fullmatch(line):
        return Line("number", found[3], number)
    return Line("text", line.strip(), number)
