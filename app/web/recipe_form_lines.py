r"""The ingredients and steps of the edit form, each as the text of one field.

There is one ingredient per line, and one step per line or paragraph. A line such as
`For the sauce:` begins a section, `---` ends it, and a backslash keeps the line as it is.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from app.cooking.ingredients import heading_of, parse
from app.schemas.document import MAX_INGREDIENTS, MAX_LINE, MAX_STEPS
from app.schemas.types import Text

_Block = tuple[int, str]
"""A text and the number of its first line."""
_NO_SECTION = "---"
_NUMBERS = re.compile(r"\d+")
_NEAR = 10
"""Stored lines that a changed line is compared with."""
_ENDS_SECTION = re.compile("-{3,}")


class Item(NamedTuple):
    """An ingredient or a step, and its first line."""

    line: int
    member: Mapping[str, Any]


class _Written(NamedTuple):
    """The text of an ingredient or a step in the form."""

    line: int
    heading: str
    section: str | None
    text: str


class _Blocks:
    """Writes ingredients or steps as the text of a field, and reads it."""

    def __init__(
        self,
        most: int,
        joint: str,
        parts: Callable[[str], Iterable[_Block]],
        tidy: Callable[[str], str],
        new: Callable[[str, str | None], dict[str, Any]],
        hidden: Sequence[str],
    ) -> None:
        self._most = most
        self._joint = joint
        self._parts = parts
        self._tidy = tidy
        self._new = new
        self._hidden = hidden
        """The members that the text does not show."""

    def text_of(self, members: Iterable[Mapping[str, Any]]) -> str:
        """Write `members` as text."""
        members = list(members)
        known = _headings_of(members)
        heading = _NO_SECTION
        parts: list[str] = []
        for member in members:
            if (its := _heading_line(member["section"])) != heading:
                parts.append(f"\n{its}" if parts and self._joint == "\n" else its)
                heading = its
            parts.append(self._written(member, known))
        return self._joint.join(parts).strip()

    def read(self, text: str, stored: Sequence[Mapping[str, Any]]) -> list[Item]:
        """Read the text of a form that was based on `stored`.

        If there are too many, return one more than allowed, which validation refuses.
        """
        if text == self.text_of(stored):
            return [Item(1, member) for member in stored]
        known = _headings_of(stored)
        written = [*islice(_written_in(self._parts(text), known), self._most + 1)]
        kept, gone = self._kept(written, stored, known)
        items = []
        for index, each in enumerate(written):
            member = kept.get(index)
            if member is None:
                new = self._new(_unescaped(each.text.strip()), each.section)
                member = self._amended(new, gone)
            items.append(Item(each.line, member))
        return items

    def _amended(self, new: dict[str, Any], gone: list[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Give `new` the hidden members of the one in `gone` that it is a change of."""
        for index, old in enumerate(gone[:_NEAR]):
            if _is_alike(old["text"], new["text"]):
                # Skip the ones before it: order is kept.
                del gone[: index + 1]
                same_numbers = _NUMBERS.findall(old["text"]) == _NUMBERS.findall(new["text"])
                hidden = [name for name in self._hidden if name != "minutes" or same_numbers]
                return new | {name: old[name] for name in hidden if old.get(name)}
        return new

    def _kept(
        self,
        written: Sequence[_Written],
        stored: Iterable[Mapping[str, Any]],
        known: Mapping[str, str | None],
    ) -> tuple[dict[int, Mapping[str, Any]], list[Mapping[str, Any]]]:
        """Return the unchanged members by their index, and the stored ones that are missing.

        An unchanged member may have moved to another section.
        """
        unused: dict[Any, deque[Mapping[str, Any]]] = defaultdict(deque)
        stored = list(stored)
        for member in stored:
            key = _heading_line(member["section"]), _key(self._written(member, known))
            unused[key].append(member)
        kept: dict[int, Mapping[str, Any]] = {}
        for index, each in enumerate(written):
            if found := unused[each.heading, _key(each.text)]:
                kept[index] = found.popleft()
        moved: dict[str, deque[Mapping[str, Any]]] = defaultdict(deque)
        for (_, text), members in unused.items():
            moved[text] += members
        for index, each in enumerate(written):
            if index not in kept and (found := moved[_key(each.text)]):
                kept[index] = {**found.popleft(), "section": each.section}
        left = {id(member) for members in moved.values() for member in members}
        return kept, [member for member in stored if id(member) in left]

    def _written(self, member: Mapping[str, Any], known: Mapping[str, str | None]) -> str:
        return _escaped(self._tidy(member["text"]), known)


