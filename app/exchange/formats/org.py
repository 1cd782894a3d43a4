"""Org-mode of Emacs: a heading for each recipe, or for each part of the only one."""

import re
from collections.abc import Iterator

from app.exchange.drafts import OUTSIDE, Draft, Drafts, Unreadable
from app.exchange.text import pasted
from app.exchange.text.values import line_of, non_empty, tags_of
from app.exchange.text.vocabulary import heading_of

NO_RECIPE = "No recipe was found under this heading."
_KEYWORD = re.compile(r"\A#\+([a-z_]{1,30}):(.*)", re.IGNORECASE)
_HEADING = re.compile(r"\A(\*{1,6})[ \t]+(\S.*)")
_TAGS = re.compile(r"[ \t]:((?:[\w@#%]{1,40}:){1,20})\Z")
_PROPERTY = re.compile(r"\A[ \t]*+:([A-Za-z][\w-]{0,30}):(.*)")
_PROBED = 64 * 1024
_NAMES = {"source-url": "Source", "url": "Source", "prep-time": "Prep time", "yield": "Servings"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes of a text with `* Headings` and `#+KEYWORDS:` or `:PROPERTIES:`."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    beginning = text[:_PROBED].split("\n")
    is_org = any(_KEYWORD.match(line) or line.strip() == ":PROPERTIES:" for line in beginning)
    if not is_org or not any(map(_HEADING.match, beginning)):
        return None
    return _drafts(text.split("\n"))


def _drafts(lines: list[str]) -> Drafts:
    level = _level_of_parts(lines)
    if level == 1:
        title = next((each[2].strip() for line in lines if (each := _title(line))), "")
        yield from _read(title, [line for line in lines if not _title(line)], 1)
        return
    outside: list[str] = []
    card: list[str] | None = None
    title = ""
    for line in lines:
        found = _HEADING.fullmatch(line)
        if found and len(found[1]) < level:
            if card is not None:
                yield from _read(title, card, level)
            is_recipe = len(found[1]) == level - 1
            title, card = found[2], [] if is_recipe else None
            outside += [] if is_recipe else [line]
        elif card is not None:
            card.append(line)
        elif line.strip() and not _KEYWORD.match(line):
            outside.append(line)
    if card is not None:
        yield from _read(title, card, level)
    if outside:
        yield Unreadable(line_of(outside[0])[:80], OUTSIDE)


def _level_of_parts(lines: list[str]) -> int:
    """Return the level of the first heading such as "Ingredients"; 2 if there is none."""
    for line in lines:
        found = _HEADING.fullmatch(line)
        if found and heading_of(_TAGS.sub("", found[2])):
            return len(found[1])
    return 2


def _title(line: str) -> re.Match[str] | None:
    found = _KEYWORD.fullmatch(line)
    return found if found and found[1].lower() == "title" else None


def _read(title: str, lines: list[str], level: int) -> Iterator[Draft | Unreadable]:
    """Read one recipe as Markdown."""
    tags = _TAGS.search(title)
    name = _TAGS.sub("", title).strip()
    markdown = [f"# {name}", "", *(_markdown(line, level) for line in lines)]
    draft = next(pasted.read_text("\n".join(markdown)) or iter(()), None)
    if not isinstance(draft, Draft):
        yield Unreadable(name or None, NO_RECIPE)
        return
    more = tags_of("keyword", tags[1].replace(":", ",") if tags else None)
    yield Draft(draft.document | non_empty(tags=[*draft.document.get("tags", []), *more]))


def _markdown(line: str, level: int) -> str:
    if found := _HEADING.fullmatch(line):
        return f"{'#' * (2 + len(found[1]) - level)} {found[2]}"
    if line.strip().lower() in (":properties:", ":end:"):
        return ""
    if found := _PROPERTY.fullmatch(line):
        return f"{_NAMES.get(found[1].lower(), found[1])}: {found[2].strip()}"
    return line