def _lines(text: str) -> list[_Block]:
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    return [(number, line) for number, line in lines if line]


def _paragraphs(text: str) -> Iterable[_Block]:
    """Split at blank lines, or at each line if there are none."""
    lines = [*enumerate(text.split("\n"), 1)]
    if all(line.strip() not in ("", "\\") for _, line in lines):
        return _lines(text)
    parts = groupby(lines, key=lambda line: bool(line[1].strip()))
    paragraphs = ([*run] for is_text, run in parts if is_text)
    return [(run[0][0], "\n".join(line for _, line in run)) for run in paragraphs]


def _ingredient(text: str, section: str | None) -> dict[str, Any]:
    try:
        return parse(Text(MAX_LINE).check(text)) | {"section": section}
    except ValueError:
        return {"text": text, "section": section}  # Validation refuses it.


def _step(text: str, section: str | None) -> dict[str, Any]:
    return {"text": text, "section": section}


INGREDIENTS = _Blocks(
    MAX_INGREDIENTS, "\n", _lines, lambda text: one_line(text).strip(), _ingredient, ["optional"]
)
STEPS = _Blocks(MAX_STEPS, "\n\n", _paragraphs, str.strip, _step, ["name", "minutes"])


def _is_alike(old: str, new: str) -> bool:
    """Return whether two texts have most of their words in common."""
    words, others = set(old.casefold().split()), set(new.casefold().split())
    return 2 * len(words & others) > max(len(words), len(others))


def _written_in(blocks: Iterable[_Block], known: Mapping[str, str | None]) -> Iterator[_Written]:
    """Assign texts to their headings. A heading with nothing below it is kept as a text."""
    heading, section = _NO_SECTION, None
    bare: _Written | None = None
    for number, block in blocks:
        lines = block.split("\n")
        place = 0
        while place < len(lines) and (found := _heading(lines[place].strip(), known)):
            if bare is not None:
                yield bare
            first = lines[place]
            heading, section = found
            is_end = heading == _NO_SECTION
            bare = None if is_end else _Written(number, _NO_SECTION, None, first.strip())
            number += 1
            place += 1
        if rest := "\n".join(lines[place:]):
            yield _Written(number, heading, section, rest)
            bare = None
    if bare is not None:
        yield bare


def _heading(line: str, known: Mapping[str, str | None]) -> tuple[str, str | None] | None:
    """Return the normalised heading of a line and its section, or None if it is no heading."""
    if line in known:
        return line, known[line]
    if _ENDS_SECTION.fullmatch(line):
        return _NO_SECTION, None
    name = None if line.startswith("\\") else heading_of(line)
    if name is None:
        return None
    heading = _heading_line(name)
    return heading, known.get(heading, name)


def _headings_of(members: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    known: dict[str, str | None] = {_NO_SECTION: None}
    for member in members:
        known.setdefault(_heading_line(member["section"]), member["section"])
    return known


def _heading_line(section: str | None) -> str:
    name = " ".join((section or "").split())
    if not name:
        return _NO_SECTION
    is_read = not name.startswith("\\") and heading_of(f"{name}:") == name
    return f"{name}:" if is_read else f"# {name}"


def _escaped(text: str, known: Mapping[str, str | None]) -> str:
    first, *rest = (
        "\\" if not line.strip() else f"\\{line}" if line.startswith("\\") else line
        for line in text.split("\n")
    )
    if _heading(first.strip(), known):
        first = f"\\{first}"
    return "\n".join([first, *rest])


def _unescaped(text: str) -> str:
    return "\n".join(line.removeprefix("\\") for line in text.split("\n"))


def _key(written: str) -> str:
    """Return a text as it is compared: browsers lose white space at the ends of lines."""
    return "\n".join(line.strip() for line in written.split("\n")).strip()


def one_line(text: str | None) -> str:
    """Replace line ends, which a field of one line loses."""
    return (text or "").replace("\n", " ")
